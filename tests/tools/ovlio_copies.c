// SPDX-License-Identifier: GPL-2.0-or-later
/* ovlio: data that goes from file to file within the kernel. */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <unistd.h>

static int do_splice(char **w)
{
	long long left = size(w[2]);
	off_t off = size(w[1]);
	char buf[4096];
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC))
		return -1;
	while (left > 0) {
		ssize_t n = left < (long long)sizeof(buf)
				    ? (ssize_t)left
				    : (ssize_t)sizeof(buf);

		fill(buf, (size_t)n);
		if (write(pipes[1], buf, (size_t)n) != n)
			break;
		if (splice(pipes[0], NULL, need(w[0])->fd, &off, (size_t)n,
			   0) != n)
			break;
		left -= n;
	}
	close(pipes[0]);
	close(pipes[1]);
	return left ? -1 : 0;
}

/* To where OUT's position is; from the start of IN. */
static int do_sendfile(char **w)
{
	off_t off = 0, len = size(w[2]);

	while (off < len)
		if (sendfile(need(w[0])->fd, need(w[1])->fd, &off,
			     (size_t)(len - off)) <= 0)
			return -1;
	return 0;
}

static int do_copy(char **w)
{
	off_t out = size(w[1]), in = size(w[3]), left = size(w[4]);

	while (left > 0) {
		ssize_t n = copy_file_range(need(w[2])->fd, &in, need(w[0])->fd,
					    &out, (size_t)left, 0);

		if (n <= 0)
			return -1;
		left -= n;
	}
	return 0;
}

static int do_clone(char **w)
{
	return ioctl(need(w[0])->fd, FICLONE, need(w[1])->fd);
}

static int do_clonerange(char **w)
{
	struct file_clone_range range = {
		.dest_offset = (__u64)size(w[1]),
		.src_fd = need(w[2])->fd,
		.src_offset = (__u64)size(w[3]),
		.src_length = (__u64)size(w[4]),
	};

	return ioctl(need(w[0])->fd, FICLONERANGE, &range);
}

/* All of it must be found to be the same. */
static int do_dedupe(char **w)
{
	struct {
		struct file_dedupe_range range;
		struct file_dedupe_range_info info;
	} arg = {
		.range = {
			.src_offset = (__u64)size(w[3]),
			.src_length = (__u64)size(w[4]),
			.dest_count = 1,
		},
		.info = {
			.dest_fd = need(w[0])->fd,
			.dest_offset = (__u64)size(w[1]),
		},
	};

	if (ioctl(need(w[2])->fd, FIDEDUPERANGE, &arg))
		return -1;
	errno = arg.info.status < 0 ? -arg.info.status : EINVAL;
	return arg.info.status == FILE_DEDUPE_RANGE_SAME &&
			       arg.info.bytes_deduped == arg.range.src_length
		       ? 0
		       : -1;
}

const struct command copy_commands[] = {
	{ "splice", 3, do_splice, "FD OFFSET LENGTH: from a pipe" },
	{ "sendfile", 3, do_sendfile, "OUT IN LENGTH" },
	{ "copy", 5, do_copy, "OUT OFFSET IN OFFSET LENGTH: copy_file_range" },
	{ "clone", 2, do_clone, "OUT IN" },
	{ "clonerange", 5, do_clonerange, "OUT OFFSET IN OFFSET LENGTH" },
	{ "dedupe", 5, do_dedupe, "OUT OFFSET IN OFFSET LENGTH" },
	{ 0 },
};
