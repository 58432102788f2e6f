// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-overlay sync: write the suspects of an overlay, wait for them, let the
 * upper filesystem do the rest. What a suspect is: upper_inodes.c.
 *
 * Walks of the suspects are serialised by the overlay's own s_sync_lock, which
 * the VFS holds for the same purpose across the same I/O in wait_sb_inodes(),
 * and never takes for an overlay.
 *
 * Lock order: s_umount of the overlay; a slot of the upper (upper_slots.c), which
 * is waited for no longer than a second; s_umount of the upper; s_sync_lock of the
 * overlay, under which the reaper only tries for s_umount; freeze protection of the
 * upper, which is only tried for; whatever the upper filesystem takes to write;
 * ui->lock.
 *
 * The upper's s_umount keeps it from freezing, and from turning read-only, while
 * suspects are written. On a frozen filesystem the last reference of an inode that
 * was unlinked must not be put, as its eviction would wait for the thaw: the walk
 * that drops suspects sees to that itself (ovl_suspect_settle()).
 */

#include <linux/backing-dev.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>
#include <linux/writeback.h>
#include <linux/xattr.h>
#include "overlayfs.h"
#include "sync_internal.h"

/* How long a suspect that became clean stays at most when nobody syncs. */
#define OVL_REAP_DELAY	(5 * HZ)

static bool ovl_sync_own = true;
module_param_named(sync_upper_inodes, ovl_sync_own, bool, 0644);
MODULE_PARM_DESC(sync_upper_inodes,
		 "Sync only the upper inodes modified through this overlay");

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

/* So many suspects are passed over under one hold of ui->lock. */
#define OVL_WALK_BATCH	64

/*
 * Move the first suspect of @from that is not idle to the end of @to, and return it;
 * the idle ones before it go back to ui->list, whatever @to is: a container may well
 * have thousands of files open for write that it does not write to.
 *
 * Nobody but the walk drops the one that it is at (ui->walked), so that and its upper
 * inode stay. A walk goes on until there is none, or to ovl_walk_stop().
 */
static struct ovl_suspect *ovl_walk_next(struct ovl_upper_inodes *ui,
					 struct list_head *from,
					 struct list_head *to)
{
	struct ovl_suspect *s;
	unsigned int n = 0;

	lockdep_assert_held(&ui->sb->s_sync_lock);
	cond_resched();

	spin_lock(&ui->lock);
	while ((s = list_first_entry_or_null(from, struct ovl_suspect, list)) &&
	       ovl_suspect_is_idle(ui, s)) {
		list_move_tail(&s->list, &ui->list);
		if (++n % OVL_WALK_BATCH)
			continue;
		/* Whoever waits for it, to open a file, has his turn. */
		spin_unlock(&ui->lock);
		cond_resched();
		spin_lock(&ui->lock);
	}
	if (s)
		list_move_tail(&s->list, to);
	ui->walked = s;
	spin_unlock(&ui->lock);

	return s;
}

/* End a walk of ui->submit before there is none. */
static void ovl_walk_stop(struct ovl_upper_inodes *ui)
{
	lockdep_assert_held(&ui->sb->s_sync_lock);

	spin_lock(&ui->lock);
	list_splice_init(&ui->submit, &ui->list);
	ui->walked = NULL;
	spin_unlock(&ui->lock);
}

/* Whether @is what one of the suspects has */
static bool ovl_walk_find(struct ovl_upper_inodes *ui,
			  bool (*is)(struct address_space *mapping))
{
	struct ovl_suspect *s;
	bool found = false;

	ovl_walk_start(ui);
	while (!found && (s = ovl_walk_next(ui, &ui->submit, &ui->list)))
		found = is(s->upper->i_mapping);
	ovl_walk_stop(ui);

	return found;
}

/*
 * Times that lazytime holds back go into the journal, but without a commit for
 * each inode. s_umount keeps the upper from turning read-only meanwhile.
 */
static void ovl_walk_log_times(struct inode *upper)
{
	struct super_block *upper_sb = upper->i_sb;

	lockdep_assert_held(&upper_sb->s_umount);

	if (!(inode_state_read_once(upper) & I_DIRTY_TIME) ||
	    !sb_start_write_trylock(upper_sb))
		return;
	if (!sb_rdonly(upper_sb))
		mark_inode_dirty_sync(upper);
	sb_end_write(upper_sb);
}

/* Not every error of submitting reaches the mapping. */
static int ovl_walk_submit(struct ovl_upper_inodes *ui, struct ovl_suspect *s)
{
	return ovl_tell_error(ui, filemap_fdatawrite(s->upper->i_mapping));
}

/*
 * What the flusher could not submit is neither dirty nor being written any more,
 * and if its error is yet to come, the flusher has I_SYNC until it has set it.
 * So wait until it lets go, once: it may well have come back for what was written
 * since. Like inode_sleep_on_writeback(), which is not for modules.
 */
static void ovl_walk_late_error(struct inode *upper)
{
	struct wait_bit_queue_entry wqe;
	struct wait_queue_head *wq;
	bool sleep;

	/* Not dirty first, I_SYNC after that */
	smp_rmb();
	if (!(inode_state_read_once(upper) & I_SYNC))
		return;

	wq = inode_bit_waitqueue(&wqe, upper, __I_SYNC);
	do {
		spin_lock(&upper->i_lock);
		prepare_to_wait_event(wq, &wqe.wq_entry, TASK_UNINTERRUPTIBLE);
		/* Who clears it and wakes us has i_lock. */
		sleep = inode_state_read_once(upper) & I_SYNC;
		spin_unlock(&upper->i_lock);
		if (sleep)
			schedule();
		/* A stray wakeup leaves the entry where it is. */
	} while (sleep && !list_empty_careful(&wqe.wq_entry.entry));
	finish_wait(wq, &wqe.wq_entry);
}

/*
 * Phase 0: start writing. Phase 1 writes it all, if a lock is taken now. But it
 * does not see an error of what is thrown away here. For want of memory, nothing
 * is, or the mapping has the error.
 */
static void ovl_start_suspects(struct ovl_upper_inodes *ui,
			       struct super_block *upper_sb)
{
	struct ovl_suspect *s;
	struct blk_plug plug;
	bool tagged, slot;
	int err;

	/* Whoever holds the lock walks, too: phase 1 then does it all. */
	if (!mutex_trylock(&ui->sb->s_sync_lock))
		return;
	tagged = ovl_walk_find(ui, ovl_mapping_dirty);
	mutex_unlock(&ui->sb->s_sync_lock);
	if (!tagged)
		return;

	slot = ovl_upper_slot_take(ui->slots);
	if (!down_read_trylock(&upper_sb->s_umount))
		goto give;
	if (sb_rdonly(upper_sb) || !mutex_trylock(&ui->sb->s_sync_lock))
		goto out;

	ovl_walk_start(ui);
	blk_start_plug(&plug);
	while ((s = ovl_walk_next(ui, &ui->submit, &ui->list))) {
		err = filemap_flush(s->upper->i_mapping);
		if (err != -ENOMEM)
			ovl_tell_error(ui, err);
	}
	blk_finish_plug(&plug);
	mutex_unlock(&ui->sb->s_sync_lock);
out:
	up_read(&upper_sb->s_umount);
give:
	ovl_upper_slot_give(ui->slots, slot);
}

/*
 * Phase 1: write everything, then wait for everything in the same order. A
 * second caller waits for the lock, so for what the first has submitted, and
 * then does what the first has not. The caller holds s_umount of the upper.
 */
static int ovl_write_suspects(struct ovl_upper_inodes *ui)
{
	struct ovl_suspect *s;
	struct blk_plug plug;
	int err, ret = 0;

	mutex_lock(&ui->sb->s_sync_lock);

	ovl_walk_start(ui);
	blk_start_plug(&plug);
	while ((s = ovl_walk_next(ui, &ui->submit, &ui->wait))) {
		err = ovl_walk_submit(ui, s);
		ret = ret ?: err;
	}
	blk_finish_plug(&plug);

	while ((s = ovl_walk_next(ui, &ui->wait, &ui->list))) {
		if (ui->fs->resubmit) {
			err = ovl_walk_submit(ui, s);
			ret = ret ?: err;
		}
		filemap_fdatawait_keep_errors(s->upper->i_mapping);
		if (ui->fs->late_error)
			ovl_walk_late_error(s->upper);
		ovl_walk_log_times(s->upper);
	}

	mutex_unlock(&ui->sb->s_sync_lock);

	return ret;
}

/*
 * Drop the suspects that are none any more, and tell of errors. After the
 * upper's sync_fs(), which may find some: btrfs, of an ordered extent.
 */
static int ovl_settle_suspects(struct ovl_upper_inodes *ui,
			       struct super_block *upper_sb)
{
	struct ovl_suspect *s;
	int err, ret = 0;

	mutex_lock(&ui->sb->s_sync_lock);

	ovl_walk_start(ui);
	while ((s = ovl_walk_next(ui, &ui->submit, &ui->list))) {
		err = ovl_suspect_settle(ui, s, true);
		ret = ret ?: err;
	}
	err = ovl_upper_fs_error(ui->fs, upper_sb, &ui->upper_err);
	err = ovl_tell_error(ui, err);

	mutex_unlock(&ui->sb->s_sync_lock);

	return ret ?: err;
}

/* Only tried for: a sync logs them as well, and the reaper comes again. */
static void ovl_reap_times(struct inode *upper)
{
	struct super_block *upper_sb = upper->i_sb;

	if (inode_is_open_for_write(upper) ||
	    !(inode_state_read_once(upper) & I_DIRTY_TIME) ||
	    !down_read_trylock(&upper_sb->s_umount))
		return;
	ovl_walk_log_times(upper);
	up_read(&upper_sb->s_umount);
}

static void ovl_reap_suspects(struct work_struct *work)
{
	struct ovl_upper_inodes *ui = container_of(to_delayed_work(work),
						   struct ovl_upper_inodes,
						   reaper);
	struct ovl_suspect *s;
	bool more;

	/* Whoever holds the lock walks, too: next time. */
	if (mutex_trylock(&ui->sb->s_sync_lock)) {
		ovl_walk_start(ui);
		while ((s = ovl_walk_next(ui, &ui->submit, &ui->list))) {
			ovl_reap_times(s->upper);
			ovl_suspect_settle(ui, s, false);
		}
		mutex_unlock(&ui->sb->s_sync_lock);
	}

	/* Under the lock: ovl_suspect_add() arms if it finds the tree empty. */
	spin_lock(&ui->lock);
	more = !RB_EMPTY_ROOT(&ui->tree);
	spin_unlock(&ui->lock);
	if (more)
		ovl_reaper_arm(ui);
}

/**
 * ovl_reaper_arm - have suspects looked at when some time has passed
 * @ui: the suspects of an overlay
 *
 * Context: Any.
 */
void ovl_reaper_arm(struct ovl_upper_inodes *ui)
{
	/* Those of all overlays at once: one wakeup */
	queue_delayed_work(system_dfl_wq, &ui->reaper,
			   round_jiffies_relative(OVL_REAP_DELAY));
}

/*
 * A tag may have been left behind (by btrfs, on a large folio that was cut), which
 * is no reason for an alarm: where there is one, look at the pages. One that is
 * locked counts as well.
 */
static bool ovl_mapping_has_dirty(struct address_space *mapping)
{
	return ovl_mapping_dirty(mapping) &&
	       filemap_range_has_writeback(mapping, 0, LLONG_MAX);
}

static bool ovl_suspects_dirty(struct ovl_upper_inodes *ui)
{
	bool dirty;

	mutex_lock(&ui->sb->s_sync_lock);
	dirty = ovl_walk_find(ui, ovl_mapping_has_dirty);
	mutex_unlock(&ui->sb->s_sync_lock);

	return dirty;
}

/* For those who would otherwise be told that nothing was left to do. */
static int ovl_check_upper(struct ovl_upper_inodes *ui,
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
	int err = 0, told = 0;

	if (!wait) {
		if (own)
			ovl_start_suspects(ui, upper_sb);
		return 0;
	}

	down_read(&upper_sb->s_umount);
	if (!own) {
		err = sync_filesystem(upper_sb);
	} else if (!sb_rdonly(upper_sb)) {
		told = ovl_write_suspects(ui);
		err = ovl_upper_fs_sync(ui->fs, upper_sb);
	}
	if (!err)
		err = ovl_check_upper(ui, upper_sb);
	up_read(&upper_sb->s_umount);
	err = ovl_tell_error(ui, err);
	told = told ?: err;

	err = ovl_settle_suspects(ui, upper_sb);

	return told ?: err;
}

/**
 * ovl_sync_for_remount - the same, before the overlay becomes read-only
 * @sb: the overlay's super block
 *
 * syncfs(2) looks at s_wb_err itself, on behalf of a descriptor. Here is none,
 * so an error that nobody was told of yet is told to whoever remounts.
 *
 * Context: May sleep, for I/O. The caller holds s_umount of @sb.
 * Return: 0, or the first error.
 */
int ovl_sync_for_remount(struct super_block *sb)
{
	int ret = ovl_sync_upper_inodes(sb, 1);
	errseq_t since = errseq_sample(&sb->s_wb_err);
	int err = errseq_check_and_advance(&sb->s_wb_err, &since);

	return ret ?: err;
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
	struct ovl_upper_inodes *ui = &ofs->upper_inodes;

	ui->sb = sb;
	ui->fs = ovl_upper_fs_find(upper_sb);
	ui->upper_err = ovl_upper_fs_sample_error(ui->fs, upper_sb);
	if (ui->fs && ui->fs->slots && ovl_should_sync(ofs))
		ui->slots = ovl_upper_slots_get(upper_sb);
	if (!ui->fs && ovl_should_sync(ofs))
		pr_info("syncing the whole upper fs of upperdir=%s: not known to be safe otherwise on this %s.\n",
			ofs->config.upperdir, upper_sb->s_type->name);
}

/**
 * ovl_upper_inodes_drain - let go of all upper inodes
 * @ui: of an overlay that is synced, and has no inodes any more
 *
 * Context: May sleep. The upper is still mounted.
 */
void ovl_upper_inodes_drain(struct ovl_upper_inodes *ui)
{
	cancel_delayed_work_sync(&ui->reaper);

	/*
	 * Unmounting cannot fail, so this is the last chance to tell. What is
	 * dirty in a read-only overlay was not written through it, but for
	 * pages that were pinned before, which are left to the flusher.
	 */
	if (ui->sb && ((!sb_rdonly(ui->sb) && ovl_suspects_dirty(ui)) ||
		       errseq_check(&ui->sb->s_wb_err,
				    errseq_sample(&ui->sb->s_wb_err))))
		pr_err("could not write to upper fs of upperdir=%s, data of the unmounted overlay may be lost.\n",
		       OVL_FS(ui->sb)->config.upperdir);

	ovl_suspects_free(ui);
	ovl_upper_slots_put(ui->slots);
}
