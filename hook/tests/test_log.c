// SPDX-License-Identifier: GPL-2.0-or-later
/* log.c */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "deadline.h"
#include "support.h"

int __wrap_poll(struct pollfd *fds, nfds_t nfds, int timeout);
int __real_poll(struct pollfd *fds, nfds_t nfds, int timeout);

/* Whether others are always faster: it is writable, and then it is not. */
static bool others_are_faster;

int __wrap_poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	if (!others_are_faster)
		return __real_poll(fds, nfds, timeout);
	usleep(1000U * (unsigned int)(timeout < 900 ? timeout : 900));
	fds->revents = POLLOUT;
	return 1;
}

/* A syslog daemon's socket. */
static int listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_true(strlen(path) < sizeof(addr.sun_path));
	memcpy(addr.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&addr, sizeof(addr)),
			 0);
	return fd;
}

static void sends_a_packet(void **state)
{
	char packet[100] = "";
	int server = listen_at(support_path(*state, "log"));
	int fd = log_connect(support_path(*state, "log"));

	assert_true(fd >= 0);
	log_send(fd, LOG_DAEMON | LOG_INFO, "ident", "a line");
	assert_int_equal(recv(server, packet, sizeof(packet) - 1, MSG_DONTWAIT),
			 17);
	assert_string_equal(packet, "<30>ident: a line");
	close(fd);
	close(server);
}

static void no_daemon_is_no_error(void **state)
{
	assert_int_equal(log_connect(support_path(*state, "none")), -1);
	/* Then it does not even try: its filter would have to say no. */
	errno = 0;
	log_send(-1, LOG_DAEMON | LOG_INFO, "ident", "a line");
	assert_int_equal(errno, 0);
}

static void too_long_a_path_is_refused(void **state)
{
	char path[200];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(log_connect(path), -1);
}

/* Send until the daemon's queue is full, without waiting. */
static void fill(int fd)
{
	while (send(fd, "x", 1, MSG_DONTWAIT) == 1)
		;
	assert_int_equal(errno, EAGAIN);
}

static void daemon_that_does_not_read_is_not_waited_for(void **state)
{
	int server = listen_at(support_path(*state, "log"));
	int fd = log_connect(support_path(*state, "log"));
	int64_t start;

	fill(fd);
	start = monotonic_ns();
	alarm(20);
	log_send(fd, LOG_DAEMON | LOG_INFO, "ident", "a line");
	alarm(0);
	assert_true(monotonic_ns() - start < 5 * NSEC_PER_SEC);
	close(fd);
	close(server);
}

/* The parent's deadline, this, and what the engine allows have to fit. */
static void retries_do_not_add_up(void **state)
{
	int server = listen_at(support_path(*state, "log"));
	int fd = log_connect(support_path(*state, "log"));
	int64_t start, took;

	fill(fd);
	others_are_faster = true;
	start = monotonic_ns();
	alarm(20);
	log_send(fd, LOG_DAEMON | LOG_INFO, "ident", "a line");
	alarm(0);
	took = monotonic_ns() - start;
	others_are_faster = false;
	assert_in_range(took, 900 * NSEC_PER_MSEC, 1500 * NSEC_PER_MSEC);
	close(fd);
	close(server);
}

static void busy_daemon_gets_it(void **state)
{
	int server = listen_at(support_path(*state, "log"));
	int fd = log_connect(support_path(*state, "log"));
	char packet[100];
	bool found = false;
	pid_t pid;

	fill(fd);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		log_send(fd, LOG_DAEMON | LOG_INFO, "ident", "a line");
		_exit(0);
	}
	usleep(300000);
	alarm(20);
	while (!found) {
		ssize_t n = recv(server, packet, sizeof(packet) - 1, 0);

		assert_true(n > 0);
		packet[n] = '\0';
		found = strstr(packet, "ident: a line");
	}
	alarm(0);
	waitpid(pid, NULL, 0);
	close(fd);
	close(server);
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(sends_a_packet),
		with_dir(no_daemon_is_no_error),
		with_dir(too_long_a_path_is_refused),
		with_dir(daemon_that_does_not_read_is_not_waited_for),
		with_dir(retries_do_not_add_up),
		with_dir(busy_daemon_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
