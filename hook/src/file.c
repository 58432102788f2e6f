// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a file that may be anything but a file.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>

#include "cleanup.h"
#include "input.h"
#include "path.h"

/**
 * file_read() - read a regular file of a limited size.
 * @dirfd: where relative paths start, or AT_FDCWD
 * @path: the path; a symlink at its end is refused
 * @name: what it is, for messages
 * @deadline: until when
 * @text: as for input_read()
 * @len: as for input_read()
 * @st: what the file is
 * @err: why it failed
 *
 * Return: 0 or -1.
 */
int file_read(int dirfd, const char *path, const char *name,
	      const struct deadline *deadline, char **text, size_t *len,
	      struct stat *st, struct error *err)
{
	cleanup_close int fd = -1;

	/* Without O_NONBLOCK a FIFO here would hold the hook for ever. */
	fd = openat(dirfd, path,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		if (errno == ELOOP)
			return error_set(
				err, 0, "%s is a symbolic link: refused", name);
		return error_set(err, errno, "cannot open %s", name);
	}
	if (fstat(fd, st) < 0)
		return error_set(err, errno, "cannot look at %s", name);
	if (!S_ISREG(st->st_mode)) {
		const char *kind = path_kind(dirfd, path);

		return error_set(err, 0, "%s is %s, not a regular file", name,
				 kind ? kind : "gone");
	}
	return input_read(fd, name, deadline, text, len, err);
}
