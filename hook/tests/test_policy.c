// SPDX-License-Identifier: GPL-2.0-or-later
/* policy.c */
#include "policy.h"

#include "support.h"

static void names_and_back(void **state)
{
	(void)state;
	assert_int_equal(stage_from_name("prestart"), STAGE_PRESTART);
	assert_int_equal(stage_from_name("poststop"), STAGE_POSTSTOP);
	assert_int_equal(stage_from_name("PostStop"), STAGE_UNKNOWN);
	assert_int_equal(stage_from_name(""), STAGE_UNKNOWN);
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
	stage = STAGE_UNKNOWN;
	assert_int_equal(stage_from_status("created", &stage, &err), 0);
	assert_int_equal(stage, STAGE_PRESTART);
}

static void other_status_does_not(void **state)
{
	enum stage stage = STAGE_UNKNOWN;
	struct error err;

	(void)state;
	assert_int_equal(stage_from_status("running", &stage, &err), -1);
	assert_contains(err.text, "status is \"running\"; use --stage");
	assert_int_equal(stage_from_status(NULL, &stage, &err), -1);
	assert_contains(err.text, "status is \"(none)\"");
	assert_int_equal(stage, STAGE_UNKNOWN);
}

static void exit_status(void **state)
{
	static const struct {
		enum stage stage;
		bool strict;
		int synced, skipped, timeout, error;
	} cases[] = {
		{ STAGE_POSTSTOP, false, 0, 0, 0, 0 },
		{ STAGE_POSTSTOP, true, 0, 0, 1, 1 },
		{ STAGE_PRESTART, false, 0, 0, 1, 1 },
		{ STAGE_PRESTART, true, 0, 0, 1, 1 },
		{ STAGE_UNKNOWN, false, 0, 0, 1, 1 },
		{ STAGE_UNKNOWN, true, 0, 0, 1, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < array_size(cases); i++) {
		enum stage s = cases[i].stage;
		bool strict = cases[i].strict;

		assert_int_equal(policy_exit_status(s, strict, OUTCOME_SYNCED),
				 cases[i].synced);
		assert_int_equal(policy_exit_status(s, strict, OUTCOME_SKIPPED),
				 cases[i].skipped);
		assert_int_equal(policy_exit_status(s, strict, OUTCOME_TIMEOUT),
				 cases[i].timeout);
		assert_int_equal(policy_exit_status(s, strict, OUTCOME_ERROR),
				 cases[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_back),
		cmocka_unit_test(status_tells_the_stage),
		cmocka_unit_test(other_status_does_not),
		cmocka_unit_test(exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
