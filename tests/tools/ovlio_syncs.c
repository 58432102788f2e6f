// SPDX-License-Identifier: GPL-2.0-or-later
/* ovlio: sync. */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int with_fd(const char *what, int (*call)(int))
{
	bool path = *what == '/';
	int fd = path ? open(what, O_RDONLY | O_CLOEXEC) : need(what)->fd;
	int ret, saved;

	if (fd < 0)
		return -1;
	ret = call(fd);
	saved = errno;
	if (path)
		close(fd);
	errno = saved;
	return ret;
}

static int do_syncfs(char **w)
{
	return with_fd(w[0], syncfs);
}

static int do_fsync(char **w)
{
	return with_fd(w[0], fsync);
}

static int do_umount(char **w)
{
	return umount2(w[0], 0);
}

/* By mount(2): overlayfs refuses to be reconfigured by fsconfig(2). */
static int do_remount(char **w)
{
	return mount("none", w[0], NULL,
		     MS_REMOUNT | (strcmp(w[1], "ro") ? 0 : MS_RDONLY), NULL);
}

static int do_overlay(char **w)
{
	return mount("overlay", w[0], "overlay", 0, w[1]);
}

const struct command sync_commands[] = {
	{ "syncfs", 1, do_syncfs, "FD|/PATH" },
	{ "fsync", 1, do_fsync, "FD|/PATH" },
	{ "remount", 2, do_remount, "PATH ro|rw" },
	{ "overlay", 2, do_overlay, "PATH OPTIONS: mount one there" },
	{ "umount", 1, do_umount, "PATH" },
	{ 0 },
};
