// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * worker.c and sync.c, with a syncfs() that fails as the test says. A real
 * overlay where one can be mounted.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"
#include "support_job.h"

int __wrap_syncfs(int fd);
int __real_syncfs(int fd);

static enum { REAL, FAIL } behaviour;
static int fail_with;

int __wrap_syncfs(int fd)
{
	if (behaviour == REAL)
		return __real_syncfs(fd);
	errno = fail_with;
	return -1;
}

static struct watchdog run(const char *dir, unsigned int seconds,
			   struct result *r)
{
	job_setup(dir);
	return job_run(seconds, r);
}

static void syncs(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = REAL;
	if (!job_bundle(*state, ""))
		skip();
	w = run(*state, 20, &r);
	job_finish(&w, false);
	assert_string_equal(r.text, "");
	assert_int_equal(r.outcome, OUTCOME_SYNCED);
	assert_int_equal(r.mode, MODE_WHOLE_UPPER);
	assert_string_equal(r.mount, support_path(*state, "merged"));
	assert_true(r.sync_ns > 0);
	/* A kernel without the module's parameter; and one with it, switched off. */
	assert_contains(r.note.text, "this kernel tells no write errors");
	support_write(support_path(*state, "parameter"), "N", 1);
	job_setup(*state);
	job.parameter = support_path(*state, "parameter");
	w = job_run(20, &r);
	job_finish(&w, false);
	assert_int_equal(r.mode, MODE_WHOLE_UPPER);
	assert_string_equal(r.note.text, "");
}

static void does_as_the_fallback_says(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = FAIL;
	fail_with = EIO;
	if (!job_bundle(*state, ""))
		skip();
	job_setup(*state);
	job.policy.fallback = FALLBACK_SKIP;
	w = job_run(20, &r);
	job_finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_SKIPPED);
	assert_int_equal(r.mode, MODE_NONE);
	assert_contains(r.text, "no per-overlay syncfs here");
	/* Not by syncfs. */
	job.policy.fallback = FALLBACK_WALK;
	w = job_run(20, &r);
	job_finish(&w, false);
	assert_string_equal(r.text, "");
	assert_int_equal(r.outcome, OUTCOME_SYNCED);
	assert_int_equal(r.mode, MODE_WALK);
	assert_contains(r.note.text, "1 files and directories fsynced");
	assert_null(strstr(r.note.text, "missed"));
	/* There are tasks that write. */
	job.stage = STAGE_PRE_DUMP;
	w = job_run(20, &r);
	job_finish(&w, false);
	assert_contains(r.note.text, "may have been missed");
}

static void relative_upper_is_left_to_the_kernel(void **state)
{
	char merged[PATH_MAX], config[2 * PATH_MAX];
	struct watchdog w;
	struct result r;

	if (!support_relative_overlay(*state, merged))
		skip();
	snprintf(config, sizeof(config), "{\"root\":{\"path\":\"%s\"}}",
		 merged);
	support_write(support_path(*state, "config.json"), config,
		      strlen(config));
	job_setup(*state);
	job.policy.fallback = FALLBACK_SKIP;
	w = job_run(20, &r);
	job_finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_SKIPPED);
	assert_contains(r.text, "no per-overlay syncfs here");
	/* With the feature the kernel knows better than we do, and than a walk. */
	behaviour = REAL;
	support_write(support_path(*state, "parameter"), "Y", 1);
	job.parameter = support_path(*state, "parameter");
	for (job.policy.fallback = FALLBACK_SKIP;
	     job.policy.fallback <= FALLBACK_SYNC; job.policy.fallback++) {
		w = job_run(20, &r);
		job_finish(&w, false);
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
	if (!job_bundle(*state, ""))
		skip();
	for (i = 0; i < array_size(fallbacks); i++) {
		job_setup(*state);
		job.policy.dry_run = true;
		job.policy.fallback = fallbacks[i];
		w = job_run(20, &r);
		job_finish(&w, false);
		assert_string_equal(r.text, "dry run");
		assert_int_equal(r.outcome, OUTCOME_SKIPPED);
		assert_int_equal(r.mode, i ? MODE_WALK : MODE_WHOLE_UPPER);
	}
}

static void finds_the_root_by_path_and_by_process(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = REAL;
	if (!job_bundle(*state, ""))
		skip();
	job_setup(*state);
	job.target.kind = TARGET_PATH;
	job.target.path = support_path(*state, "merged");
	w = job_run(20, &r);
	job_finish(&w, false);
	assert_string_equal(r.text, "");
	assert_int_equal(r.outcome, OUTCOME_SYNCED);
	/* This process does not live in an overlay of its own. */
	job.target.kind = TARGET_PID;
	job.target.path = NULL;
	job.target.pid = getpid();
	w = job_run(20, &r);
	job_finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_NO_OVERLAY);
	assert_contains(r.mount, "/proc/");
	job.target.pid = 0x7ffffffe;
	w = job_run(20, &r);
	job_finish(&w, false);
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_contains(r.text, "no process 2147483646");
}

static void read_only_is_skipped(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = FAIL;
	fail_with = EIO;
	if (!job_bundle(*state, ""))
		skip();
	assert_int_equal(mount("none", support_path(*state, "merged"), "none",
			       MS_REMOUNT | MS_RDONLY, NULL),
			 0);
	w = run(*state, 20, &r);
	job_finish(&w, false);
	assert_string_equal(r.text, "read-only");
	assert_int_equal(r.outcome, OUTCOME_SKIPPED);
}

static void skips_volatile(void **state)
{
	struct watchdog w;
	struct result r;

	behaviour = FAIL;
	fail_with = EIO;
	if (!job_bundle(*state, ",volatile"))
		skip();
	w = run(*state, 20, &r);
	job_finish(&w, false);
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
	if (!job_bundle(*state, ""))
		skip();
	for (i = 0; i < array_size(errors); i++) {
		fail_with = errors[i];
		w = run(*state, 20, &r);
		job_finish(&w, false);
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
	job_finish(&w, false);
	assert_contains(r.text, "cannot sync rootfs");
	assert_int_equal(r.errnum, ENOSYS);
}

static void errors_come_through(void **state)
{
	struct watchdog w;
	struct result r;

	w = run(support_path(*state, "none"), 20, &r);
	job_finish(&w, false);
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
		with_dir(errors_come_through),
	};

	support_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
