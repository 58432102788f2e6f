// SPDX-License-Identifier: GPL-2.0-or-later
/* filter.c: what only an intruder would call, each time in a child of its own */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support.h"
#include "support_filter.h"

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
		cmocka_unit_test(intrusions_end_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
