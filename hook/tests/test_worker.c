// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watchdog.c, worker.c and sync.c together, with a syncfs() and an fstatfs()
 * that do what the test says. A real overlay where one can be mounted.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "overlay.h"
#include "support.h"
#include "watchdog.h"

int __wrap_syncfs(int fd);
int __real_syncfs(int fd);
int __wrap_fstatfs(int fd, struct statfs *fs);
int __real_fstatfs(int fd, struct statfs *fs);
int __wrap_overlay_open_upper(const struct overlay *o);
int __real_overlay_open_upper(const struct overlay *o);

/* As on a kernel without the feature. */
static char parameter[] = "/none";
static struct job job;

static enum { REAL, FAIL, HANG, KILLED, INTRUDER, QUIET } behaviour;
static int fail_with;
static int64_t hang_until;
static bool fstatfs_hangs, upper_hangs;

int __wrap_syncfs(int fd)
{
	static char name[] = "/bin/true";
	char *argv[] = { name, NULL };

	switch (behaviour) {
	case FAIL:
		errno = fail_with;
		return -1;
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
	case QUIET:
		return (int)syscall(SYS_exit_group, 0);
	default:
		return __real_syncfs(fd);
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

/* A bundle around a fresh overlay; false where there can be none. */
static bool make_bundle(const char *dir, const char *options)
{
	char merged[PATH_MAX], config[2 * PATH_MAX];
	bool mounted = support_overlay(dir, options, merged);

	snprintf(config, sizeof(config), "{\"root\":{\"path\":\"%s\"}}",
		 merged);
	support_write(support_path(dir, "config.json"), config, strlen(config));
	return mounted;
}

/* The job that whoever starts the hook at poststop has; a test changes it. */
static void setup_job(const char *dir)
{
	memset(&job, 0, sizeof(job));
	job.stage = STAGE_POSTSTOP;
	policy_init(&job.policy);
	job.policy.fallback = FALLBACK_SYNC;
	job.target.kind = TARGET_BUNDLE;
	job.target.path = dir;
	job.parameter = parameter;
}

/* Start a worker on the job and wait for it, @seconds at most. */
static struct watchdog run_job(unsigned int seconds, struct result *r)
{
	struct deadline d = deadline_after(seconds);
	struct watchdog w;
	struct error err;

	assert_int_equal(watchdog_start(&w, &job, &d, &err), 0);
	watchdog_wait(&w, &d, r);
	/* Never longer than the deadline, and some slack for a busy machine. */
	assert_true(deadline_elapsed_ns(&d) < (seconds + 2) * NSEC_PER_SEC);
	return w;
}

static struct watchdog run(const char *dir, unsigned int seconds,
			   struct result *r)
{
	setup_job(dir);
	return run_job(seconds, r);
}

static void finish(const struct watchdog *w, bool kill_it)
{
	if (kill_it)
		kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	close(w->pidfd);
	close(w->result_fd);
}

static void syncs(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = REAL;
	if (!make_bundle(*state, ""))
		skip();
	w = run(*state, 20, &r);
	finish(&w, false);
	assert_string_equal(r.text, "");
	assert_int_equal(r.outcome, OUTCOME_SYNCED);
	assert_int_equal(r.mode, MODE_WHOLE_UPPER);
	assert_string_equal(r.mount, support_path(*state, "merged"));
	assert_true(r.sync_ns > 0);
	/* A kernel without the module's parameter; and one with it, switched off. */
	assert_contains(r.note.text, "this kernel tells no write errors");
	support_write(support_path(*state, "parameter"), "N", 1);
	setup_job(*state);
	job.parameter = support_path(*state, "parameter");
	w = run_job(20, &r);
	finish(&w, false);
	assert_int_equal(r.mode, MODE_WHOLE_UPPER);
	assert_string_equal(r.note.text, "");
}

static void does_as_the_fallback_says(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = FAIL;
	fail_with = EIO;
	if (!make_bundle(*state, ""))
		skip();
	setup_job(*state);
	job.policy.fallback = FALLBACK_SKIP;
	w = run_job(20, &r);
	finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_SKIPPED);
	assert_int_equal(r.mode, MODE_NONE);
	assert_contains(r.text, "no per-overlay syncfs here");
	/* Not by syncfs. */
	job.policy.fallback = FALLBACK_WALK;
	w = run_job(20, &r);
	finish(&w, false);
	assert_string_equal(r.text, "");
	assert_int_equal(r.outcome, OUTCOME_SYNCED);
	assert_int_equal(r.mode, MODE_WALK);
	assert_contains(r.note.text, "1 files and directories fsynced");
	assert_null(strstr(r.note.text, "missed"));
	/* There are tasks that write. */
	job.stage = STAGE_PRE_DUMP;
	w = run_job(20, &r);
	finish(&w, false);
	assert_contains(r.note.text, "may have been missed");
}

/* As engines mount it where the options would be longer than a page. */
static void relative_upper_is_left_to_the_kernel(void **state)
{
	const char *merged = support_path(*state, "merged");
	char config[2 * PATH_MAX];
	struct watchdog w;
	struct result r;
	int ret;

	assert_int_equal(mkdir(merged, 0755), 0);
	assert_int_equal(mkdir(support_path(*state, "lower"), 0755), 0);
	assert_int_equal(mkdir(support_path(*state, "upper"), 0755), 0);
	assert_int_equal(mkdir(support_path(*state, "work"), 0755), 0);
	snprintf(config, sizeof(config), "{\"root\":{\"path\":\"%s\"}}",
		 merged);
	support_write(support_path(*state, "config.json"), config,
		      strlen(config));
	assert_int_equal(chdir(*state), 0);
	ret = mount("overlay", "merged", "overlay", 0,
		    "lowerdir=lower,upperdir=upper,workdir=work");
	assert_int_equal(chdir("/"), 0);
	if (ret)
		skip();
	setup_job(*state);
	job.policy.fallback = FALLBACK_SKIP;
	w = run_job(20, &r);
	finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_SKIPPED);
	assert_contains(r.text, "no per-overlay syncfs here");
	/* With the feature the kernel knows better than we do, and than a walk. */
	behaviour = REAL;
	support_write(support_path(*state, "parameter"), "Y", 1);
	job.parameter = support_path(*state, "parameter");
	for (job.policy.fallback = FALLBACK_SKIP;
	     job.policy.fallback <= FALLBACK_SYNC; job.policy.fallback++) {
		w = run_job(20, &r);
		finish(&w, false);
		assert_int_equal(r.outcome, OUTCOME_SYNCED);
		assert_int_equal(r.mode, MODE_WHOLE_UPPER);
		assert_contains(r.note.text,
				"upper directory \"upper\" is not to be found");
	}
}

static void dry_run_does_not_sync(void **state)
{
	static const enum fallback fallbacks[] = { FALLBACK_SYNC,
						   FALLBACK_WALK };
	struct watchdog w;
	struct result r;
	size_t i;

	behaviour = FAIL;
	fail_with = EIO;
	if (!make_bundle(*state, ""))
		skip();
	for (i = 0; i < array_size(fallbacks); i++) {
		setup_job(*state);
		job.policy.dry_run = true;
		job.policy.fallback = fallbacks[i];
		w = run_job(20, &r);
		finish(&w, false);
		assert_int_equal(r.outcome, OUTCOME_SKIPPED);
		assert_string_equal(r.text, "dry run");
		assert_int_equal(r.mode, i ? MODE_WALK : MODE_WHOLE_UPPER);
	}
}

static void finds_the_root_by_path_and_by_process(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = REAL;
	if (!make_bundle(*state, ""))
		skip();
	setup_job(*state);
	job.target.kind = TARGET_PATH;
	job.target.path = support_path(*state, "merged");
	w = run_job(20, &r);
	finish(&w, false);
	assert_string_equal(r.text, "");
	assert_int_equal(r.outcome, OUTCOME_SYNCED);
	/* This process does not live in an overlay of its own. */
	job.target.kind = TARGET_PID;
	job.target.path = NULL;
	job.target.pid = getpid();
	w = run_job(20, &r);
	finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_NO_OVERLAY);
	assert_contains(r.mount, "/proc/");
	job.target.pid = 0x7ffffffe;
	w = run_job(20, &r);
	finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_contains(r.text, "no process 2147483646");
}

static void read_only_is_skipped(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = FAIL;
	fail_with = EIO;
	if (!make_bundle(*state, ""))
		skip();
	assert_int_equal(mount("none", support_path(*state, "merged"), "none",
			       MS_REMOUNT | MS_RDONLY, NULL),
			 0);
	w = run(*state, 20, &r);
	finish(&w, false);
	assert_string_equal(r.text, "read-only");
	assert_int_equal(r.outcome, OUTCOME_SKIPPED);
}

static void skips_volatile(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = FAIL;
	fail_with = EIO;
	if (!make_bundle(*state, ",volatile"))
		skip();
	w = run(*state, 20, &r);
	finish(&w, false);
	assert_string_equal(r.text, "volatile");
	assert_int_equal(r.outcome, OUTCOME_SKIPPED);
}

static void write_errors_are_told(void **state)
{
	static const int errors[] = { EIO, ENOSPC, EDQUOT, EROFS };
	struct watchdog w;
	struct result r;
	size_t i;

	behaviour = FAIL;
	if (!make_bundle(*state, ""))
		skip();
	for (i = 0; i < array_size(errors); i++) {
		fail_with = errors[i];
		w = run(*state, 20, &r);
		finish(&w, false);
		assert_int_equal(r.outcome, OUTCOME_ERROR);
		assert_true(r.sync_ns >= 0);
		assert_contains(r.text,
				"write error in rootfs \"/tmp/hook-unit");
		assert_contains(r.text, "or of others on that upper");
		assert_int_equal(r.errnum, errors[i]);
		assert_contains(r.text, strerror(errors[i]));
	}
	fail_with = ENOSYS;
	w = run(*state, 20, &r);
	finish(&w, false);
	assert_contains(r.text, "cannot sync rootfs");
	assert_int_equal(r.errnum, ENOSYS);
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
	if (!make_bundle(*state, ""))
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
	finish(&w, true);
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
		finish(w, true);
	/* Or the watchdog was told first, and there is none any more: -1. */
	assert_int_not_equal(pid, 0);
	close(w->pidfd);
	close(w->result_fd);
}

static void deadline_ends_what_hangs_before_the_sync(void **state)
{
	struct watchdog w;
	struct result r;

	make_bundle(*state, "");
	fstatfs_hangs = true;
	w = run(*state, 1, &r);
	fstatfs_hangs = false;
	check_ended(&w, &r, "timed out after 1 s opening rootfs \"/tmp/");
}

static void deadline_ends_what_hangs_before_the_walk(void **state)
{
	struct watchdog w;
	struct result r;

	if (!make_bundle(*state, ""))
		skip();
	setup_job(*state);
	job.policy.fallback = FALLBACK_WALK;
	upper_hangs = true;
	w = run_job(1, &r);
	upper_hangs = false;
	check_ended(&w, &r, "timed out after 1 s opening upper directory \"/");
}

static void worker_that_its_filter_ends_is_told(void **state)
{
	struct watchdog w;
	struct result r;

	if (!make_bundle(*state, ""))
		skip();
	behaviour = INTRUDER;
	w = run(*state, 20, &r);
	finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_contains(r.text, "was ended by its seccomp filter");
	/* cmocka's handler is not for the worker. */
	signal(SIGILL, SIG_DFL);
	behaviour = KILLED;
	w = run(*state, 20, &r);
	finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_contains(r.text, "the syncing process was ended by signal 4");
	behaviour = QUIET;
	w = run(*state, 20, &r);
	finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_contains(r.text, "ended without a result");
}

static void errors_come_through(void **state)
{
	struct watchdog w;
	struct result r;

	w = run(support_path(*state, "none"), 20, &r);
	finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_int_equal(r.sync_ns, -1);
	assert_contains(r.text, "cannot open the bundle");
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(syncs),
		with_dir(does_as_the_fallback_says),
		with_dir(relative_upper_is_left_to_the_kernel),
		with_dir(dry_run_does_not_sync),
		with_dir(finds_the_root_by_path_and_by_process),
		with_dir(read_only_is_skipped),
		with_dir(skips_volatile),
		with_dir(write_errors_are_told),
		with_dir(deadline_leaves_a_filtered_sync_running),
		with_dir(deadline_ends_what_hangs_before_the_sync),
		with_dir(deadline_ends_what_hangs_before_the_walk),
		with_dir(worker_that_its_filter_ends_is_told),
		with_dir(errors_come_through),
	};

	support_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
