// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-overlay sync.
 *
 * A "suspect" is an upper inode that may hold modifications made through this
 * overlay that sync_fs() of the upper filesystem would not make durable: dirty
 * page cache, and times of a written file that lazytime holds back. Everything
 * else (names, attributes, xattrs, extents) is in the journal of the
 * filesystems in ovl_upper_fs_table, and durable after their sync_fs().
 *
 * The rule, which is the whole of the proof:
 *
 *   R1. Whoever is about to dirty the page cache of an upper inode through this
 *       overlay first gets write access to it (i_writecount), then calls
 *       ovl_suspect_add(), and only then dirties it; he gives up write access
 *       after the mapping's tags show what he has dirtied. A writable shared
 *       mapping holds its file, hence write access. Two dirty pages without it:
 *       copy up, which adds the inode before anybody can see that it is done
 *       (ovl_suspect_add_dirty()), and I/O into pages that were pinned through
 *       a mapping, which may end when the mapping is gone. New pins need a
 *       mapping; old ones are looked for (ovl_walk_check_pins()).
 *
 *   R2. A suspect is dropped under ui->lock, if its inode is found not open for
 *       write and without pinned pages first, clean after that, and its write
 *       errors are read last.
 *
 * If the check of R2 finds the inode not open for write, every earlier writer
 * is done and shows in the mapping's tags, and every later one still has to
 * pass ovl_suspect_add(), which waits for ui->lock and then adds the inode
 * anew. So an inode with such modifications is always a suspect.
 *
 *   R3. A dirty suspect is dropped only if nobody can ever see what it has: it
 *       has no links, and its overlay inode is gone.
 *
 * Lifetime: a suspect owns a reference to its *upper* inode and knows nothing
 * of overlay inodes. Eviction of an overlay inode leaves a dirty suspect where
 * it is; it never writes and never waits. Suspects end when a sync or the
 * reaper finds them clean, by R3, or at unmount.
 *
 * Lock order: s_umount of the overlay; s_sync_lock of the overlay; whatever
 * the upper filesystem takes to write; ui->lock.
 */

#include <linux/backing-dev.h>
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/slab.h>
#include <linux/writeback.h>
#include <linux/xattr.h>
#include "overlayfs.h"

/* How long a suspect that became clean stays at most when nobody syncs. */
#define OVL_REAP_DELAY	(5 * HZ)

static bool ovl_sync_own = true;
module_param_named(sync_upper_inodes, ovl_sync_own, bool, 0644);
MODULE_PARM_DESC(sync_upper_inodes,
		 "Sync only the upper inodes modified through this overlay");

/**
 * struct ovl_suspect - an upper inode that may hold un-synced modifications
 * @node: in ovl_upper_inodes.tree
 * @list: on one of the three lists of ovl_upper_inodes
 * @upper: the upper inode, with a reference that belongs to the suspect
 * @wb_err: the error of the mapping up to which the overlay was told
 * @mapped: was mapped shared and writable; pages may be pinned
 * @remapped: the same, since ovl_walk_check_pins() began to look for pins
 */
struct ovl_suspect {
	struct rb_node node;
	struct list_head list;
	struct inode *upper;
	errseq_t wb_err;
	bool mapped;
	bool remapped;
};

static struct kmem_cache *ovl_suspect_cachep;

/**
 * struct ovl_upper_fs - an upper filesystem for which per-overlay sync is enough
 * @name: of its file_system_type
 * @covers: whether that is so for this instance; NULL if for all
 * @check: 0, or the error that keeps this instance from writing anything, if
 *	sync_fs() does not tell; NULL if it does
 * @flush: sync_fs() does not flush the device's cache if its log is clean
 *
 * What must hold to be listed: after the data of a file has been written and
 * waited for, sync_fs(1) makes it durable together with all metadata changed
 * before, without sync_blockdev().
 */
struct ovl_upper_fs {
	const char *name;
	bool (*covers)(struct super_block *sb);
	int (*check)(struct super_block *sb);
	bool flush;
};

/* From Documentation/filesystems/ext4/super.rst */
#define OVL_EXT4_SB_OFFSET	1024
#define OVL_EXT4_SB_MAGIC	0x38
#define OVL_EXT4_SB_INCOMPAT	0x60
#define OVL_EXT4_SB_JOURNAL_INO	0xe0
#define OVL_EXT4_RECOVER	0x4

/*
 * Is there a journal, and on the same device? The on-disk super block tells,
 * whose buffer ext4 holds: "needs recovery" is set as long as ext4 is mounted
 * read-write with a journal, which HAS_JOURNAL does not say (-o noload). With
 * an external journal a commit need not flush the device that has the data.
 */
static bool ovl_ext4_covers(struct super_block *sb)
{
	struct buffer_head *bh;
	char *es;
	bool ret;

	bh = sb_bread(sb, OVL_EXT4_SB_OFFSET / sb->s_blocksize);
	if (!bh)
		return false;

	es = bh->b_data + OVL_EXT4_SB_OFFSET % sb->s_blocksize;
	ret = le16_to_cpup((__le16 *)(es + OVL_EXT4_SB_MAGIC)) == EXT4_SUPER_MAGIC &&
	      le32_to_cpup((__le32 *)(es + OVL_EXT4_SB_INCOMPAT)) & OVL_EXT4_RECOVER &&
	      le32_to_cpup((__le32 *)(es + OVL_EXT4_SB_JOURNAL_INO));
	brelse(bh);

	return ret;
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
 * ext4: ext4_sync_fs() commits the running transaction, and flushes the device
 * itself if the commit would not.
 *
 * xfs: xfs_fs_sync_fs() forces the log. If the log is clean, because somebody
 * else's fsync forced it since, overwritten data stays in the device's cache.
 * As ever, nobody but fsync flushes a realtime device.
 */
static const struct ovl_upper_fs ovl_upper_fs_table[] = {
	{ .name = "ext4", .covers = ovl_ext4_covers, .check = ovl_ext4_check },
	{ .name = "xfs", .flush = true },
};

static const struct ovl_upper_fs *ovl_upper_fs_find(struct super_block *upper_sb)
{
	const struct ovl_upper_fs *fs;
	int i;

	for (i = 0; i < ARRAY_SIZE(ovl_upper_fs_table); i++) {
		fs = &ovl_upper_fs_table[i];
		if (!strcmp(upper_sb->s_type->name, fs->name) &&
		    (!fs->covers || fs->covers(upper_sb)))
			return fs;
	}
	return NULL;
}

static int ovl_suspect_cmp(const void *upper, const struct rb_node *node)
{
	const struct ovl_suspect *s = rb_entry(node, struct ovl_suspect, node);

	if (upper == s->upper)
		return 0;
	return (unsigned long)upper < (unsigned long)s->upper ? -1 : 1;
}

static bool ovl_suspect_less(struct rb_node *new, const struct rb_node *node)
{
	return ovl_suspect_cmp(rb_entry(new, struct ovl_suspect, node)->upper,
			       node) < 0;
}

static struct ovl_suspect *ovl_suspect_find(struct ovl_upper_inodes *ui,
					    const struct inode *upper)
{
	lockdep_assert_held(&ui->lock);

	return rb_entry_safe(rb_find(upper, &ui->tree, ovl_suspect_cmp),
			     struct ovl_suspect, node);
}

/* Both tags in one look: a page may go from either to the other meanwhile. */
static bool ovl_mapping_dirty(struct address_space *mapping)
{
	return READ_ONCE(mapping->i_pages.xa_flags) &
	       (XA_FLAGS_MARK(PAGECACHE_TAG_DIRTY) |
		XA_FLAGS_MARK(PAGECACHE_TAG_WRITEBACK));
}

/* The check of R2, but for the errors: see ovl_suspect_report() */
static bool ovl_suspect_is_clean(struct ovl_upper_inodes *ui,
				 const struct ovl_suspect *s)
{
	lockdep_assert_held(&ui->lock);

	if (inode_is_open_for_write(s->upper) || s->mapped)
		return false;
	/*
	 * Not open for write first, clean after that: pairs with the barriers
	 * between dirtying and put_write_access(), which are that of fput()
	 * and the one in ovl_setattr().
	 */
	smp_rmb();
	if (ovl_mapping_dirty(s->upper->i_mapping))
		return false;
	/* The flusher may have an error to set yet while it has I_SYNC. */
	smp_rmb();
	return !(READ_ONCE(s->upper->i_state) & (I_SYNC | I_DIRTY_TIME));
}

/*
 * Tell the overlay of a write error that its mapping saw: syncfs(2) reports
 * s_wb_err once to each descriptor opened before. Call it after the inode was
 * found clean: writeback sets the error before it clears its tag.
 *
 * If this is a sync, somebody is told now, and the mapping's error is a seen
 * one, as after an fsync; if not, it is left for the next fsync to see. The
 * price: each time the inode is a suspect again before anybody calls fsync,
 * the overlay is told of it once more, until a sync does the telling.
 */
static int ovl_suspect_report(struct ovl_upper_inodes *ui, struct ovl_suspect *s,
			      bool sync)
{
	errseq_t *wb_err = &s->upper->i_mapping->wb_err;
	int err;

	lockdep_assert_held(&ui->lock);

	/* Found clean first, errors after that */
	smp_rmb();
	err = sync ? errseq_check_and_advance(wb_err, &s->wb_err) :
		     errseq_check(wb_err, s->wb_err);
	if (err)
		errseq_set(&ui->sb->s_wb_err, err);
	return err;
}

static void ovl_suspect_unlink(struct ovl_upper_inodes *ui, struct ovl_suspect *s)
{
	lockdep_assert_held(&ui->lock);

	rb_erase(&s->node, &ui->tree);
	list_del(&s->list);
}

static void ovl_suspect_free(struct ovl_suspect *s)
{
	iput(s->upper);
	kmem_cache_free(ovl_suspect_cachep, s);
}

/**
 * ovl_suspect_add - an upper inode is about to be modified through the overlay
 * @sb: the overlay's super block
 * @upper: a regular upper inode
 *
 * Without memory, every sync of this overlay is a whole-upper sync from now on:
 * a suspect that is not recorded must not be one that is not synced.
 *
 * Context: May sleep. The caller holds a reference to @upper and has write
 * access to it (R1), or knows that nobody is writing to it.
 */
void ovl_suspect_add(struct super_block *sb, struct inode *upper)
{
	struct ovl_fs *ofs = OVL_FS(sb);
	struct ovl_upper_inodes *ui = &ofs->upper_inodes;
	struct ovl_suspect *new = NULL;
	bool first;

	if (!ovl_should_sync(ofs))
		return;
again:
	spin_lock(&ui->lock);
	if (ovl_suspect_find(ui, upper)) {
		spin_unlock(&ui->lock);
		if (new)
			kmem_cache_free(ovl_suspect_cachep, new);
		return;
	}
	if (!new) {
		spin_unlock(&ui->lock);
		new = kmem_cache_zalloc(ovl_suspect_cachep, GFP_KERNEL);
		if (new)
			goto again;
		WRITE_ONCE(ui->untracked, true);
		pr_warn_once("no memory to track upper inodes, syncing the whole upper fs until unmount.\n");
		return;
	}
	ihold(upper);
	new->upper = upper;
	new->wb_err = errseq_sample(&upper->i_mapping->wb_err);
	first = RB_EMPTY_ROOT(&ui->tree);
	rb_add(&new->node, &ui->tree, ovl_suspect_less);
	list_add_tail(&new->list, &ui->list);
	spin_unlock(&ui->lock);

	if (first)
		queue_delayed_work(system_unbound_wq, &ui->reaper,
				   OVL_REAP_DELAY);
}

/**
 * ovl_suspect_mmap - a real file is mapped
 * @sb: the overlay's super block
 * @vma: the new mapping, of a file of the overlay
 * @real: the real file, open for write if the mapping can be written to
 *
 * Context: mmap_lock is held.
 */
void ovl_suspect_mmap(struct super_block *sb, struct vm_area_struct *vma,
		      struct file *real)
{
	struct ovl_upper_inodes *ui = &OVL_FS(sb)->upper_inodes;
	struct ovl_suspect *s;

	if (!(vma->vm_flags & VM_SHARED) || !(vma->vm_flags & VM_MAYWRITE))
		return;

	spin_lock(&ui->lock);
	s = ovl_suspect_find(ui, file_inode(real));
	if (s) {
		s->mapped = true;
		s->remapped = true;
	}
	spin_unlock(&ui->lock);
}

/**
 * ovl_suspect_add_dirty - an upper inode becomes part of the overlay
 * @sb: the overlay's super block
 * @upper: the upper inode, of any type
 *
 * It may be dirty already: from copy up, or from before the mount.
 *
 * Context: May sleep. The caller holds a reference to @upper, and nobody can
 * write to it through the overlay yet.
 */
void ovl_suspect_add_dirty(struct super_block *sb, struct inode *upper)
{
	if (S_ISREG(upper->i_mode) &&
	    (ovl_mapping_dirty(upper->i_mapping) ||
	     READ_ONCE(upper->i_state) & I_DIRTY_TIME))
		ovl_suspect_add(sb, upper);
}

/**
 * ovl_suspect_evict - an overlay inode goes
 * @inode: the overlay inode, not yet parted from its upper inode
 *
 * A suspect that is clean, or whose inode has no name any more and so no
 * future, goes with it. Any other stays, to be synced as before.
 *
 * Context: May be in reclaim. Takes only ui->lock; the reference that goes is
 * never the last, since @inode still holds the upper dentry.
 */
void ovl_suspect_evict(struct inode *inode)
{
	struct inode *upper = ovl_inode_upper(inode);
	struct ovl_upper_inodes *ui;
	struct ovl_suspect *s;

	if (!upper || !S_ISREG(upper->i_mode))
		return;

	ui = &OVL_FS(inode->i_sb)->upper_inodes;
	/* If it was added, then by somebody who held @inode: we'd see that. */
	if (RB_EMPTY_ROOT(&ui->tree))
		return;

	spin_lock(&ui->lock);
	s = ovl_suspect_find(ui, upper);
	if (s && upper->i_nlink && !ovl_suspect_is_clean(ui, s))
		s = NULL;
	if (s) {
		ovl_suspect_report(ui, s, false);
		ovl_suspect_unlink(ui, s);
	}
	spin_unlock(&ui->lock);

	if (s)
		ovl_suspect_free(s);
}

/*
 * Start a walk: what is on the list now is the whole of it, so that a walk
 * ends although suspects are added or stay.
 */
static void ovl_walk_start(struct ovl_upper_inodes *ui)
{
	lockdep_assert_held(&ui->sb->s_sync_lock);

	spin_lock(&ui->lock);
	list_splice_init(&ui->list, &ui->submit);
	spin_unlock(&ui->lock);
}

/*
 * Move the first suspect of @from to the end of @to, and return its upper
 * inode with a reference: the suspect itself may go while it is written.
 */
static struct inode *ovl_walk_next(struct ovl_upper_inodes *ui,
				   struct list_head *from, struct list_head *to)
{
	struct inode *upper = NULL;
	struct ovl_suspect *s;

	lockdep_assert_held(&ui->sb->s_sync_lock);
	cond_resched();

	spin_lock(&ui->lock);
	s = list_first_entry_or_null(from, struct ovl_suspect, list);
	if (s) {
		list_move_tail(&s->list, to);
		upper = s->upper;
		ihold(upper);
	}
	spin_unlock(&ui->lock);

	return upper;
}

/* Whether a page is pinned; or may be: a page with very many users looks so */
static bool ovl_mapping_pinned(struct address_space *mapping)
{
	struct folio_batch batch;
	pgoff_t index = 0;
	bool pinned = false;
	unsigned int i;

	folio_batch_init(&batch);
	while (!pinned && filemap_get_folios(mapping, &index, -1, &batch)) {
		for (i = 0; i < folio_batch_count(&batch); i++)
			pinned |= folio_maybe_dma_pinned(batch.folios[i]);
		folio_batch_release(&batch);
		cond_resched();
	}

	return pinned;
}

/*
 * An inode that was mapped, is not any more, and has no pinned pages, gets
 * none unless it is mapped again. The page is dirtied before it is unpinned.
 */
static void ovl_walk_check_pins(struct ovl_upper_inodes *ui, struct inode *upper)
{
	struct ovl_suspect *s;
	bool look;

	spin_lock(&ui->lock);
	s = ovl_suspect_find(ui, upper);
	look = s && s->mapped && !inode_is_open_for_write(upper);
	if (look)
		s->remapped = false;
	spin_unlock(&ui->lock);

	if (!look)
		return;
	/* Not open for write first, pins after that ... */
	smp_rmb();
	if (ovl_mapping_pinned(upper->i_mapping))
		return;
	/* ... and tags last */
	smp_rmb();

	spin_lock(&ui->lock);
	s = ovl_suspect_find(ui, upper);
	if (s && !s->remapped)
		s->mapped = false;
	spin_unlock(&ui->lock);
}

/*
 * Into the journal, but without a commit for each inode. A frozen filesystem
 * has been synced; one that is being frozen will be.
 */
static void ovl_walk_log_times(struct inode *upper)
{
	if (READ_ONCE(upper->i_state) & I_DIRTY_TIME &&
	    sb_start_write_trylock(upper->i_sb)) {
		mark_inode_dirty_sync(upper);
		sb_end_write(upper->i_sb);
	}
}

/*
 * Drop the suspect of @upper if it is one no more, and the walk's reference.
 * Of an inode without links (R3) its overlay inode is gone if nobody but the
 * suspect and the walk has a reference.
 */
static int ovl_walk_settle(struct ovl_upper_inodes *ui, struct inode *upper,
			   bool sync)
{
	struct ovl_suspect *s;
	bool drop;
	int err = 0;

	ovl_walk_check_pins(ui, upper);
	if (sync || !inode_is_open_for_write(upper))
		ovl_walk_log_times(upper);

	spin_lock(&ui->lock);
	s = ovl_suspect_find(ui, upper);
	if (s) {
		drop = ovl_suspect_is_clean(ui, s) ||
		       (!upper->i_nlink && atomic_read(&upper->i_count) == 2);
		if (sync || drop)
			err = ovl_suspect_report(ui, s, sync);
		if (drop)
			ovl_suspect_unlink(ui, s);
		else
			s = NULL;
	}
	spin_unlock(&ui->lock);

	if (s)
		ovl_suspect_free(s);
	iput(upper);

	return err;
}

/* Phase 0: start writing. Phase 1 writes it all, if the lock is taken now. */
static void ovl_start_suspects(struct ovl_upper_inodes *ui)
{
	struct blk_plug plug;
	struct inode *upper;

	if (!mutex_trylock(&ui->sb->s_sync_lock))
		return;

	ovl_walk_start(ui);
	blk_start_plug(&plug);
	while ((upper = ovl_walk_next(ui, &ui->submit, &ui->list))) {
		filemap_flush(upper->i_mapping);
		iput(upper);
	}
	blk_finish_plug(&plug);
	mutex_unlock(&ui->sb->s_sync_lock);
}

/*
 * Phase 1: write everything, then wait for everything in the same order. A
 * second caller waits for the lock, so for what the first has submitted, and
 * then does what the first has not.
 */
static int ovl_write_suspects(struct ovl_upper_inodes *ui)
{
	struct blk_plug plug;
	struct inode *upper;
	int err, ret = 0;

	mutex_lock(&ui->sb->s_sync_lock);

	ovl_walk_start(ui);
	blk_start_plug(&plug);
	while ((upper = ovl_walk_next(ui, &ui->submit, &ui->wait))) {
		err = filemap_fdatawrite(upper->i_mapping);
		if (err) {
			/* Not every such error reaches the mapping. */
			errseq_set(&ui->sb->s_wb_err, err);
			ret = ret ?: err;
		}
		iput(upper);
	}
	blk_finish_plug(&plug);

	while ((upper = ovl_walk_next(ui, &ui->wait, &ui->list))) {
		filemap_fdatawait_keep_errors(upper->i_mapping);
		err = ovl_walk_settle(ui, upper, true);
		ret = ret ?: err;
	}

	mutex_unlock(&ui->sb->s_sync_lock);

	return ret;
}

/* Drop the suspects that are none any more, and tell of errors. */
static int ovl_settle_suspects(struct ovl_upper_inodes *ui, bool sync)
{
	struct inode *upper;
	int err, ret = 0;

	ovl_walk_start(ui);
	while ((upper = ovl_walk_next(ui, &ui->submit, &ui->list))) {
		err = ovl_walk_settle(ui, upper, sync);
		ret = ret ?: err;
	}

	return ret;
}

static void ovl_reap_suspects(struct work_struct *work)
{
	struct ovl_upper_inodes *ui = container_of(to_delayed_work(work),
						   struct ovl_upper_inodes,
						   reaper);
	bool more;

	/* A sync that holds the lock does the same. */
	if (mutex_trylock(&ui->sb->s_sync_lock)) {
		ovl_settle_suspects(ui, false);
		mutex_unlock(&ui->sb->s_sync_lock);
	}

	/* Under the lock: ovl_suspect_add() arms if it finds the tree empty. */
	spin_lock(&ui->lock);
	more = !RB_EMPTY_ROOT(&ui->tree);
	spin_unlock(&ui->lock);
	if (more)
		queue_delayed_work(system_unbound_wq, &ui->reaper,
				   OVL_REAP_DELAY);
}

static bool ovl_suspects_dirty(struct ovl_upper_inodes *ui)
{
	struct rb_node *node;
	bool dirty = false;

	spin_lock(&ui->lock);
	for (node = rb_first(&ui->tree); node && !dirty; node = rb_next(node))
		dirty = ovl_mapping_dirty(rb_entry(node, struct ovl_suspect,
						   node)->upper->i_mapping);
	spin_unlock(&ui->lock);

	return dirty;
}

/*
 * The upper's own two phases, back to back and after the data is down: if
 * phase 0 came earlier, ext4 would commit once for it and once more for what
 * writing the data changed. No sync_blockdev(): see struct ovl_upper_fs.
 */
static int ovl_sync_upper_fs(const struct ovl_upper_fs *fs,
			     struct super_block *upper_sb)
{
	int ret;

	ret = upper_sb->s_op->sync_fs(upper_sb, 0);
	if (!ret)
		ret = upper_sb->s_op->sync_fs(upper_sb, 1);
	if (!ret && fs->flush)
		ret = blkdev_issue_flush(upper_sb->s_bdev);

	return ret;
}

/* For those who would otherwise be told that nothing was left to do. */
static int ovl_check_upper_fs(struct ovl_upper_inodes *ui,
			      struct super_block *upper_sb)
{
	if (sb_rdonly(upper_sb) && ovl_suspects_dirty(ui))
		return -EROFS;
	if (ui->fs && ui->fs->check)
		return ui->fs->check(upper_sb);
	return 0;
}

/**
 * ovl_sync_upper_inodes - make what was modified through an overlay durable
 * @sb: the overlay's super block, with an upper that is not volatile
 * @wait: 0 to start writing, 1 to complete it: as of super_operations.sync_fs
 *
 * Context: May sleep, for I/O. The caller holds s_umount of @sb.
 * Return: 0, or the first error. A write error is in s_wb_err of @sb as well.
 * -EROFS if the upper went read-only while there was something left to write,
 * -EIO if it was shut down.
 */
int ovl_sync_upper_inodes(struct super_block *sb, int wait)
{
	struct ovl_fs *ofs = OVL_FS(sb);
	struct ovl_upper_inodes *ui = &ofs->upper_inodes;
	struct super_block *upper_sb = ovl_upper_mnt(ofs)->mnt_sb;
	bool own = READ_ONCE(ovl_sync_own) && ui->fs &&
		   !READ_ONCE(ui->untracked);
	int err, ret = 0;

	if (!wait) {
		if (own)
			ovl_start_suspects(ui);
		return 0;
	}

	if (own)
		ret = ovl_write_suspects(ui);

	down_read(&upper_sb->s_umount);
	if (!own)
		err = sync_filesystem(upper_sb);
	else if (!sb_rdonly(upper_sb))
		err = ovl_sync_upper_fs(ui->fs, upper_sb);
	else
		err = 0;
	if (!err)
		err = ovl_check_upper_fs(ui, upper_sb);
	up_read(&upper_sb->s_umount);
	ret = ret ?: err;

	if (!own) {
		mutex_lock(&sb->s_sync_lock);
		err = ovl_settle_suspects(ui, true);
		mutex_unlock(&sb->s_sync_lock);
		ret = ret ?: err;
	}

	return ret;
}

/**
 * ovl_upper_inodes_init - prepare an empty set of suspects
 * @ui: in a new struct ovl_fs
 */
void ovl_upper_inodes_init(struct ovl_upper_inodes *ui)
{
	spin_lock_init(&ui->lock);
	ui->tree = RB_ROOT;
	INIT_LIST_HEAD(&ui->list);
	INIT_LIST_HEAD(&ui->submit);
	INIT_LIST_HEAD(&ui->wait);
	INIT_DELAYED_WORK(&ui->reaper, ovl_reap_suspects);
}

/**
 * ovl_upper_inodes_start - the upper of an overlay is known
 * @sb: the overlay's super block; no upper inode was instantiated yet
 *
 * Context: May sleep.
 */
void ovl_upper_inodes_start(struct super_block *sb)
{
	struct ovl_fs *ofs = OVL_FS(sb);
	struct super_block *upper_sb = ovl_upper_mnt(ofs)->mnt_sb;

	ofs->upper_inodes.sb = sb;
	ofs->upper_inodes.fs = ovl_upper_fs_find(upper_sb);
	if (!ofs->upper_inodes.fs && ovl_should_sync(ofs))
		pr_info("syncing the whole upper fs: not known to be safe otherwise on this %s.\n",
			upper_sb->s_type->name);
}

/**
 * ovl_upper_inodes_drain - let go of all upper inodes
 * @ui: of an overlay that is synced, and has no inodes any more
 *
 * Context: May sleep. The upper is still mounted.
 */
void ovl_upper_inodes_drain(struct ovl_upper_inodes *ui)
{
	struct ovl_suspect *s, *next;

	cancel_delayed_work_sync(&ui->reaper);

	/* Unmounting cannot fail, so this is the last chance to tell. */
	if (ui->sb && (ovl_suspects_dirty(ui) ||
		       errseq_check(&ui->sb->s_wb_err,
				    errseq_sample(&ui->sb->s_wb_err))))
		pr_err("could not write to upper fs, data of the unmounted overlay may be lost.\n");

	rbtree_postorder_for_each_entry_safe(s, next, &ui->tree, node) {
		ovl_suspect_free(s);
		cond_resched();
	}
	ui->tree = RB_ROOT;
}

int ovl_suspect_cache_init(void)
{
	/* Not accounted: a container out of memory must not be untracked. */
	ovl_suspect_cachep = KMEM_CACHE(ovl_suspect, 0);

	return ovl_suspect_cachep ? 0 : -ENOMEM;
}

void ovl_suspect_cache_exit(void)
{
	kmem_cache_destroy(ovl_suspect_cachep);
}
