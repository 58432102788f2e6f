// SPDX-License-Identifier: GPL-2.0-or-later
/* ovlio: names, and what else a folder or inode is told. */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static int do_mkdir(char **w)
{
	return mkdir(w[0], 0755);
}

static int do_rmdir(char **w)
{
	return rmdir(w[0]);
}

static int do_unlink(char **w)
{
	return unlink(w[0]);
}

static int do_rename(char **w)
{
	return rename(w[0], w[1]);
}

static int do_exchange(char **w)
{
	return renameat2(AT_FDCWD, w[0], AT_FDCWD, w[1], RENAME_EXCHANGE);
}

static int do_link(char **w)
{
	return link(w[0], w[1]);
}

static int do_symlink(char **w)
{
	return symlink(w[0], w[1]);
}

/* As /dev/null; 0:0 would be a whiteout. */
static int do_mknod(char **w)
{
	return mknod(w[0], S_IFCHR | 0600, makedev(1, 3));
}

static int do_chmod(char **w)
{
	return chmod(w[1], (mode_t)strtol(w[0], NULL, 8));
}

static int do_chown(char **w)
{
	uid_t id = (uid_t)size(w[0]);

	return lchown(w[1], id, id);
}

static int do_utime(char **w)
{
	struct timespec t[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = size(w[0]) },
	};

	return utimensat(AT_FDCWD, w[1], t, AT_SYMLINK_NOFOLLOW);
}

static int do_setxattr(char **w)
{
	size_t len = (size_t)size(w[1]);
	char *value = malloc(len);
	int ret = -1;

	if (value) {
		fill(value, len);
		ret = lsetxattr(w[2], w[0], value, len, 0);
	}
	free(value);
	return ret;
}

static int do_removexattr(char **w)
{
	return lremovexattr(w[1], w[0]);
}

const struct command name_commands[] = {
	{ "mkdir", 1, do_mkdir, "PATH" },
	{ "rmdir", 1, do_rmdir, "PATH" },
	{ "unlink", 1, do_unlink, "PATH" },
	{ "rename", 2, do_rename, "FROM TO" },
	{ "exchange", 2, do_exchange, "PATH PATH" },
	{ "link", 2, do_link, "FROM TO" },
	{ "symlink", 2, do_symlink, "TARGET PATH" },
	{ "mknod", 1, do_mknod, "PATH: a character device" },
	{ "chmod", 2, do_chmod, "MODE PATH" },
	{ "chown", 2, do_chown, "ID PATH: user and group" },
	{ "utime", 2, do_utime, "SECONDS PATH: of modification" },
	{ "setxattr", 3, do_setxattr, "NAME LENGTH PATH" },
	{ "removexattr", 2, do_removexattr, "NAME PATH" },
	{ 0 },
};
