// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upper filesystems: which ones make everything durable if the data of some
 * files is written and waited for and sync_fs() is called, and what more they
 * need. What each entry relies on is said above the table.
 */

#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/pagemap.h>
#include <linux/string.h>
#include <linux/writeback.h>
#include "sync_internal.h"

/* From Documentation/filesystems/ext4/super.rst */
#define OVL_EXT4_SB_OFFSET	1024
#define OVL_EXT4_SB_MAGIC	0x38
#define OVL_EXT4_SB_COMPAT	0x5c
#define OVL_EXT4_SB_INCOMPAT	0x60
#define OVL_EXT4_SB_JOURNAL_INO	0xe0
#define OVL_EXT4_HAS_JOURNAL	0x4
#define OVL_EXT4_RECOVER	0x4

enum ovl_ext4_journal {
	OVL_EXT4_UNKNOWN,
	OVL_EXT4_NO_JOURNAL,
	OVL_EXT4_INTERNAL_JOURNAL,
	OVL_EXT4_EXTERNAL_JOURNAL,
};

/*
 * The super block tells, whose buffer ext4 holds: "needs recovery" is set while
 * ext4 is mounted read-write and uses its journal. If there is one, and this is
 * not set, then the journal is not used (-o noload), or ext4 is frozen, or uses
 * another copy of the super block (-o sb=): not known.
 */
static enum ovl_ext4_journal ovl_ext4_journal(struct super_block *sb)
{
	enum ovl_ext4_journal ret = OVL_EXT4_UNKNOWN;
	struct buffer_head *bh;
	char *es;

	/* Nor need there be an sb_bread() then. */
	if (!IS_ENABLED(CONFIG_EXT4_FS))
		return ret;

	bh = sb_bread(sb, OVL_EXT4_SB_OFFSET / sb->s_blocksize);
	if (!bh)
		return ret;

	es = bh->b_data + OVL_EXT4_SB_OFFSET % sb->s_blocksize;
	if (le16_to_cpup((__le16 *)(es + OVL_EXT4_SB_MAGIC)) != EXT4_SUPER_MAGIC)
		goto out;
	if (!(le32_to_cpup((__le32 *)(es + OVL_EXT4_SB_COMPAT)) & OVL_EXT4_HAS_JOURNAL))
		ret = OVL_EXT4_NO_JOURNAL;
	else if (!(le32_to_cpup((__le32 *)(es + OVL_EXT4_SB_INCOMPAT)) & OVL_EXT4_RECOVER))
		ret = OVL_EXT4_UNKNOWN;
	else if (le32_to_cpup((__le32 *)(es + OVL_EXT4_SB_JOURNAL_INO)))
		ret = OVL_EXT4_INTERNAL_JOURNAL;
	else
		ret = OVL_EXT4_EXTERNAL_JOURNAL;
out:
	brelse(bh);

	return ret;
}

static bool ovl_ext4_is_internal(struct super_block *sb)
{
	return ovl_ext4_journal(sb) == OVL_EXT4_INTERNAL_JOURNAL;
}

static bool ovl_ext4_is_external(struct super_block *sb)
{
	return ovl_ext4_journal(sb) == OVL_EXT4_EXTERNAL_JOURNAL;
}

static bool ovl_ext4_is_without(struct super_block *sb)
{
	return ovl_ext4_journal(sb) == OVL_EXT4_NO_JOURNAL;
}

/*
 * After a shutdown, or a journal abort that ext4 has noticed, ext4_sync_fs()
 * does nothing and returns 0. ext4_write_inode() returns -EIO, and does nothing
 * else if not WB_SYNC_ALL.
 */
static int ovl_ext4_check(struct super_block *sb)
{
	struct writeback_control wbc = { .sync_mode = WB_SYNC_NONE };

	return sb->s_op->write_inode(d_inode(sb->s_root), &wbc);
}

/*
 * Nobody calls sync_fs() of a filesystem that is read-only, though it knows. btrfs:
 * an aborted transaction made it so, and whoever wants to attach to one is told;
 * without an error there is none to commit. xfs: it was forced to be so, and the
 * log may have been shut down before, or hold what open files were used for since.
 */
static int ovl_rdonly_check(struct super_block *sb)
{
	return sb_rdonly(sb) ? sb->s_op->sync_fs(sb, 1) : 0;
}

/*
 * ext4: ext4_sync_fs() commits the running transaction, and flushes the device
 * itself if the commit would not; but of two devices, only that of the journal.
 * Without a journal it flushes only, so all buffers must be down before that.
 * ext4_writepages() reserves credits of the journal until the data is down; if
 * very many wait for some, jbd2 wakes all of them whenever one is done, or tries.
 *
 * xfs: xfs_fs_sync_fs() forces the log. If the log is clean, because somebody
 * else's fsync forced it since, overwritten data stays in the device's cache.
 * An external log does not change that. As ever, nobody but fsync flushes a
 * realtime device. Of folios that it cannot submit, iomap_writepages() ends
 * writeback first, and sets the error after that.
 *
 * btrfs: btrfs_sync_fs() waits for ordered extents, commits the transaction
 * and flushes. With compression a worker makes the ordered extents: see
 * btrfs_fdatawrite_range(). Phase 0 only starts to write the dirty blocks of the
 * tree, which the commit then changes, so copies, and writes once more.
 *
 * tmpfs: nothing is durable, and nothing to be done.
 */
static const struct ovl_upper_fs ovl_upper_fs_table[] = {
	{
		.name = "ext4",
		.is = ovl_ext4_is_internal,
		.check = ovl_ext4_check,
		.buffer_errors = true,
		.slots = true,
	}, {
		.name = "ext4",
		.is = ovl_ext4_is_external,
		.check = ovl_ext4_check,
		.flush = true,
		.slots = true,
	}, {
		.name = "ext4",
		.is = ovl_ext4_is_without,
		.check = ovl_ext4_check,
		.buffers = true,
		.buffer_errors = true,
	}, {
		.name = "xfs",
		.check = ovl_rdonly_check,
		.flush = true,
		.late_error = true,
	}, {
		.name = "btrfs",
		.check = ovl_rdonly_check,
		.resubmit = true,
		.late_error = true,
		.phase_1_only = true,
	}, {
		.name = "tmpfs",
	},
};

/**
 * ovl_upper_fs_find - what is known about an upper filesystem
 * @upper_sb: its super block, mounted read-write
 *
 * Context: May sleep.
 * Return: NULL if only sync_filesystem() is known to be enough.
 */
const struct ovl_upper_fs *ovl_upper_fs_find(struct super_block *upper_sb)
{
	const struct ovl_upper_fs *fs;
	int i;

	for (i = 0; i < ARRAY_SIZE(ovl_upper_fs_table); i++) {
		fs = &ovl_upper_fs_table[i];
		if (!strcmp(upper_sb->s_type->name, fs->name) &&
		    (!fs->is || fs->is(upper_sb)))
			return fs;
	}
	return NULL;
}

/**
 * ovl_upper_fs_sync - make metadata and what was written durable
 * @fs: what is known about the upper filesystem
 * @upper_sb: its super block, not read-only
 *
 * The two phases of sync_fs() come back to back and after the data is down: if
 * phase 0 came earlier, ext4 would commit once for it and once more for what
 * writing the data changed. btrfs gets phase 1 only. The block device's page
 * cache is written only where no journal or log makes metadata durable, before
 * phase 1, which flushes; its errors are told by ovl_upper_fs_error().
 *
 * Context: May sleep, for I/O. The caller holds s_umount of @upper_sb.
 * Return: 0 or an error.
 */
int ovl_upper_fs_sync(const struct ovl_upper_fs *fs,
		      struct super_block *upper_sb)
{
	int (*sync_fs)(struct super_block *sb, int wait) = upper_sb->s_op->sync_fs;
	int ret = 0;

	if (!sync_fs)
		return 0;

	if (!fs->phase_1_only)
		ret = sync_fs(upper_sb, 0);
	if (!ret && fs->buffers) {
		ret = filemap_fdatawrite(upper_sb->s_bdev->bd_mapping);
		filemap_fdatawait_keep_errors(upper_sb->s_bdev->bd_mapping);
	}
	if (!ret)
		ret = sync_fs(upper_sb, 1);
	if (!ret && fs->flush)
		ret = blkdev_issue_flush(upper_sb->s_bdev);

	return ret;
}

static errseq_t *ovl_upper_fs_wb_err(const struct ovl_upper_fs *fs,
				     struct super_block *upper_sb)
{
	if (!fs || !fs->buffer_errors)
		return NULL;
	return &upper_sb->s_bdev->bd_mapping->wb_err;
}

/**
 * ovl_upper_fs_sample_error - from when on errors of metadata are to be told
 * @fs: what is known about the upper filesystem; may be NULL
 * @upper_sb: its super block
 *
 * Return: where ovl_upper_fs_error() is to start from.
 */
errseq_t ovl_upper_fs_sample_error(const struct ovl_upper_fs *fs,
				   struct super_block *upper_sb)
{
	errseq_t *wb_err = ovl_upper_fs_wb_err(fs, upper_sb);

	return wb_err ? errseq_sample(wb_err) : 0;
}

/**
 * ovl_upper_fs_error - whether metadata was lost that everybody shares
 * @fs: what is known about the upper filesystem; may be NULL
 * @upper_sb: its super block
 * @since: up to which error the overlay was told; is advanced
 *
 * That of ext4 without a journal, or the super block in which an aborted
 * journal leaves its mark, which is how a commit that failed between the two
 * phases of ext4_sync_fs() is noticed. Nobody can say whose it was, so each
 * overlay is told.
 *
 * Context: Callers with the same @since exclude each other.
 * Return: 0 or the error.
 */
int ovl_upper_fs_error(const struct ovl_upper_fs *fs,
		       struct super_block *upper_sb, errseq_t *since)
{
	errseq_t *wb_err = ovl_upper_fs_wb_err(fs, upper_sb);

	return wb_err ? errseq_check_and_advance(wb_err, since) : 0;
}
