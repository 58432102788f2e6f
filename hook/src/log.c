// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * syslog, without the C library's syslog(3): that one blocks when the daemon
 * does not read, and opens sockets and the time zone whenever it likes.
 */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "deadline.h"

/* The deadline, this, and what the engine allows have to fit. */
#define LOG_WAIT_SECONDS 1

/**
 * log_connect() - connect to the syslog daemon.
 * @path: its socket
 *
 * Return: a socket that never blocks; -1 if there is no daemon.
 */
int log_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * When many containers stop at once, the daemon's queue is full for a moment:
 * wait, but not for a daemon that hangs.
 */
static bool wait_writable(int fd, const struct deadline *d)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int left, ready;

	do {
		left = deadline_left_ms(d);
		ready = poll(&p, 1, left);
	} while (ready < 0 && errno == EINTR);
	return ready > 0 && left > 0;
}

/**
 * log_send() - send a line, or drop it if the daemon does not take it.
 * @fd: from log_connect(); -1 does nothing
 * @priority: facility and level
 * @ident: the program's name
 * @line: one line without a newline
 *
 * Without a time: journald, rsyslog and busybox put in their own.
 */
void log_send(int fd, int priority, const char *ident, const char *line)
{
	struct deadline d = deadline_after(LOG_WAIT_SECONDS);
	char packet[4200];
	int n;

	if (fd < 0)
		return;
	n = snprintf(packet, sizeof(packet), "<%d>%s: %s", priority, ident,
		     line);
	if (n < 0 || (size_t)n >= sizeof(packet))
		return;
	while (send(fd, packet, (size_t)n, 0) < 0) {
		if (errno == EINTR)
			continue;
		/* Others may have been faster than we are, again and again. */
		if (errno != EAGAIN || !wait_writable(fd, &d))
			return;
	}
}
