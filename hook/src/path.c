// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening directories by paths that somebody else chose.
 */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A rename under way makes RESOLVE_BENEATH give up with EAGAIN. */
#define RACE_RETRIES 16

static bool has_dotdot(const char *path)
{
	const char *p = path;

	while (*p) {
		size_t len = strcspn(p, "/");

		if (len == 2 && p[0] == '.' && p[1] == '.')
			return true;
		p += len;
		p += strspn(p, "/");
	}
	return false;
}

/**
 * path_open_dir() - open a directory, and nothing but a directory.
 * @dirfd: where relative paths start, or AT_FDCWD
 * @path: the path
 * @beneath: whether the path must not lead out of @dirfd, by ".." or symlink
 * @flags: open flags besides O_DIRECTORY and O_CLOEXEC
 *
 * Magic links (/proc/PID/root and the like) are refused. O_DIRECTORY makes the
 * kernel refuse a FIFO or a device before its driver hears of the open.
 *
 * Where there is no openat2(2) (ENOSYS: before Linux 5.6, or an outer seccomp
 * filter that says so) @beneath refuses ".." but not a symlink in the middle of
 * the path. EPERM, as filters said before they knew it, is an error: a file
 * system may say it as well, and must not choose the weaker way.
 *
 * Return: the descriptor, or -1 with errno; EXDEV: it leads out of @dirfd.
 */
int path_open_dir(int dirfd, const char *path, bool beneath, int flags)
{
	struct open_how how = { 0 };
	int i;

	flags |= O_DIRECTORY | O_CLOEXEC;
	how.flags = (uint64_t)(unsigned int)flags;
	how.resolve = RESOLVE_NO_MAGICLINKS;
	if (beneath)
		how.resolve |= RESOLVE_BENEATH;

	for (i = 0; i < RACE_RETRIES; i++) {
		long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		if (errno == ENOSYS)
			break;
		if (errno != EAGAIN)
			return -1;
	}
	if (i == RACE_RETRIES)
		return -1;
	if (beneath && (path[0] == '/' || has_dotdot(path))) {
		errno = EXDEV;
		return -1;
	}
	return openat(dirfd, path, flags);
}

/**
 * path_kind() - what a path names, for messages.
 * @dirfd: where relative paths start, or AT_FDCWD
 * @path: the path; a symlink at its end is not followed
 *
 * Return: a noun with its article; NULL if there is nothing, or no telling.
 */
const char *path_kind(int dirfd, const char *path)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return NULL;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return "a file";
	case S_IFDIR:
		return "a directory";
	case S_IFLNK:
		return "a symbolic link";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}
