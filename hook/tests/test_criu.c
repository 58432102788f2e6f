// SPDX-License-Identifier: GPL-2.0-or-later
/* criu.c: whole runs as CRIU's action script, each in a child */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "run.h"
#include "support.h"

/* A kernel without the feature; nothing but what options say. */
static int run_it(void *arg)
{
	return run(arg, "/none", -1);
}

/* As CRIU's action script, for @action and @pid. */
static struct ended criu(const char *action, const char *pid, bool strict)
{
	struct options o = { .verb = VERB_CRIU, .strict = strict };
	struct ended e;

	setenv("CRTOOLS_SCRIPT_ACTION", action, 1);
	setenv("CRTOOLS_INIT_PID", pid, 1);
	e = support_fork(run_it, &o, -1);
	unsetenv("CRTOOLS_SCRIPT_ACTION");
	unsetenv("CRTOOLS_INIT_PID");
	assert_true(e.exited);
	return e;
}

static void criu_actions(void **state)
{
	static const char *const ours[] = { "pre-dump", "post-dump" };
	static const char *const others[] = { "network-lock", "post-restore",
					      "orphan-pts-master", "" };
	char pid[16], expected[100];
	struct ended e;
	size_t i;

	(void)state;
	snprintf(pid, sizeof(pid), "%d", getpid());
	for (i = 0; i < array_size(ours); i++) {
		/* This process does not live in an overlay of its own. */
		e = criu(ours[i], pid, false);
		assert_int_equal(e.status, 0);
		snprintf(expected, sizeof(expected),
			 "container=- stage=%s mount=/proc/%s/root ", ours[i],
			 pid);
		assert_contains(e.text, expected);
		assert_contains(e.text, "result=skipped: not an overlay");
		assert_int_equal(criu(ours[i], pid, true).status, 1);
		/* Never lose a container for want of a sync. */
		e = criu(ours[i], "x", false);
		assert_int_equal(e.status, 0);
		assert_contains(e.text, "CRTOOLS_INIT_PID is \"x\"");
		assert_int_equal(criu(ours[i], "x", true).status, 1);
	}
	for (i = 0; i < array_size(others); i++) {
		e = criu(others[i], pid, true);
		assert_int_equal(e.status, 0);
		assert_string_equal(e.text, "");
	}
}

static void criu_without_criu(void **state)
{
	struct options o = { .verb = VERB_CRIU };
	struct ended e = support_fork(run_it, &o, -1);

	(void)state;
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "no CRTOOLS_SCRIPT_ACTION");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(criu_actions),
		cmocka_unit_test(criu_without_criu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
