// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The seccomp filters: one for the process that syncs, one for it where it has
 * to walk through the upper directory, one for the process that waits for it
 * and reports.
 *
 * Allowed is what is listed; what only an intruder would call ends the
 * process; everything else gets EPERM, so that a libc that tries something
 * unforeseen goes on without it.
 */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static void cleanup_filter_fn(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

#define cleanup_filter __attribute__((cleanup(cleanup_filter_fn)))

/* Names, since not every architecture has every one of them. */
static const char *const LIBC_CALLS[] = {
	/* the clock where the vDSO cannot tell it; memory; the end */
	"clock_gettime",
	"clock_gettime64",
	"brk",
	"munmap",
	"exit",
	"exit_group",
	"rt_sigreturn",
	"restart_syscall",
	NULL,
};

static const char *const WAIT_CALLS[] = {
	"poll",
	"ppoll",
	"ppoll_time64",
	"wait4",
	"waitpid",
	/* until the write to standard error is given up */
	"rt_sigaction",
	"setitimer",
	NULL,
};

static const char *const WALK_CALLS[] = {
	/* fts */
	"fchdir",
	"fcntl",
	"fcntl64",
	"fstat",
	"fstat64",
	"fstatfs",
	"fstatfs64",
	"getdents64",
	"lseek",
	"newfstatat",
	"fstatat64",
	"statx",
	/* files */
	"cachestat",
	"close",
	"fsync",
	"sync_file_range",
	"sync_file_range2",
	"arm_sync_file_range",
	/* threads */
	"futex",
	"futex_time64",
	"madvise",
	"rt_sigprocmask",
	"rseq",
	"set_robust_list",
	NULL,
};

static const char *const DEADLY_CALLS[] = {
	"execve",
	"execveat",
	"fork",
	"vfork",
	"clone",
	"clone3",
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"pidfd_getfd",
	"mount",
	"umount",
	"umount2",
	"pivot_root",
	"chroot",
	"move_mount",
	"open_tree",
	"fsopen",
	"fsconfig",
	"fsmount",
	"fspick",
	"mount_setattr",
	"setns",
	"unshare",
	"open_by_handle_at",
	"init_module",
	"finit_module",
	"delete_module",
	"kexec_load",
	"kexec_file_load",
	"bpf",
	"perf_event_open",
	"io_uring_setup",
	"io_uring_enter",
	"io_uring_register",
	"userfaultfd",
	"socket",
	"socketpair",
	"bind",
	"connect",
	"listen",
	"accept",
	"accept4",
	"socketcall",
	"keyctl",
	"add_key",
	"request_key",
	"reboot",
	"swapon",
	"swapoff",
	NULL,
};

static int add_all(scmp_filter_ctx ctx, uint32_t action,
		   const char *const *names)
{
	int ret = 0;

	for (; *names && !ret; names++) {
		int nr = seccomp_syscall_resolve_name(*names);

		if (nr != __NR_SCMP_ERROR)
			ret = seccomp_rule_add(ctx, action, nr, 0);
	}
	return ret;
}

/* Allow @nr on the descriptor @fd only; its register has 32 bits that count. */
static int add_on_fd(scmp_filter_ctx ctx, int nr, int fd)
{
	if (fd < 0)
		return 0;
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 1,
				SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffU,
					(scmp_datum_t)(unsigned int)fd));
}

/* What both filters have in common. */
static int add_common(scmp_filter_ctx ctx)
{
	int ret;

	ret = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			       SCMP_ACT_KILL_PROCESS);
	if (!ret)
		ret = add_all(ctx, SCMP_ACT_ALLOW, LIBC_CALLS);
	/* Memory, not files: who maps one reads it. */
	if (!ret)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
					       0),
				       SCMP_A3(SCMP_CMP_MASKED_EQ,
					       MAP_ANONYMOUS, MAP_ANONYMOUS));
	if (!ret)
		ret = add_all(ctx, SCMP_ACT_KILL_PROCESS, DEADLY_CALLS);
	return ret;
}

static int filter_error(int ret, struct error *err)
{
	return error_set(err, -ret, "cannot install the seccomp filter");
}

/**
 * filter_worker() - leave nothing but the sync and its result.
 * @rootfs_fd: the one descriptor that may be synced, and closed
 * @result_fd: the one descriptor that may be written to
 * @err: why there is no filter
 *
 * Return: 0 or -1.
 */
int filter_worker(int rootfs_fd, int result_fd, struct error *err)
{
	cleanup_filter scmp_filter_ctx ctx = NULL;
	int ret = -ENOMEM;

	ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (ctx)
		ret = add_common(ctx);
	if (!ret)
		ret = add_on_fd(ctx, SCMP_SYS(syncfs), rootfs_fd);
	if (!ret)
		ret = add_on_fd(ctx, SCMP_SYS(close), rootfs_fd);
	if (!ret)
		ret = add_on_fd(ctx, SCMP_SYS(write), result_fd);
	if (!ret)
		ret = seccomp_load(ctx);
	return ret ? filter_error(ret, err) : 0;
}

/**
 * filter_walker() - leave nothing but reading directories, and opening and
 * syncing files.
 * @result_fd: the one descriptor that may be written to
 * @err: why there is no filter
 *
 * For all threads: they must exist already, and no others can be made. A filter
 * does not see paths: whatever CAP_DAC_READ_SEARCH opens can be opened, but
 * nothing can be read, except directories, and no byte leaves but through
 * @result_fd.
 *
 * Return: 0 or -1.
 */
int filter_walker(int result_fd, struct error *err)
{
	cleanup_filter scmp_filter_ctx ctx = NULL;
	int ret = -ENOMEM;

	ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (ctx)
		ret = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!ret)
		ret = add_common(ctx);
	if (!ret)
		ret = add_all(ctx, SCMP_ACT_ALLOW, WALK_CALLS);
	if (!ret)
		ret = seccomp_rule_add(
			ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* Whoever can write can truncate: nothing is opened for that. */
	if (!ret)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ,
					       O_ACCMODE | O_CREAT | O_TRUNC,
					       O_RDONLY));
	if (!ret)
		ret = add_on_fd(ctx, SCMP_SYS(write), result_fd);
	if (!ret)
		ret = seccomp_load(ctx);
	return ret ? filter_error(ret, err) : 0;
}

/**
 * filter_parent() - leave nothing but waiting and reporting.
 * @result_fd: where the worker's messages come from
 * @log_fd: the connected socket to the syslog daemon, or -1
 * @err: why there is no filter
 *
 * Return: 0 or -1.
 */
int filter_parent(int result_fd, int log_fd, struct error *err)
{
	cleanup_filter scmp_filter_ctx ctx = NULL;
	int ret = -ENOMEM;

	ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (ctx)
		ret = add_common(ctx);
	if (!ret)
		ret = add_all(ctx, SCMP_ACT_ALLOW, WAIT_CALLS);
	if (!ret)
		ret = add_on_fd(ctx, SCMP_SYS(read), result_fd);
	if (!ret)
		ret = add_on_fd(ctx, SCMP_SYS(write), STDERR_FILENO);
	if (!ret)
		ret = add_on_fd(ctx, SCMP_SYS(sendto), log_fd);
	if (!ret)
		ret = seccomp_load(ctx);
	return ret ? filter_error(ret, err) : 0;
}
