// SPDX-License-Identifier: GPL-2.0-or-later
/* policy.c */
#include "policy.h"

#include <string.h>

#include "support.h"

static void names(void **state)
{
	(void)state;
	assert_int_equal(fallback_from_name("skip"), FALLBACK_SKIP);
	assert_int_equal(fallback_from_name("walk"), FALLBACK_WALK);
	assert_int_equal(fallback_from_name("sync"), FALLBACK_SYNC);
	assert_int_equal(fallback_from_name("Sync"), FALLBACK_UNSET);
	assert_int_equal(fallback_from_name(""), FALLBACK_UNSET);
	assert_int_equal(format_from_name("text"), FORMAT_TEXT);
	assert_int_equal(format_from_name("json"), FORMAT_JSON);
	assert_int_equal(format_from_name("xml"), FORMAT_UNSET);
}

static void timeouts(void **state)
{
	static const char *const wrong[] = { "0",
					     "-1",
					     "+1",
					     " 1",
					     "3601",
					     "",
					     "8s",
					     "x",
					     "1.5",
					     "1e3",
					     "0x8",
					     "1 ",
					     "99999999999999999999" };
	unsigned int s = 7;
	size_t i;

	(void)state;
	for (i = 0; i < array_size(wrong); i++)
		assert_int_equal(timeout_from_text(wrong[i], &s), -1);
	assert_int_equal(s, 7);
	assert_int_equal(timeout_from_text("1", &s), 0);
	assert_int_equal(s, 1);
	assert_int_equal(timeout_from_text("3600", &s), 0);
	assert_int_equal(s, 3600);
}

static void umount_comes_after_poststop(void **state)
{
	static const enum stage others[] = { STAGE_PRESTART, STAGE_POSTSTART,
					     STAGE_PRE_DUMP, STAGE_POST_DUMP,
					     STAGE_SYNC };
	struct policy p;
	size_t i;

	(void)state;
	policy_init(&p);
	policy_for_stage(&p, STAGE_POSTSTOP);
	assert_int_equal(p.fallback, FALLBACK_SKIP);
	for (i = 0; i < array_size(others); i++) {
		policy_init(&p);
		policy_for_stage(&p, others[i]);
		assert_int_equal(p.fallback, FALLBACK_SYNC);
	}
	p.fallback = FALLBACK_WALK;
	policy_for_stage(&p, STAGE_POSTSTOP);
	assert_int_equal(p.fallback, FALLBACK_WALK);
}

/* Strings that are not freed: annotations_clear() is not called. */
#define S(text) ((char[]){ text })

static void annotations_can_ask_for_less(void **state)
{
	struct annotations a = { .enable = S("false"),
				 .timeout = S("2"),
				 .strict = S("false"),
				 .fallback = S("skip") };
	struct note note = { "" };
	struct policy p;

	(void)state;
	policy_init(&p);
	p.strict = true;
	p.fallback = FALLBACK_SYNC;
	assert_false(policy_annotate(&p, &a, &note));
	assert_int_equal(p.timeout, 2);
	assert_false(p.strict);
	assert_int_equal(p.fallback, FALLBACK_SKIP);
	assert_string_equal(note.text, "");
}

static void annotations_cannot_exceed_the_policy(void **state)
{
	struct annotations a = { .timeout = S("3600"),
				 .strict = S("true"),
				 .fallback = S("sync") };
	struct note note = { "" };
	struct policy p;

	(void)state;
	policy_init(&p);
	p.fallback = FALLBACK_SKIP;
	assert_true(policy_annotate(&p, &a, &note));
	assert_int_equal(p.timeout, 8);
	assert_false(p.strict);
	assert_int_equal(p.fallback, FALLBACK_SKIP);
	assert_string_equal(note.text,
			    "annotation timeout=3600 limited to 8; "
			    "annotation strict=true not permitted; "
			    "annotation fallback=sync not permitted");
}

static void annotations_cannot_exceed_the_ceiling(void **state)
{
	struct annotations a = { .timeout = S("61"),
				 .strict = S("true"),
				 .fallback = S("sync") };
	struct note note = { "" };
	struct policy p;

	(void)state;
	policy_init(&p);
	p.fallback = FALLBACK_SKIP;
	p.ceiling.timeout = 60;
	p.ceiling.strict = true;
	p.ceiling.fallback = FALLBACK_WALK;
	policy_annotate(&p, &a, &note);
	assert_int_equal(p.timeout, 60);
	assert_true(p.strict);
	assert_int_equal(p.fallback, FALLBACK_SKIP);
	assert_string_equal(note.text,
			    "annotation timeout=61 limited to 60; "
			    "annotation fallback=sync not permitted");
	a.fallback = S("walk");
	policy_annotate(&p, &a, &note);
	assert_int_equal(p.fallback, FALLBACK_WALK);
	/* A ceiling below what the administrator does is none for that. */
	policy_init(&p);
	p.timeout = 30;
	p.ceiling.timeout = 10;
	a.timeout = S("25");
	policy_annotate(&p, &a, &note);
	assert_int_equal(p.timeout, 25);
}

static void annotations_need_not_be_heeded(void **state)
{
	struct annotations a = { .enable = S("false"),
				 .timeout = S("2"),
				 .strict = S("false"),
				 .fallback = S("skip"),
				 .unknown = S("x") };
	struct annotations none = { 0 };
	struct note note = { "" };
	struct policy p, before;

	(void)state;
	policy_init(&p);
	assert_true(p.annotations);
	p.annotations = false;
	p.strict = true;
	p.fallback = FALLBACK_WALK;
	/* Not even as far as the ceiling lets them. */
	p.ceiling.timeout = 60;
	before = p;
	assert_true(policy_annotate(&p, &none, &note));
	assert_string_equal(note.text, "");
	assert_true(policy_annotate(&p, &a, &note));
	assert_memory_equal(&p, &before, sizeof(p));
	assert_string_equal(
		note.text, "annotations not heeded, as the configuration says");
	p.enable = ENABLE_NEVER;
	assert_false(policy_annotate(&p, &none, &note));
}

static bool enabled(enum enable enable, char *annotation)
{
	struct annotations a = { .enable = annotation };
	struct note note = { "" };
	struct policy p;

	policy_init(&p);
	p.enable = enable;
	return policy_annotate(&p, &a, &note);
}

static void who_is_synced(void **state)
{
	(void)state;
	assert_true(enabled(ENABLE_ALWAYS, NULL));
	assert_true(enabled(ENABLE_ALWAYS, S("true")));
	assert_false(enabled(ENABLE_ALWAYS, S("false")));
	assert_true(enabled(ENABLE_ALWAYS, S("nonsense")));
	assert_false(enabled(ENABLE_ANNOTATION, NULL));
	assert_true(enabled(ENABLE_ANNOTATION, S("true")));
	assert_false(enabled(ENABLE_ANNOTATION, S("false")));
	assert_false(enabled(ENABLE_ANNOTATION, S("nonsense")));
	assert_false(enabled(ENABLE_NEVER, NULL));
	assert_false(enabled(ENABLE_NEVER, S("true")));
}

static void nonsense_is_ignored_and_told(void **state)
{
	struct annotations a = { .enable = S("yes"),
				 .timeout = S("-1"),
				 .strict = S("TRUE"),
				 .fallback = S("all"),
				 .unknown = S("tiemout") };
	struct note note = { "" };
	struct policy p, before;

	(void)state;
	policy_init(&p);
	before = p;
	assert_true(policy_annotate(&p, &a, &note));
	assert_memory_equal(&p, &before, sizeof(p));
	assert_contains(note.text, "enable=\"yes\" ignored");
	assert_contains(note.text, "timeout=\"-1\" ignored");
	assert_contains(note.text, "strict=\"TRUE\" ignored");
	assert_contains(note.text, "fallback=\"all\" ignored");
	assert_contains(note.text,
			"unknown annotation io.overlay-syncfs.tiemout");
}

static void long_notes_are_cut_off(void **state)
{
	struct note note = { "" };
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		note_add(&note, "remark %d", i);
	assert_true(strlen(note.text) < sizeof(note.text));
	assert_contains(note.text, "remark 0; remark 1; ");
}

static void exit_status(void **state)
{
	static const struct {
		enum stage stage;
		bool strict;
		int no_overlay, failure;
	} cases[] = {
		{ STAGE_POSTSTOP, false, 0, 0 },
		{ STAGE_POSTSTOP, true, 1, 1 },
		{ STAGE_POSTSTART, false, 0, 0 },
		{ STAGE_POSTSTART, true, 1, 1 },
		{ STAGE_PRE_DUMP, false, 0, 0 },
		{ STAGE_PRE_DUMP, true, 1, 1 },
		{ STAGE_POST_DUMP, false, 0, 0 },
		{ STAGE_POST_DUMP, true, 1, 1 },
		{ STAGE_PRESTART, false, 0, 1 },
		{ STAGE_PRESTART, true, 1, 1 },
		{ STAGE_CREATE_RUNTIME, false, 0, 1 },
		{ STAGE_SYNC, false, 1, 1 },
		{ STAGE_UNKNOWN, false, 0, 1 },
		{ STAGE_UNKNOWN, true, 1, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < array_size(cases); i++) {
		enum stage s = cases[i].stage;
		bool strict = cases[i].strict;

		assert_int_equal(policy_exit_status(s, strict, OUTCOME_SYNCED),
				 0);
		assert_int_equal(policy_exit_status(s, strict, OUTCOME_SKIPPED),
				 0);
		assert_int_equal(policy_exit_status(s, strict,
						    OUTCOME_NO_OVERLAY),
				 cases[i].no_overlay);
		assert_int_equal(policy_exit_status(s, strict, OUTCOME_TIMEOUT),
				 cases[i].failure);
		assert_int_equal(policy_exit_status(s, strict, OUTCOME_ERROR),
				 cases[i].failure);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(timeouts),
		cmocka_unit_test(umount_comes_after_poststop),
		cmocka_unit_test(annotations_can_ask_for_less),
		cmocka_unit_test(annotations_cannot_exceed_the_policy),
		cmocka_unit_test(annotations_cannot_exceed_the_ceiling),
		cmocka_unit_test(annotations_need_not_be_heeded),
		cmocka_unit_test(who_is_synced),
		cmocka_unit_test(nonsense_is_ignored_and_told),
		cmocka_unit_test(long_notes_are_cut_off),
		cmocka_unit_test(exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
