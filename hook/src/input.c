// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading what others wrote: bounded in size, and in time.
 */
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* Wait until @fd has something, or its end, to read. */
static int wait_readable(int fd, const char *name, const struct deadline *d,
			 struct error *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		int n = poll(&p, 1, deadline_left_ms(d));

		if (n > 0)
			return 0;
		if (n == 0)
			return error_set(
				err, 0,
				"%s did not end within %u s: its writer has to close it",
				name, deadline_seconds(d));
		if (errno != EINTR)
			return error_set(err, errno, "cannot wait for %s",
					 name);
	}
}

/**
 * input_read() - read a descriptor to its end.
 * @fd: what to read; blocking or not
 * @name: what it is, for messages
 * @deadline: until when
 * @text: where to put the bytes (not terminated); NULL before, the caller
 *	frees it in any case
 * @len: where to put their number, at most INPUT_MAX
 * @err: why it failed: too long, too late, or a read error
 *
 * Return: 0 or -1.
 */
int input_read(int fd, const char *name, const struct deadline *deadline,
	       char **text, size_t *len, struct error *err)
{
	size_t size = 0, used = 0;

	for (;;) {
		ssize_t n;

		if (used == size) {
			size_t bigger = size ? 2 * size : 16384;
			char *p;

			/* One byte over the limit tells "too long" from "full". */
			if (bigger > INPUT_MAX + 1)
				bigger = INPUT_MAX + 1;
			p = realloc(*text, bigger);
			if (!p)
				return error_set(err, ENOMEM, "cannot read %s",
						 name);
			*text = p;
			size = bigger;
		}
		if (wait_readable(fd, name, deadline, err) < 0)
			return -1;
		n = read(fd, *text + used, size - used);
		if (n < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			return error_set(err, errno, "cannot read %s", name);
		}
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > INPUT_MAX)
			return error_set(err, 0,
					 "%s is larger than 1 MiB: refused",
					 name);
	}
	*len = used;
	return 0;
}
