// SPDX-License-Identifier: GPL-2.0-or-later
/* filter.c: what each filter allows and refuses, each time in a child of its own */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support.h"
#include "support_filter.h"

static int worker_needs(void)
{
	struct timespec ts;
	void *p;

	if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts))
		return 1;
	if (syncfs(ROOTFS))
		return 2;
	if (write(RESULT, "x", 1) != 1)
		return 3;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || munmap(p, 4096))
		return 4;
	return close(ROOTFS) ? 5 : 0;
}

static void worker_can_do_its_work(void **state)
{
	struct ended e = probe(WORKER, worker_needs);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

static int parent_needs(void)
{
	static const struct itimerval none;
	struct pollfd p = { .fd = RESULT, .events = POLLIN };
	struct sigaction sa = { .sa_handler = SIG_IGN };
	char c;

	if (poll(&p, 1, 1000) != 1 || read(RESULT, &c, 1) != 1)
		return 1;
	if (send(LOG, "x", 1, MSG_DONTWAIT) != 1)
		return 2;
	if (write(STDERR_FILENO, "said", 4) != 4)
		return 3;
	if (sigaction(SIGALRM, &sa, NULL) ||
	    setitimer(ITIMER_REAL, &none, NULL))
		return 4;
	return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : 5;
}

static void parent_can_do_its_work(void **state)
{
	struct ended e = probe(PARENT, parent_needs);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	assert_string_equal(e.text, "said");
}

static int walker_needs(void)
{
	int fd = openat(AT_FDCWD, "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	char buf[1024];

	if (fd < 0 || fstat(fd, &st) || fchdir(fd))
		return 1;
	if (syscall(SYS_getdents64, fd, buf, sizeof(buf)) < 0)
		return 2;
	if (fsync(fd) && errno == EPERM)
		return 3;
	if (sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) && errno == EPERM)
		return 4;
	if (write(RESULT, "x", 1) != 1)
		return 5;
	return close(fd) ? 6 : 0;
}

static void walker_can_do_its_work(void **state)
{
	struct ended e = probe(WALKER, walker_needs);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

static bool is_eperm(long ret)
{
	return ret == -1 && errno == EPERM;
}

/* Refused to all: harmless calls that nobody needs. */
static int all_refused(void)
{
	if (!is_eperm(syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0)))
		return 3;
	if (!is_eperm(syscall(SYS_kill, getppid(), 0)))
		return 4;
	if (!is_eperm(dup2(RESULT, 30)))
		return 5;
	if (!is_eperm((long)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)))
		return 6;
	if (!is_eperm((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, OTHER, 0)))
		return 13;
	if (!is_eperm(write(OTHER, "x", 1)))
		return 7;
	if (!is_eperm(syscall(SYS_sync)))
		return 8;
	if (!is_eperm(syncfs(OTHER)))
		return 9;
	if (!is_eperm(open("/tmp/none", O_WRONLY)) ||
	    !is_eperm(open("/tmp/none", O_RDONLY | O_CREAT, 0600)) ||
	    !is_eperm(open("/tmp", O_TMPFILE | O_RDWR, 0600)))
		return 12;
	if (!is_eperm(unlink("/tmp/none")))
		return 10;
	return is_eperm(prctl(PR_GET_DUMPABLE)) ? 0 : 11;
}

/* Refused to those two. */
static int common_refused(void)
{
	if (!is_eperm(open("/tmp", O_RDONLY)))
		return 2;
	return all_refused();
}

static int walker_refused(void)
{
	char c;

	if (!is_eperm(read(RESULT, &c, 1)))
		return 70;
	if (!is_eperm(syncfs(ROOTFS)))
		return 71;
	if (!is_eperm(write(STDERR_FILENO, "x", 1)))
		return 72;
	if (!is_eperm(send(LOG, "x", 1, 0)))
		return 73;
	if (!is_eperm(syscall(SYS_fchmod, OTHER, 0700)))
		return 74;
	if (!is_eperm(syscall(SYS_mprotect, 4096UL, 4096UL,
			      PROT_READ | PROT_EXEC)))
		return 75;
	return all_refused();
}

static int worker_refused(void)
{
	char c;

	if (!is_eperm(read(RESULT, &c, 1)))
		return 50;
	if (!is_eperm(close(RESULT)))
		return 51;
	if (!is_eperm(send(LOG, "x", 1, 0)))
		return 52;
	if (!is_eperm(write(STDERR_FILENO, "x", 1)))
		return 53;
	return common_refused();
}

static int parent_refused(void)
{
	if (!is_eperm(syncfs(ROOTFS)))
		return 60;
	if (!is_eperm(send(OTHER, "x", 1, 0)))
		return 61;
	return common_refused();
}

static void other_calls_are_refused(void **state)
{
	struct ended e;

	(void)state;
	e = probe(WORKER, worker_refused);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	e = probe(WALKER, walker_refused);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	e = probe(PARENT, parent_refused);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worker_can_do_its_work),
		cmocka_unit_test(parent_can_do_its_work),
		cmocka_unit_test(walker_can_do_its_work),
		cmocka_unit_test(other_calls_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
