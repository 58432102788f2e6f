// SPDX-License-Identifier: GPL-2.0-or-later
/* ovlio: sync, and see what is left to sync. */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_cachestat
#define __NR_cachestat 451
#endif

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

/* Dirty and under-writeback pages of a file of the *upper* filesystem. */
static long long dirty_pages(const char *path)
{
	struct {
		uint64_t off, len;
	} all = { 0, 0 };
	struct {
		uint64_t cache, dirty, writeback, evicted, recently;
	} cs;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return -1;
	ret = syscall(__NR_cachestat, fd, &all, &cs, 0);
	close(fd);
	return ret ? -1 : (long long)(cs.dirty + cs.writeback);
}

static int do_clean(char **w)
{
	long long n = dirty_pages(w[0]);

	if (n > 0)
		fprintf(stderr, "ovlio: %s has %lld dirty pages\n", w[0], n);
	errno = n > 0 ? 0 : errno;
	return n ? -1 : 0;
}

static int do_dirty(char **w)
{
	long long n = dirty_pages(w[0]);

	if (n == 0)
		fprintf(stderr, "ovlio: %s has no dirty pages\n", w[0]);
	errno = n == 0 ? 0 : errno;
	return n > 0 ? 0 : -1;
}

static int do_pages(char **w)
{
	long long n = dirty_pages(w[0]);

	if (n < 0)
		return -1;
	printf("%lld\n", n);
	return 0;
}

const struct command sync_commands[] = {
	{ "syncfs", 1, do_syncfs, "FD|/PATH" },
	{ "fsync", 1, do_fsync, "FD|/PATH" },
	{ "remount", 2, do_remount, "PATH ro|rw" },
	{ "umount", 1, do_umount, "PATH" },
	{ "clean", 1, do_clean, "UPPER-PATH: it has no dirty page" },
	{ "dirty", 1, do_dirty, "UPPER-PATH: it has some" },
	{ "pages", 1, do_pages, "UPPER-PATH: print how many" },
	{ 0 },
};
