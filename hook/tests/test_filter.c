// SPDX-License-Identifier: GPL-2.0-or-later
/* filter.c, each time in a child of its own */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

enum { ROOTFS = 20, RESULT = 21, OTHER = 22, LOG = 23 };

/* What to do once the filter is in place; returns an exit status. */
typedef int (*probe_fn)(void);

enum who { WORKER, PARENT, WALKER };

struct probe {
	enum who who;
	probe_fn fn;
};

static int install(enum who who, struct error *err)
{
	switch (who) {
	case WORKER:
		return filter_worker(ROOTFS, RESULT, err);
	case PARENT:
		return filter_parent(RESULT, LOG, err);
	default:
		return filter_walker(RESULT, err);
	}
}

static int in_filter(void *arg)
{
	const struct probe *p = arg;
	struct error err;
	int fds[2];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || pipe(fds) ||
	    dup2(open("/tmp", O_RDONLY), ROOTFS) < 0 ||
	    dup2(fds[1], RESULT) < 0 ||
	    dup2(open("/tmp", O_RDONLY), OTHER) < 0 ||
	    dup2(open("/dev/null", O_RDWR), LOG) < 0)
		return 100;
	if (p->who == PARENT) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) ||
		    dup2(fds[0], RESULT) < 0 || dup2(pair[0], LOG) < 0 ||
		    write(fds[1], "x", 1) != 1)
			return 101;
	}
	if (install(p->who, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 102;
	}
	return p->fn();
}

static struct ended probe(enum who who, probe_fn fn)
{
	struct probe p = { .who = who, .fn = fn };

	return support_fork(in_filter, &p, -1);
}

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

/* Each of these must not return. */
static int do_execve(void)
{
	static char name[] = "/bin/true";
	char *argv[] = { name, NULL };

	execv(name, argv);
	return 0;
}

static int do_execveat(void)
{
	syscall(SYS_execveat, -1, "/bin/true", NULL, NULL, 0);
	return 0;
}

static int do_fork(void)
{
	if (!fork())
		_exit(0);
	return 0;
}

static int do_ptrace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	return 0;
}

static int do_mount(void)
{
	syscall(SYS_mount, "none", "/none", "tmpfs", 0, NULL);
	return 0;
}

static int do_umount(void)
{
	syscall(SYS_umount2, "/none", 0);
	return 0;
}

static int do_unshare(void)
{
	syscall(SYS_unshare, 0);
	return 0;
}

static int do_setns(void)
{
	syscall(SYS_setns, -1, 0);
	return 0;
}

static int do_chroot(void)
{
	syscall(SYS_chroot, "/none");
	return 0;
}

static int do_bpf(void)
{
	syscall(SYS_bpf, 0, NULL, 0);
	return 0;
}

static int do_io_uring(void)
{
	syscall(SYS_io_uring_setup, 0, NULL);
	return 0;
}

static int do_open_by_handle(void)
{
	syscall(SYS_open_by_handle_at, -1, NULL, 0);
	return 0;
}

static int do_socket(void)
{
	syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
	return 0;
}

static int do_socketpair(void)
{
	int fds[2];

	syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, fds);
	return 0;
}

static int do_connect(void)
{
	syscall(SYS_connect, LOG, NULL, 0);
	return 0;
}

#ifdef __x86_64__
/* The same filter must hold for the other doors into the kernel. */
static int do_int80(void)
{
	long ret = 20; /* getpid of i386 */

	__asm__ volatile("int $0x80" : "+a"(ret) : : "memory");
	return 0;
}
#endif

static void intrusions_end_the_process(void **state)
{
	static const probe_fn fns[] = {
		do_execve, do_execveat,	  do_fork,     do_ptrace,
		do_mount,  do_umount,	  do_unshare,  do_setns,
		do_chroot, do_bpf,	  do_io_uring, do_open_by_handle,
		do_socket, do_socketpair, do_connect,
	};
	size_t i;

	(void)state;
	for (i = 0; i < 3 * array_size(fns); i++) {
		struct ended e = probe((enum who)(i % 3), fns[i / 3]);

		if (e.exited || e.status != SIGSYS)
			print_error("intrusion %zu survived\n", i / 3);
		assert_false(e.exited);
		assert_int_equal(e.status, SIGSYS);
	}
#ifdef __x86_64__
	{
		struct ended e = probe(WORKER, do_int80);

		/* SIGSEGV where the kernel has no 32-bit calls at all. */
		assert_false(e.exited);
		assert_true(e.status == SIGSYS || e.status == SIGSEGV);
	}
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worker_can_do_its_work),
		cmocka_unit_test(parent_can_do_its_work),
		cmocka_unit_test(walker_can_do_its_work),
		cmocka_unit_test(other_calls_are_refused),
		cmocka_unit_test(intrusions_end_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
