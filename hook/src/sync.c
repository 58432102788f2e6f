// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sync itself.
 */
#include "sync.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "deadline.h"
#include "text.h"

/* The errors by which the kernel tells that written data did not get there. */
static int is_write_error(int errnum)
{
	return errnum == EIO || errnum == ENOSPC || errnum == EDQUOT ||
	       errnum == EROFS;
}

/* Whose data it is that did not get there. */
static const char *whose(enum sync_mode mode)
{
	return mode == MODE_WHOLE_UPPER
		       ? "data of this container, or of others on that upper file system,"
		       : "data of this container";
}

/**
 * sync_error() - say what the error of a sync means.
 * @errnum: the error
 * @what: what was synced, with its name
 * @mode: how
 * @err: where to
 *
 * Return: -1.
 */
int sync_error(int errnum, const char *what, enum sync_mode mode,
	       struct error *err)
{
	if (is_write_error(errnum))
		return error_set(
			err, errnum,
			"write error in %s, %s may be lost, see the kernel log",
			what, whose(mode));
	return error_set(err, errnum, "cannot sync %s", what);
}

/**
 * sync_overlay() - syncfs an overlay.
 * @fd: its root
 * @root: its path, for messages
 * @mode: what the kernel makes of that
 * @ns: where to put how long it took, in nanoseconds, also on failure
 * @err: what syncfs returned
 *
 * Return: 0 or -1.
 */
int sync_overlay(int fd, const char *root, enum sync_mode mode, int64_t *ns,
		 struct error *err)
{
	int64_t start = monotonic_ns();
	int ret = syncfs(fd);
	int errnum = errno;
	char what[1024], path[1000];

	*ns = monotonic_ns() - start;
	if (!ret)
		return 0;
	text_elide(path, sizeof(path), root);
	snprintf(what, sizeof(what), "rootfs \"%s\"", path);
	return sync_error(errnum, what, mode, err);
}
