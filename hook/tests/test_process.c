// SPDX-License-Identifier: GPL-2.0-or-later
/* process.c, in children */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "support.h"

static int with_nothing_open(void *arg)
{
	int fd;

	(void)arg;
	for (fd = 0; fd < 3; fd++)
		close(fd);
	if (process_setup(false) < 0)
		return 1;
	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return 2;
	fd = open("/", O_RDONLY);
	return fd < 3 ? 3 : 0;
}

static void fills_fds_0_to_2(void **state)
{
	struct ended e = support_fork(with_nothing_open, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

static int with_leaked_fds(void *arg)
{
	(void)arg;
	if (dup2(2, 3) < 0 || dup2(2, 17) < 0 || dup2(2, 900) < 0)
		return 1;
	if (process_setup(false) < 0)
		return 2;
	if (fcntl(3, F_GETFD) >= 0 || fcntl(17, F_GETFD) >= 0 ||
	    fcntl(900, F_GETFD) >= 0)
		return 3;
	return write(2, "x", 1) == 1 ? 0 : 4;
}

static void closes_what_leaked_in(void **state)
{
	struct ended e = support_fork(with_leaked_fds, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	assert_string_equal(e.text, "x");
}

/* As before Linux 5.9, and under an outer filter that is as old. */
static int without_close_range(void *arg)
{
	const int *errnum = arg;
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned int)*errnum),
			     SCMP_SYS(close_range), 0) ||
	    seccomp_load(ctx))
		return 100;
	seccomp_release(ctx);
	return with_leaked_fds(NULL);
}

static void closes_them_without_close_range(void **state)
{
	static int errnums[] = { ENOSYS, EPERM };
	size_t i;

	(void)state;
	for (i = 0; i < array_size(errnums); i++) {
		struct ended e =
			support_fork(without_close_range, &errnums[i], -1);

		assert_true(e.exited);
		assert_int_equal(e.status, 0);
	}
}

static int with_odd_signals(void *arg)
{
	struct sigaction sa;
	sigset_t all, now;

	(void)arg;
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGALRM, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (process_setup(false) < 0)
		return 1;
	sigaction(SIGPIPE, NULL, &sa);
	if (sa.sa_handler != SIG_IGN)
		return 2;
	sigaction(SIGCHLD, NULL, &sa);
	if (sa.sa_handler != SIG_DFL)
		return 3;
	sigaction(SIGALRM, NULL, &sa);
	if (sa.sa_handler != SIG_DFL)
		return 4;
	sigprocmask(SIG_SETMASK, NULL, &now);
	return sigismember(&now, SIGALRM) ? 5 : 0;
}

static void signals_are_as_they_have_to_be(void **state)
{
	struct ended e = support_fork(with_odd_signals, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

static int somewhere_else(void *arg)
{
	char cwd[100];

	(void)arg;
	if (chdir("/tmp") || process_setup(false) < 0)
		return 1;
	if (!getcwd(cwd, sizeof(cwd)) || strcmp(cwd, "/"))
		return 2;
	return prctl(PR_GET_DUMPABLE) ? 3 : 0;
}

static void keeps_no_directory_and_is_not_dumpable(void **state)
{
	struct ended e = support_fork(somewhere_else, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_fds_0_to_2),
		cmocka_unit_test(closes_what_leaked_in),
		cmocka_unit_test(closes_them_without_close_range),
		cmocka_unit_test(signals_are_as_they_have_to_be),
		cmocka_unit_test(keeps_no_directory_and_is_not_dumpable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
