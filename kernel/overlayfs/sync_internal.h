/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What upper_inodes.c, upper_fs.c, upper_slots.c and sync.c share; overlayfs uses sync.h.
 */

#ifndef _OVL_SYNC_INTERNAL_H
#define _OVL_SYNC_INTERNAL_H

#include <linux/errseq.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/pagemap.h>
#include <linux/rbtree.h>
#include "compat.h"
#include "sync.h"

/**
 * struct ovl_suspect - an upper inode that may hold un-synced modifications
 * @node: in ovl_upper_inodes.tree
 * @list: on one of the three lists of ovl_upper_inodes
 * @upper: the upper inode, with a reference that belongs to the suspect
 * @wb_err: the error of the mapping up to which the overlay was told
 * @mapped: was mapped shared and writable; pages may be pinned
 * @remapped: the same, since ovl_suspect_check_pins() began to look for pins
 */
struct ovl_suspect {
	struct rb_node node;
	struct list_head list;
	struct inode *upper;
	errseq_t wb_err;
	bool mapped;
	bool remapped;
};

/**
 * struct ovl_upper_fs - a kind of upper for which per-overlay sync is enough
 * @name: of its file_system_type
 * @is: whether an instance is of this kind; NULL if all are
 * @check: 0, or the error that keeps an instance from writing anything, if
 *	sync_fs() does not tell; NULL if it does
 * @resubmit: submitting may leave to a worker what then has to be waited for
 * @buffers: metadata is in the block device's page cache, and durable only
 *	when written from there
 * @buffer_errors: errors in the block device's page cache are of this upper's
 *	metadata, and sync_fs() may not tell
 * @flush: sync_fs() may leave what was written in the device's cache
 * @late_error: an error of submitting may come after the end of writeback
 * @phase_1_only: sync_fs(0) only starts to write what sync_fs(1) then changes
 * @slots: of its overlays, only so many submit at once; see upper_slots.c
 *
 * What must hold to be listed: after the data of a file has been written and
 * waited for, with the care that the flags ask for, sync_fs(1) makes it durable
 * together with all metadata changed before.
 */
struct ovl_upper_fs {
	const char *name;
	bool (*is)(struct super_block *sb);
	int (*check)(struct super_block *sb);
	bool resubmit;
	bool buffers;
	bool buffer_errors;
	bool flush;
	bool late_error;
	bool phase_1_only;
	bool slots;
};

/*
 * Whether the mapping has something to write, or to wait for. A page that is dirtied
 * has one of these tags until it is written, whoever writes it: R2 rests on that.
 * Both in one look: it may go from either to the other meanwhile.
 */
static inline bool ovl_mapping_dirty(struct address_space *mapping)
{
	return READ_ONCE(mapping->i_pages.xa_flags) &
	       (XA_FLAGS_MARK(PAGECACHE_TAG_DIRTY) |
		XA_FLAGS_MARK(PAGECACHE_TAG_WRITEBACK));
}

/* Tell each descriptor of the overlay, once: syncfs(2) looks at s_wb_err. */
static inline int ovl_tell_error(struct ovl_upper_inodes *ui, int err)
{
	if (err)
		errseq_set(&ui->sb->s_wb_err, err);
	return err;
}

/* upper_inodes.c */
bool ovl_suspect_is_idle(struct ovl_upper_inodes *ui, const struct ovl_suspect *s);
int ovl_suspect_settle(struct ovl_upper_inodes *ui, struct ovl_suspect *s,
		       bool sync);
void ovl_suspects_free(struct ovl_upper_inodes *ui);

/* upper_fs.c */
const struct ovl_upper_fs *ovl_upper_fs_find(struct super_block *upper_sb);
int ovl_upper_fs_sync(const struct ovl_upper_fs *fs,
		      struct super_block *upper_sb);
errseq_t ovl_upper_fs_sample_error(const struct ovl_upper_fs *fs,
				   struct super_block *upper_sb);
int ovl_upper_fs_error(const struct ovl_upper_fs *fs,
		       struct super_block *upper_sb, errseq_t *since);

/* upper_slots.c */
struct ovl_upper_slots *ovl_upper_slots_get(struct super_block *upper_sb);
void ovl_upper_slots_put(struct ovl_upper_slots *slots);
bool ovl_upper_slot_take(struct ovl_upper_slots *slots);
void ovl_upper_slot_give(struct ovl_upper_slots *slots, bool taken);

/* sync.c */
void ovl_reaper_arm(struct ovl_upper_inodes *ui);

#endif /* _OVL_SYNC_INTERNAL_H */
