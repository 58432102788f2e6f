/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of newer kernels, for older ones, as kernel/probe finds or misses them
 * in the kernel's headers. What overlayfs itself does differently is in the
 * patches.
 */

#ifndef _OVL_COMPAT_H
#define _OVL_COMPAT_H

#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>
#include "compat_probed.h"

/* For struct folio_batch, whose own header has had two names */
#include <linux/writeback.h>
#ifndef OVL_HAVE_FOLIO_BATCH_H
#include <linux/pagevec.h>
#endif

#ifndef OVL_HAVE_SYSTEM_DFL_WQ
#define system_dfl_wq system_unbound_wq
#endif

#ifndef OVL_HAVE_BD_MAPPING
#define bd_mapping bd_inode->i_mapping
#endif

#ifndef OVL_HAVE_IOV_ITER_EXTRACT_PAGES
/*
 * Direct I/O into a mapping takes a plain reference of the page here, no pin: so
 * look for references that are neither the page cache's nor the caller's. What
 * is mapped, or on its way to an LRU list, has such, too. Under the lock, what
 * folio_test_private() stands for neither comes nor goes.
 */
static inline bool ovl_folio_maybe_used(struct folio *folio)
{
	bool used = true;

	if (folio_trylock(folio)) {
		used = folio_ref_count(folio) > folio_nr_pages(folio) +
		       folio_test_private(folio) + 1;
		folio_unlock(folio);
	}
	return used;
}

#define folio_maybe_dma_pinned(folio) ovl_folio_maybe_used(folio)
#endif

#ifndef OVL_HAVE_INODE_STATE_READ_ONCE
static inline unsigned long inode_state_read_once(struct inode *inode)
{
	return READ_ONCE(inode->i_state);
}
#endif

#ifndef OVL_HAVE_ICOUNT_READ_ONCE
static inline int icount_read_once(const struct inode *inode)
{
	return atomic_read(&inode->i_count);
}
#endif

#ifndef OVL_HAVE_INODE_BIT_WAITQUEUE
static inline struct wait_queue_head *inode_bit_waitqueue(struct wait_bit_queue_entry *wqe,
							  struct inode *inode, u32 bit)
{
	init_wait(&wqe->wq_entry);
	wqe->wq_entry.func = wake_bit_function;
	wqe->key = (struct wait_bit_key)__WAIT_BIT_KEY_INITIALIZER(&inode->i_state, bit);

	return bit_waitqueue(&inode->i_state, bit);
}
#endif

#endif /* _OVL_COMPAT_H */
