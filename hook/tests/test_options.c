// SPDX-License-Identifier: GPL-2.0-or-later
/* options.c */
#include "options.h"

#include <string.h>

#include "support.h"

/* Parse up to six words. */
static int parse(struct options *o, struct error *err, const char *const *words)
{
	static char name[] = "oci-syncfs-hook";
	char copies[6][64];
	char *argv[8] = { name };
	int argc = 1;

	err->text[0] = '\0';
	for (; *words; words++, argc++)
		argv[argc] = strcpy(copies[argc - 1], *words);
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
	assert_int_equal(o.timeout, 8);
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
	assert_int_equal(PARSE("--stage", "poststart"), -1);
	assert_contains(err.text, "--stage \"poststart\" is neither");
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
		cmocka_unit_test(help_fits_a_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
