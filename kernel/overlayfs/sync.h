/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-overlay sync: which upper inodes may hold modifications that were made
 * through this overlay and are not on stable storage yet.
 *
 * The interface for overlayfs operations. The rules: upper_inodes.c; the sync
 * itself: sync.c; what is known of upper filesystems: upper_fs.c.
 */

#ifndef _OVL_SYNC_H
#define _OVL_SYNC_H

#include <linux/errseq.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct file;
struct inode;
struct super_block;
struct vm_area_struct;
struct ovl_fs;
struct ovl_suspect;
struct ovl_upper_fs;
struct ovl_upper_slots;

/**
 * struct ovl_upper_inodes - the suspects of one overlay, in struct ovl_fs
 * @sb: the overlay's super block; NULL until there is an upper
 * @fs: what is known about the upper filesystem; NULL means whole-upper sync
 * @upper_err: up to which the overlay was told of the upper's own errors
 * @untracked: a suspect could not be recorded; whole-upper sync from then on
 * @slots: to submit to the upper, of all its overlays; NULL means without
 * @walked: the suspect that a walk is at, which is dropped by nobody else
 * @lock: protects the tree, the lists and @walked
 * @tree: every suspect, by the address of its upper inode
 * @list: the suspects, in the order in which they became so
 * @submit: suspects that a sync has yet to write. Only who holds
 *	sb->s_sync_lock puts suspects here or on @wait, and he leaves both empty.
 * @wait: suspects that a sync has submitted and has yet to wait for, in the
 *	order of submission
 * @reaper: drops suspects that have become clean, while there are any
 */
struct ovl_upper_inodes {
	struct super_block *sb;
	const struct ovl_upper_fs *fs;
	errseq_t upper_err;
	bool untracked;
	struct ovl_upper_slots *slots;
	struct ovl_suspect *walked;
	/* Innermost: nothing is locked, allocated or slept for under it. */
	spinlock_t lock;
	struct rb_root tree;
	struct list_head list;
	struct list_head submit;
	struct list_head wait;
	struct delayed_work reaper;
};

int ovl_suspect_cache_init(void);
void ovl_suspect_cache_exit(void);

void ovl_upper_inodes_init(struct ovl_upper_inodes *ui);
void ovl_upper_inodes_start(struct super_block *sb);
void ovl_upper_inodes_drain(struct ovl_upper_inodes *ui);

void ovl_suspect_add(struct super_block *sb, struct inode *upper);
void ovl_suspect_add_dirty(struct super_block *sb, struct inode *upper);
void ovl_suspect_mmap(struct super_block *sb, struct vm_area_struct *vma,
		      struct file *real);
void ovl_suspect_evict(struct inode *inode);

int ovl_sync_upper_inodes(struct super_block *sb, int wait);
int ovl_sync_for_remount(struct super_block *sb);

#endif /* _OVL_SYNC_H */
