// SPDX-License-Identifier: GPL-2.0-or-later
/* ovlio: files that are opened, written, and changed in size. */
#define _GNU_SOURCE
#include "ovlio.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Letters: r w c(reate) x(excl) a(ppend) t(runc) d(irect) s(ync) D(irectory) */
static int flags(const char *s)
{
	int f = strchr(s, 'w') ? (strchr(s, 'r') ? O_RDWR : O_WRONLY)
			       : O_RDONLY;

	for (; *s; s++)
		f |= *s == 'c'	 ? O_CREAT
		     : *s == 'x' ? O_EXCL
		     : *s == 'a' ? O_APPEND
		     : *s == 't' ? O_TRUNC
		     : *s == 'd' ? O_DIRECT
		     : *s == 's' ? O_SYNC
		     : *s == 'D' ? O_DIRECTORY
				 : 0;
	return f | O_CLOEXEC;
}

static int do_open(char **w)
{
	int fd = open(w[2], flags(w[1]), 0644);

	if (fd < 0)
		return -1;
	make(w[0])->fd = fd;
	return 0;
}

static int do_tmpfile(char **w)
{
	int fd = open(w[1], O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	make(w[0])->fd = fd;
	return 0;
}

static int do_linkat(char **w)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", need(w[0])->fd);
	return linkat(AT_FDCWD, proc, AT_FDCWD, w[1], AT_SYMLINK_FOLLOW);
}

static int do_close(char **w)
{
	struct thing *t = need(w[0]);

	*t->name = '\0';
	return close(t->fd);
}

/* A handle as an NFS server keeps it, which needs no inode in memory. */
static int do_handle(char **w)
{
	struct file_handle *h = malloc(sizeof(*h) + MAX_HANDLE_SZ);
	int mount;

	if (!h)
		return -1;
	h->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, w[1], h, &mount, 0)) {
		free(h);
		return -1;
	}
	make(w[0])->own = h;
	return 0;
}

static int do_openhandle(char **w)
{
	int mount = open(w[3], O_RDONLY | O_CLOEXEC);
	int fd;

	if (mount < 0)
		return -1;
	fd = open_by_handle_at(mount, need(w[1])->own, flags(w[2]));
	close(mount);
	if (fd < 0)
		return -1;
	make(w[0])->fd = fd;
	return 0;
}

static int do_mkdir(char **w)
{
	return mkdir(w[0], 0755);
}

/* Ends when all is written; an O_APPEND file ignores the offset. */
static int do_write(char **w)
{
	int fd = need(w[0])->fd;
	long long off = size(w[1]), left = size(w[2]);
	static char buf[1 << 20] __attribute__((aligned(4096)));

	while (left > 0) {
		size_t n = left < (long long)sizeof(buf) ? (size_t)left
							 : sizeof(buf);
		ssize_t done;

		fill(buf, n);
		done = pwrite(fd, buf, n, off);
		if (done < 0)
			return -1;
		off += done;
		left -= done;
	}
	return 0;
}

/* In four pieces of unequal length */
static int vectored(int fd, off_t off, size_t len, int flags)
{
	struct iovec iov[4];
	size_t piece = len / 8;
	char *buf = malloc(len);
	ssize_t done = -1;

	if (!buf)
		return -1;
	fill(buf, len);
	for (int i = 0; i < 4; i++) {
		iov[i].iov_base = buf + piece * (size_t)i;
		iov[i].iov_len = i < 3 ? piece : len - 3 * piece;
	}
	if (flags >= 0)
		done = pwritev2(fd, iov, 4, off, flags);
	else if (lseek(fd, off, SEEK_SET) == off)
		done = writev(fd, iov, 4);
	free(buf);
	return done == (ssize_t)len ? 0 : -1;
}

static int do_writev(char **w)
{
	return vectored(need(w[0])->fd, size(w[1]), (size_t)size(w[2]), -1);
}

static int do_pwritev2(char **w)
{
	return vectored(need(w[0])->fd, size(w[1]), (size_t)size(w[2]),
			strcmp(w[3], "append") ? 0 : RWF_APPEND);
}

static int do_ftruncate(char **w)
{
	return ftruncate(need(w[0])->fd, size(w[1]));
}

static int do_truncate(char **w)
{
	return truncate(w[0], size(w[1]));
}

/* By the names of FALLOC_FL_*, all of which can be had alone but punch. */
static int do_fallocate(char **w)
{
	static const struct {
		const char *name;
		int mode;
	} modes[] = {
		{ "plain", 0 },
		{ "keep", FALLOC_FL_KEEP_SIZE },
		{ "punch", FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE },
		{ "zero", FALLOC_FL_ZERO_RANGE },
		{ "collapse", FALLOC_FL_COLLAPSE_RANGE },
		{ "insert", FALLOC_FL_INSERT_RANGE },
		{ "unshare", FALLOC_FL_UNSHARE_RANGE },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(w[1], modes[i].name))
			return fallocate(need(w[0])->fd, modes[i].mode,
					 size(w[2]), size(w[3]));
	fprintf(stderr, "ovlio: no fallocate mode '%s'\n", w[1]);
	exit(2);
}

const struct command file_commands[] = {
	{ "open", 3, do_open, "NAME rwcxatdsD PATH" },
	{ "tmpfile", 2, do_tmpfile, "NAME DIR" },
	{ "linkat", 2, do_linkat, "FD PATH" },
	{ "close", 1, do_close, "FD" },
	{ "handle", 2, do_handle, "NAME PATH" },
	{ "openhandle", 4, do_openhandle, "NAME HANDLE rwatds MOUNT-POINT" },
	{ "mkdir", 1, do_mkdir, "PATH" },
	{ "write", 3, do_write, "FD OFFSET LENGTH" },
	{ "writev", 3, do_writev, "FD OFFSET LENGTH" },
	{ "pwritev2", 4, do_pwritev2, "FD OFFSET LENGTH plain|append" },
	{ "ftruncate", 2, do_ftruncate, "FD LENGTH" },
	{ "truncate", 2, do_truncate, "PATH LENGTH" },
	{ "fallocate", 4, do_fallocate,
	  "FD plain|keep|punch|zero|collapse|insert|unshare OFFSET LENGTH" },
	{ 0 },
};
