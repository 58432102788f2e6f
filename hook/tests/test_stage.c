// SPDX-License-Identifier: GPL-2.0-or-later
/* stage.c */
#include "stage.h"

#include "support.h"

static void names_and_back(void **state)
{
	(void)state;
	assert_int_equal(stage_of_hook("prestart"), STAGE_PRESTART);
	assert_int_equal(stage_of_hook("poststop"), STAGE_POSTSTOP);
	assert_int_equal(stage_of_hook("createRuntime"), STAGE_CREATE_RUNTIME);
	assert_int_equal(stage_of_hook("poststart"), STAGE_POSTSTART);
	/* Those run in the container. */
	assert_int_equal(stage_of_hook("createContainer"), STAGE_UNKNOWN);
	assert_int_equal(stage_of_hook("startContainer"), STAGE_UNKNOWN);
	assert_int_equal(stage_of_hook("pre-dump"), STAGE_UNKNOWN);
	assert_int_equal(stage_of_hook("sync"), STAGE_UNKNOWN);
	assert_int_equal(stage_of_criu("pre-dump"), STAGE_PRE_DUMP);
	assert_int_equal(stage_of_criu("post-dump"), STAGE_POST_DUMP);
	assert_int_equal(stage_of_criu("network-lock"), STAGE_UNKNOWN);
	assert_int_equal(stage_of_criu("poststop"), STAGE_UNKNOWN);
	assert_int_equal(stage_of_criu(""), STAGE_UNKNOWN);
	assert_int_equal(stage_of_hook("PostStop"), STAGE_UNKNOWN);
	assert_int_equal(stage_of_hook(""), STAGE_UNKNOWN);
	assert_string_equal(stage_name(STAGE_PRESTART), "prestart");
	assert_string_equal(stage_name(STAGE_POSTSTOP), "poststop");
	assert_string_equal(stage_name(STAGE_UNKNOWN), "unknown");
}

static void status_tells_the_stage(void **state)
{
	enum stage stage = STAGE_UNKNOWN;
	struct error err;

	(void)state;
	assert_int_equal(stage_from_status("stopped", &stage, &err), 0);
	assert_int_equal(stage, STAGE_POSTSTOP);
	assert_int_equal(stage_from_status("creating", &stage, &err), 0);
	assert_int_equal(stage, STAGE_PRESTART);
	assert_int_equal(stage_from_status("running", &stage, &err), 0);
	assert_int_equal(stage, STAGE_POSTSTART);
	stage = STAGE_UNKNOWN;
	assert_int_equal(stage_from_status("created", &stage, &err), 0);
	assert_int_equal(stage, STAGE_PRESTART);
}

static void other_status_does_not(void **state)
{
	enum stage stage = STAGE_UNKNOWN;
	struct error err;

	(void)state;
	assert_int_equal(stage_from_status("paused", &stage, &err), -1);
	assert_contains(err.text, "status is \"paused\"; use --stage");
	assert_int_equal(stage_from_status(NULL, &stage, &err), -1);
	assert_contains(err.text, "status is \"(none)\"");
	assert_int_equal(stage, STAGE_UNKNOWN);
}

static void where_tasks_may_write(void **state)
{
	(void)state;
	assert_true(stage_has_writers(STAGE_POSTSTART));
	assert_true(stage_has_writers(STAGE_PRE_DUMP));
	assert_true(stage_has_writers(STAGE_SYNC));
	assert_false(stage_has_writers(STAGE_PRESTART));
	assert_false(stage_has_writers(STAGE_POSTSTOP));
	assert_false(stage_has_writers(STAGE_POST_DUMP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_back),
		cmocka_unit_test(status_tells_the_stage),
		cmocka_unit_test(other_status_does_not),
		cmocka_unit_test(where_tasks_may_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
