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

/*
 * As the flusher does: data is written, metadata is not, nothing is flushed. Not
 * sync_file_range(2), which looks at an overlay's own pages and finds none. What
 * is clean then goes from memory with the next.
 */
static int do_writeback(char **w)
{
	int err = posix_fadvise(need(w[0])->fd, 0, 0, POSIX_FADV_DONTNEED);

	/* It does not wait. */
	usleep(20000);
	errno = err;
	return err ? -1 : 0;
}

/* Names and inodes that nobody uses go from memory. */
static int do_evict(char **w)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	ssize_t done;

	(void)w;
	if (fd < 0)
		return -1;
	done = write(fd, "2", 1);
	close(fd);
	return done == 1 ? 0 : -1;
}

static int do_overlay(char **w)
{
	return mount("overlay", w[0], "overlay", MS_NOATIME, w[1]);
}

/* A ring that is gone may hold its files for a moment longer. */
static bool held_by_ring(int ret)
{
	static int tries = 200;

	if (!ret || errno != EBUSY || !rings_were_used || !tries)
		return false;
	tries--;
	usleep(10000);
	return true;
}

static int do_umount(char **w)
{
	int ret;

	do
		ret = umount2(w[0], 0);
	while (held_by_ring(ret));
	return ret;
}

/* By mount(2): overlayfs refuses to be reconfigured by fsconfig(2). */
static int do_remount(char **w)
{
	unsigned long flags = strcmp(w[1], "ro") ? 0 : MS_RDONLY;
	int ret;

	do
		ret = mount("none", w[0], NULL, MS_REMOUNT | flags, NULL);
	while (held_by_ring(ret));
	return ret;
}

const struct command sync_commands[] = {
	{ "syncfs", 1, do_syncfs, "FD|/PATH" },
	{ "fsync", 1, do_fsync, "FD|/PATH" },
	{ "writeback", 1, do_writeback, "FD: its data" },
	{ "evict", 0, do_evict, "what is cached of names and inodes" },
	{ "overlay", 2, do_overlay, "MOUNT-POINT OPTIONS: mount it" },
	{ "remount", 2, do_remount, "PATH ro|rw" },
	{ "umount", 1, do_umount, "PATH" },
	{ 0 },
};
