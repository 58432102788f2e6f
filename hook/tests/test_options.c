// SPDX-License-Identifier: GPL-2.0-or-later
/* options.c */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

/* Parse up to six words. */
static int parse(struct options *o, struct error *err, const char *const *words)
{
	static char name[] = "oci-syncfs-hook";
	/* What is parsed is kept, not copied. */
	static char copies[6][64];
	static char *argv[8];
	int argc = 1;

	err->text[0] = '\0';
	argv[0] = name;
	for (; *words; words++, argc++)
		argv[argc] = strcpy(copies[argc - 1], *words);
	argv[argc] = NULL;
	return options_parse(argc, argv, o, err);
}

#define PARSE(...) parse(&o, &err, (const char *const[]){ __VA_ARGS__, NULL })

static void defaults(void **state)
{
	static const char *const none[] = { NULL };
	struct options o;
	struct error err;

	(void)state;
	assert_int_equal(parse(&o, &err, none), 0);
	assert_int_equal(o.stage, STAGE_UNKNOWN);
	assert_false(o.strict);
	assert_int_equal(o.timeout, 0);
	assert_int_equal(o.verb, VERB_HOOK);
	assert_int_equal(o.fallback, FALLBACK_UNSET);
	assert_int_equal(o.format, FORMAT_UNSET);
	assert_null(o.config);
	assert_false(o.dry_run);
	assert_false(o.help);
	assert_false(o.version);
}

static void all_of_them(void **state)
{
	struct options o;
	struct error err;

	(void)state;
	assert_int_equal(
		PARSE("--stage", "poststop", "--strict", "--timeout=30"), 0);
	assert_int_equal(o.stage, STAGE_POSTSTOP);
	assert_true(o.strict);
	assert_int_equal(o.timeout, 30);
	assert_int_equal(PARSE("--stage=prestart"), 0);
	assert_int_equal(o.stage, STAGE_PRESTART);
	assert_false(o.strict);
	assert_int_equal(PARSE("--stage=createRuntime"), 0);
	assert_int_equal(o.stage, STAGE_CREATE_RUNTIME);
	assert_int_equal(PARSE("--fallback", "walk", "--log-format=json",
			       "--dry-run", "--config=/c"),
			 0);
	assert_int_equal(o.fallback, FALLBACK_WALK);
	assert_int_equal(o.format, FORMAT_JSON);
	assert_true(o.dry_run);
	assert_string_equal(o.config, "/c");
	assert_int_equal(PARSE("--help"), 0);
	assert_true(o.help);
	assert_int_equal(PARSE("--version"), 0);
	assert_true(o.version);
}

static void timeout_has_limits(void **state)
{
	static const char *const wrong[] = {
		"0",   "-1",  "3601",
		"",    "8s",  "x",
		"1.5", "1e3", "99999999999999999999"
	};
	struct options o;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < array_size(wrong); i++) {
		assert_int_equal(PARSE("--timeout", wrong[i]), -1);
		assert_contains(err.text, "is not a number of seconds");
		assert_contains(err.text, wrong[i]);
	}
	assert_int_equal(PARSE("--timeout", "1"), 0);
	assert_int_equal(PARSE("--timeout", "3600"), 0);
	assert_int_equal(o.timeout, 3600);
}

static void wrong_ones_are_named(void **state)
{
	struct options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE("--stage", "startContainer"), -1);
	assert_contains(err.text, "--stage \"startContainer\" is none of");
	assert_int_equal(PARSE("--fallback", "all"), -1);
	assert_contains(err.text, "--fallback \"all\" is none of");
	assert_int_equal(PARSE("--log-format=xml"), -1);
	assert_contains(err.text, "--log-format \"xml\" is neither");
	assert_int_equal(PARSE("--strict", "--bogus"), -1);
	assert_contains(err.text, "--bogus");
	assert_int_equal(PARSE("--strict=1"), -1);
	assert_contains(err.text, "--strict=1");
	assert_int_equal(PARSE("--stage"), -1);
	assert_string_equal(err.text, "--stage needs an argument");
	assert_int_equal(PARSE("-xy"), -1);
	assert_contains(err.text, "no option -x");
	assert_int_equal(PARSE("--strict", "word"), -1);
	assert_contains(err.text, "unexpected argument \"word\"");
}

static void verbs(void **state)
{
	struct options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE("criu", "--strict"), 0);
	assert_int_equal(o.verb, VERB_CRIU);
	assert_true(o.strict);
	assert_int_equal(PARSE("--strict", "criu"), 0);
	assert_int_equal(o.verb, VERB_CRIU);
	assert_int_equal(PARSE("sync", "/a/b"), 0);
	assert_int_equal(o.verb, VERB_SYNC);
	assert_int_equal(o.target.kind, TARGET_PATH);
	assert_string_equal(o.target.path, "/a/b");
	assert_int_equal(PARSE("sync", "--", "--pid"), 0);
	assert_string_equal(o.target.path, "--pid");
	assert_int_equal(PARSE("sync", "--bundle", "d"), 0);
	assert_int_equal(o.target.kind, TARGET_BUNDLE);
	assert_string_equal(o.target.path, "d");
	assert_int_equal(PARSE("sync", "--pid=17"), 0);
	assert_int_equal(o.target.kind, TARGET_PID);
	assert_int_equal(o.target.pid, 17);
	assert_int_equal(PARSE("status"), 0);
	assert_int_equal(o.verb, VERB_STATUS);
	assert_null(o.paths[0]);
	assert_int_equal(PARSE("status", "a", "--json", "b"), 0);
	assert_true(o.json);
	assert_string_equal(o.paths[0], "a");
	assert_string_equal(o.paths[1], "b");
	assert_null(o.paths[2]);
}

/* CRIU hands its own environment on. */
static void environment_changes_nothing(void **state)
{
	struct options o;
	struct error err;

	(void)state;
	setenv("POSIXLY_CORRECT", "1", 1);
	assert_int_equal(PARSE("criu", "--strict"), 0);
	assert_true(o.strict);
	setenv("POSIXLY_CORRECT", "1", 1);
	assert_int_equal(PARSE("status", "--json"), 0);
	assert_true(o.json);
	assert_null(o.paths[0]);
}

static void what_does_not_fit_together(void **state)
{
	struct options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE("sync"), -1);
	assert_contains(err.text, "sync needs a PATH, --bundle or --pid");
	assert_int_equal(PARSE("sync", ""), -1);
	assert_contains(err.text, "a path is empty");
	assert_int_equal(PARSE("sync", "a", "b"), -1);
	assert_contains(err.text, "at a time");
	assert_int_equal(PARSE("sync", "a", "--pid", "1"), -1);
	assert_contains(err.text, "at a time");
	assert_int_equal(PARSE("sync", "--bundle=a", "--bundle=b"), -1);
	assert_contains(err.text, "at a time");
	assert_int_equal(PARSE("sync", "--pid", "0"), -1);
	assert_contains(err.text, "--pid \"0\" is not a process id");
	assert_int_equal(PARSE("sync", "--pid", "self"), -1);
	assert_int_equal(PARSE("sync", "--pid", "2147483648"), -1);
	assert_int_equal(PARSE("--bundle", "a"), -1);
	assert_contains(err.text, "are for sync");
	assert_int_equal(PARSE("criu", "--pid", "1"), -1);
	assert_contains(err.text, "are for sync");
	assert_int_equal(PARSE("criu", "x"), -1);
	assert_contains(err.text, "unexpected argument \"x\"");
	assert_int_equal(PARSE("sync", "--stage=poststop", "a"), -1);
	assert_contains(err.text, "--stage is for OCI hooks");
	assert_int_equal(PARSE("--json"), -1);
	assert_contains(err.text, "--json is for status");
}

static void status_takes_what_it_heeds(void **state)
{
	static const char *const wrong[] = {
		"--timeout=9",	     "--strict",  "--fallback=walk",
		"--log-format=json", "--dry-run", "--config=/c",
	};
	struct options o;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < array_size(wrong); i++) {
		assert_int_equal(PARSE("status", wrong[i]), -1);
		assert_contains(err.text, "status takes --json only");
	}
	assert_int_equal(PARSE("status", "--strict", "--help"), 0);
}

static void config_is_absolute_in_a_hook(void **state)
{
	struct options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE("--config", "c"), -1);
	assert_contains(err.text, "--config \"c\" is not an absolute path");
	assert_int_equal(PARSE("criu", "--config", "c"), -1);
	assert_contains(err.text, "--config \"c\" is not an absolute path");
	assert_int_equal(PARSE("--config", "/c"), 0);
	/* Where its user stands. */
	assert_int_equal(PARSE("sync", "--config", "c", "/a"), 0);
	assert_string_equal(o.config, "c");
}

static void help_fits_a_screen(void **state)
{
	const char *p = OPTIONS_HELP;
	int lines = 0;

	(void)state;
	for (; *p; lines++) {
		size_t len = strcspn(p, "\n");

		assert_true(len < 80);
		p += len + 1;
	}
	assert_true(lines < 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(all_of_them),
		cmocka_unit_test(timeout_has_limits),
		cmocka_unit_test(wrong_ones_are_named),
		cmocka_unit_test(verbs),
		cmocka_unit_test(environment_changes_nothing),
		cmocka_unit_test(what_does_not_fit_together),
		cmocka_unit_test(status_takes_what_it_heeds),
		cmocka_unit_test(config_is_absolute_in_a_hook),
		cmocka_unit_test(help_fits_a_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
