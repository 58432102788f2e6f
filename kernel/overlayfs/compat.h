/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of newer kernels, for older ones. Here alone is a kernel's version
 * looked at; what overlayfs itself does differently is in the patches.
 */

#ifndef _OVL_COMPAT_H
#define _OVL_COMPAT_H

#include <linux/fs.h>
#include <linux/version.h>
#include <linux/workqueue.h>

/* For struct folio_batch, whose own header has had two names */
#include <linux/writeback.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define system_dfl_wq system_unbound_wq
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
static inline unsigned long inode_state_read_once(struct inode *inode)
{
	return READ_ONCE(inode->i_state);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
static inline int icount_read_once(const struct inode *inode)
{
	return atomic_read(&inode->i_count);
}
#endif

#endif /* _OVL_COMPAT_H */
