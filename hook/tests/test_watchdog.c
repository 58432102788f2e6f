// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watchdog.c: a worker that hangs, or is ended, in calls that do what the test
 * says. A real overlay where one can be mounted.
 */
#include "watchdog.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "overlay.h"
#include "support.h"
#include "support_job.h"

int __wrap_syncfs(int fd);
int __wrap_fstatfs(int fd, struct statfs *fs);
int __real_fstatfs(int fd, struct statfs *fs);
int __wrap_overlay_open_upper(const struct overlay *o);
int __real_overlay_open_upper(const struct overlay *o);

static enum { HANG, KILLED, INTRUDER, QUIET } behaviour;
static int64_t hang_until;
static bool fstatfs_hangs, upper_hangs;

int __wrap_syncfs(int fd)
{
	static char name[] = "/bin/true";
	char *argv[] = { name, NULL };

	(void)fd;
	switch (behaviour) {
	case HANG:
		/* Not for ever: a test that fails leaves this one behind. */
		while (monotonic_ns() < hang_until)
			;
		return 0;
	case KILLED:
		/* The filter refuses raise(): the hard way, then. */
		__builtin_trap();
	case INTRUDER:
		return execv(name, argv);
	default:
		return (int)syscall(SYS_exit_group, 0);
	}
}

int __wrap_fstatfs(int fd, struct statfs *fs)
{
	while (fstatfs_hangs)
		sleep(1);
	return __real_fstatfs(fd, fs);
}

/* As walk.c calls it: calls in overlay.c itself are not wrapped. */
int __wrap_overlay_open_upper(const struct overlay *o)
{
	while (upper_hangs)
		sleep(1);
	return __real_overlay_open_upper(o);
}

static struct watchdog run(const char *dir, unsigned int seconds,
			   struct result *r)
{
	job_setup(dir);
	return job_run(seconds, r);
}

/* What the fd table of @pid has at @fd. */
static void link_of(pid_t pid, const char *fd, char *target, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%.20s", pid, fd);
	n = readlink(path, target, size - 1);
	target[n < 0 ? 0 : n] = '\0';
}

/* Nothing but /dev/null thrice, the result pipe, and the rootfs. */
static void check_fds(pid_t pid, const char *dir)
{
	char path[64], target[PATH_MAX];
	int pipes = 0, nulls = 0, roots = 0;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		link_of(pid, e->d_name, target, sizeof(target));
		pipes += !strncmp(target, "pipe:", 5);
		nulls += !strcmp(target, "/dev/null");
		roots += !strcmp(target, support_path(dir, "merged"));
		if (strncmp(target, "pipe:", 5) &&
		    strcmp(target, "/dev/null") &&
		    strcmp(target, support_path(dir, "merged")))
			fail_msg("the worker holds %s: %s", e->d_name, target);
	}
	closedir(d);
	assert_int_equal(pipes, 1);
	assert_int_equal(nulls, 3);
	assert_int_equal(roots, 1);
}

static void check_status(pid_t pid)
{
	cleanup_fclose FILE *f = NULL;
	char path[64], line[200];
	int seen = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		seen += !strcmp(line, "CapEff:\t0000000000000000\n");
		seen += !strcmp(line, "CapPrm:\t0000000000000000\n");
		seen += !strcmp(line, "Seccomp:\t2\n");
	}
	assert_int_equal(seen, 3);
}

static void deadline_leaves_a_filtered_sync_running(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = HANG;
	hang_until = monotonic_ns() + 20 * NSEC_PER_SEC;
	if (!job_bundle(*state, ""))
		skip();
	w = run(*state, 1, &r);
	assert_string_equal(r.text, "timed out after 1 s, still running");
	assert_int_equal(r.outcome, OUTCOME_TIMEOUT);
	assert_int_equal(r.sync_ns, -1);
	assert_int_equal(waitpid(w.pid, NULL, WNOHANG), 0);
	assert_int_equal(getsid(w.pid), w.pid);
	check_fds(w.pid, *state);
	check_status(w.pid);
	/* Its timer must not end it either: it is past the deadline already. */
	usleep(500000);
	assert_int_equal(waitpid(w.pid, NULL, WNOHANG), 0);
	job_finish(&w, true);
}

/* The worker is gone soon, and the record says what it was at. */
static void check_ended(const struct watchdog *w, const struct result *r,
			const char *at)
{
	pid_t pid = 0;
	int i;

	assert_contains(r->text, at);
	assert_int_equal(r->outcome, OUTCOME_TIMEOUT);
	for (i = 0; i < 50 && !pid; i++) {
		usleep(100000);
		pid = waitpid(w->pid, NULL, WNOHANG);
	}
	if (!pid)
		job_finish(w, true);
	/* Or the watchdog was told first, and there is none any more: -1. */
	assert_int_not_equal(pid, 0);
	close(w->pidfd);
	close(w->result_fd);
}

static void deadline_ends_what_hangs_before_the_sync(void **state)
{
	struct watchdog w;
	struct result r;

	job_bundle(*state, "");
	fstatfs_hangs = true;
	w = run(*state, 1, &r);
	fstatfs_hangs = false;
	check_ended(&w, &r, "timed out after 1 s opening rootfs \"/tmp/");
}

static void deadline_ends_what_hangs_before_the_walk(void **state)
{
	struct watchdog w;
	struct result r;

	if (!job_bundle(*state, ""))
		skip();
	job_setup(*state);
	job.policy.fallback = FALLBACK_WALK;
	upper_hangs = true;
	w = job_run(1, &r);
	upper_hangs = false;
	check_ended(&w, &r, "timed out after 1 s opening upper directory \"/");
}

static void worker_that_its_filter_ends_is_told(void **state)
{
	struct watchdog w;
	struct result r;

	if (!job_bundle(*state, ""))
		skip();
	behaviour = INTRUDER;
	w = run(*state, 20, &r);
	job_finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_contains(r.text, "was ended by its seccomp filter");
	/* cmocka's handler is not for the worker. */
	signal(SIGILL, SIG_DFL);
	behaviour = KILLED;
	w = run(*state, 20, &r);
	job_finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_contains(r.text, "the syncing process was ended by signal 4");
	behaviour = QUIET;
	w = run(*state, 20, &r);
	job_finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_contains(r.text, "ended without a result");
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(deadline_leaves_a_filtered_sync_running),
		with_dir(deadline_ends_what_hangs_before_the_sync),
		with_dir(deadline_ends_what_hangs_before_the_walk),
		with_dir(worker_that_its_filter_ends_is_told),
	};

	support_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
