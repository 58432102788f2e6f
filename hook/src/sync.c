// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sync itself.
 */
#include "sync.h"

#include <errno.h>
#include <unistd.h>

#include "deadline.h"

/* The errors by which the kernel tells that written data did not get there. */
static int is_write_error(int errnum)
{
	return errnum == EIO || errnum == ENOSPC || errnum == EDQUOT ||
	       errnum == EROFS;
}

/**
 * sync_overlay() - syncfs an overlay.
 * @fd: its root
 * @root: its path, for messages
 * @ns: where to put how long it took, in nanoseconds, also on failure
 * @err: what syncfs returned
 *
 * Return: 0 or -1.
 */
int sync_overlay(int fd, const char *root, int64_t *ns, struct error *err)
{
	int64_t start = monotonic_ns();
	int ret = syncfs(fd);
	int errnum = errno;

	*ns = monotonic_ns() - start;
	if (!ret)
		return 0;
	if (is_write_error(errnum))
		return error_set(
			err, errnum,
			"write error in rootfs \"%s\", data of this container may be lost, see the kernel log",
			root);
	return error_set(err, errnum, "cannot sync rootfs \"%s\"", root);
}
