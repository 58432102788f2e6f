/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of newer kernels, for older ones, as kernel/probe finds or misses them
 * in the kernel's headers. What overlayfs itself does differently is in the
 * patches.
 */

#ifndef _OVL_COMPAT_H
#define _OVL_COMPAT_H

#include <linux/fs.h>
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

#endif /* _OVL_COMPAT_H */
