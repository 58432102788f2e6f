// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upper inodes that may hold un-synced modifications.
 *
 * A "suspect" is an upper inode that may hold modifications made through this
 * overlay that sync_fs() of the upper filesystem would not make durable: dirty
 * page cache, and times of a written file that lazytime holds back. Everything
 * else (names, attributes, xattrs, extents) is durable after sync_fs() of the
 * filesystems in upper_fs.c.
 *
 * The rule, which is the whole of the proof:
 *
 *   R1. Whoever is about to dirty the page cache of an upper inode through this
 *       overlay first gets write access to it (i_writecount), then calls
 *       ovl_suspect_add(), and only then dirties it; he gives up write access
 *       after the mapping's tags show what he has dirtied. A writable shared
 *       mapping holds its file, hence write access. Three dirty pages without
 *       it: copy up, which adds the inode before anybody can see that it is
 *       done (ovl_suspect_add_dirty()); I/O into pages that were pinned through
 *       a mapping, which may end when the mapping is gone: new pins need a
 *       mapping, old ones are looked for (ovl_suspect_check_pins()); and dedupe
 *       of an inline extent of btrfs, with the bytes that are there already.
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
 * Locking: ui->lock protects the tree, the lists and what is in a suspect. It
 * is innermost: nothing is locked, allocated or slept for under it.
 */

#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/writeback.h>
#include <linux/xattr.h>
#include "overlayfs.h"
#include "sync_internal.h"

static struct kmem_cache *ovl_suspect_cachep;

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

/*
 * No tag, nor an I_SYNC, nor times held back. After that R2 has only errors to look
 * at: see ovl_suspect_report().
 */
static bool ovl_suspect_is_written(struct ovl_upper_inodes *ui,
				   const struct ovl_suspect *s)
{
	lockdep_assert_held(&ui->lock);

	if (ovl_mapping_dirty(s->upper->i_mapping))
		return false;
	/* The flusher may have an error to set yet while it has I_SYNC. */
	smp_rmb();
	return !(inode_state_read_once(s->upper) & (I_SYNC | I_DIRTY_TIME));
}

/* The check of R2, but for the errors */
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
	return ovl_suspect_is_written(ui, s);
}

/**
 * ovl_suspect_is_idle - whether there is nothing to do about a suspect now
 * @ui: the suspects of an overlay
 * @s: one of them
 *
 * It cannot be dropped, being open for write, and has nothing that a sync which
 * has begun must write, wait for or tell of. Errors are read in any order: a sync
 * that comes to tell of them has waited for what it can wait for, and of what comes
 * later the next one tells.
 *
 * Context: @ui->lock is held.
 * Return: true if so.
 */
bool ovl_suspect_is_idle(struct ovl_upper_inodes *ui, const struct ovl_suspect *s)
{
	return inode_is_open_for_write(s->upper) && ovl_suspect_is_written(ui, s) &&
	       !errseq_check(&s->upper->i_mapping->wb_err, s->wb_err);
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
	return ovl_tell_error(ui, err);
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
		ovl_reaper_arm(ui);
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
	     inode_state_read_once(upper) & I_DIRTY_TIME))
		ovl_suspect_add(sb, upper);
}

/**
 * ovl_suspect_evict - an overlay inode goes
 * @inode: the overlay inode, not yet parted from its upper inode
 *
 * A suspect that is clean, or whose inode has no name any more and so no
 * future, goes with it. Any other stays, to be synced as before; as does one
 * that a walk is at.
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
	/*
	 * If it was added, then by somebody who held @inode: we'd see that. Only
	 * the first one of others is a race.
	 */
	if (data_race(RB_EMPTY_ROOT(&ui->tree)))
		return;

	spin_lock(&ui->lock);
	s = ovl_suspect_find(ui, upper);
	if (s && (ui->walked == s ||
		  (upper->i_nlink && !ovl_suspect_is_clean(ui, s))))
		s = NULL;
	if (s) {
		ovl_suspect_report(ui, s, false);
		ovl_suspect_unlink(ui, s);
	}
	spin_unlock(&ui->lock);

	if (s)
		ovl_suspect_free(s);
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
static void ovl_suspect_check_pins(struct ovl_upper_inodes *ui,
				   struct ovl_suspect *s)
{
	bool look;

	spin_lock(&ui->lock);
	look = s->mapped && !inode_is_open_for_write(s->upper);
	if (look)
		s->remapped = false;
	spin_unlock(&ui->lock);

	if (!look)
		return;
	/* Not open for write first, pins after that ... */
	smp_rmb();
	if (ovl_mapping_pinned(s->upper->i_mapping))
		return;
	/* ... and tags last */
	smp_rmb();

	spin_lock(&ui->lock);
	if (!s->remapped)
		s->mapped = false;
	spin_unlock(&ui->lock);
}

/**
 * ovl_suspect_settle - drop a suspect if it is one no more
 * @ui: the suspects of an overlay
 * @s: the one that the caller's walk is at; may be freed
 * @sync: whoever syncs is told of errors now; if not, only of those of a
 *	suspect that is dropped
 *
 * With the suspect may go the last reference of an inode that was unlinked. Its
 * eviction from a frozen filesystem would wait for the thaw, so that is kept from
 * freezing, for as short as can be: whoever freezes holds up all who write. If it
 * is frozen, nothing is dropped.
 *
 * Of an inode without links (R3) the overlay inode is gone if nobody but the
 * suspect has a reference.
 *
 * Context: May sleep. The caller holds s_sync_lock of the overlay.
 * Return: 0, or the write error that the overlay is told of.
 */
int ovl_suspect_settle(struct ovl_upper_inodes *ui, struct ovl_suspect *s,
		       bool sync)
{
	struct super_block *upper_sb = s->upper->i_sb;
	bool drop, thawed;
	int err = 0;

	lockdep_assert_held(&ui->sb->s_sync_lock);

	ovl_suspect_check_pins(ui, s);

	thawed = sb_start_write_trylock(upper_sb);
	spin_lock(&ui->lock);
	drop = thawed && (ovl_suspect_is_clean(ui, s) ||
			  (!s->upper->i_nlink &&
			   icount_read_once(s->upper) == 1));
	if (sync || drop)
		err = ovl_suspect_report(ui, s, sync);
	if (drop) {
		ui->walked = NULL;
		ovl_suspect_unlink(ui, s);
	}
	spin_unlock(&ui->lock);

	if (drop)
		ovl_suspect_free(s);
	if (thawed)
		sb_end_write(upper_sb);

	return err;
}

/**
 * ovl_suspects_free - let go of all upper inodes
 * @ui: of an overlay that has no inodes and no reaper any more
 *
 * Context: May sleep. The upper is still mounted.
 */
void ovl_suspects_free(struct ovl_upper_inodes *ui)
{
	struct ovl_suspect *s, *next;

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
