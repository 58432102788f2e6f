// SPDX-License-Identifier: GPL-2.0-or-later
/* config.c */
#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static int parse(const char *text, struct policy *p, struct error *err)
{
	err->text[0] = '\0';
	policy_init(p);
	return config_parse(text, strlen(text), "f", p, err);
}

static void empty_object_is_the_defaults(void **state)
{
	struct policy p, defaults;
	struct error err;

	(void)state;
	policy_init(&defaults);
	assert_int_equal(parse("{}", &p, &err), 0);
	assert_memory_equal(&p, &defaults, sizeof(p));
	assert_int_equal(p.timeout, 8);
	assert_false(p.strict);
	assert_int_equal(p.enable, ENABLE_ALWAYS);
	assert_int_equal(p.fallback, FALLBACK_UNSET);
}

static void all_of_it(void **state)
{
	struct policy p;
	struct error err;

	(void)state;
	assert_int_equal(
		parse("{\"enable\":\"annotation\",\"timeout\":20,\"strict\":true,"
		      "\"fallback\":\"walk\",\"log-format\":\"json\",\"ceiling\":"
		      "{\"timeout\":60,\"strict\":true,\"fallback\":\"sync\"}}",
		      &p, &err),
		0);
	assert_int_equal(p.enable, ENABLE_ANNOTATION);
	assert_int_equal(p.timeout, 20);
	assert_true(p.strict);
	assert_int_equal(p.fallback, FALLBACK_WALK);
	assert_int_equal(p.format, FORMAT_JSON);
	assert_int_equal(p.ceiling.timeout, 60);
	assert_true(p.ceiling.strict);
	assert_int_equal(p.ceiling.fallback, FALLBACK_SYNC);
	assert_true(p.annotations);
	assert_int_equal(parse("{\"annotations\":false}", &p, &err), 0);
	assert_false(p.annotations);
	assert_int_equal(parse("{\"enable\":\"always\"}", &p, &err), 0);
	assert_int_equal(p.enable, ENABLE_ALWAYS);
	assert_int_equal(parse("{\"enable\":\"never\"}", &p, &err), 0);
	assert_int_equal(p.enable, ENABLE_NEVER);
}

static void refuses(void **state)
{
	static const char *const cases[][2] = {
		{ "", "f is empty" },
		{ "[]", "f is not a JSON object" },
		{ "{\"tiemout\":1}", "f has an unknown \"tiemout\"" },
		{ "{\"ceiling\":{\"enable\":true}}", "unknown \"enable\"" },
		{ "{\"ceiling\":7}", "\"ceiling\" in f is not an object" },
		{ "{\"timeout\":0}", "not a number from 1 to 3600" },
		{ "{\"timeout\":3601}", "not a number from 1 to 3600" },
		{ "{\"timeout\":-1}", "not a number from 1 to 3600" },
		{ "{\"timeout\":9223372036854775807}", "not a number from" },
		{ "{\"timeout\":\"8\"}", "not a number from 1 to 3600" },
		{ "{\"timeout\":8.5}", "not a number from 1 to 3600" },
		{ "{\"timeout\":null}", "not a number from 1 to 3600" },
		{ "{\"ceiling\":{\"timeout\":0}}", "not a number from" },
		{ "{\"strict\":1}", "\"strict\" in f is not true or false" },
		{ "{\"ceiling\":{\"strict\":\"true\"}}", "not true or false" },
		{ "{\"annotations\":\"no\"}", "not true or false" },
		{ "{\"enable\":\"annotation\",\"annotations\":false}",
		  "no container could ask" },
		{ "{\"enable\":true}", "\"enable\" in f is not a string" },
		{ "{\"enable\":\"yes\"}", "always, annotation or never" },
		{ "{\"fallback\":\"all\"}", "skip, walk or sync" },
		{ "{\"fallback\":[]}", "\"fallback\" in f is not a string" },
		{ "{\"ceiling\":{\"fallback\":\"\"}}", "is empty" },
		{ "{\"log-format\":\"xml\"}", "text or json" },
		{ "{\"log-format\":{}}", "is not a string" },
	};
	struct policy p;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < array_size(cases); i++) {
		assert_int_equal(parse(cases[i][0], &p, &err), -1);
		assert_contains(err.text, cases[i][1]);
	}
}

static int load(const char *path, bool required, struct policy *p,
		struct error *err)
{
	struct deadline d = deadline_after(10);

	err->text[0] = '\0';
	policy_init(p);
	return config_load(path, required, &d, p, err);
}

static void file_may_be_missing(void **state)
{
	const char *path = support_path(*state, "none");
	struct policy p;
	struct error err;

	assert_int_equal(load(path, false, &p, &err), 0);
	assert_int_equal(load(path, true, &p, &err), -1);
	assert_contains(err.text, "/none: No such file or directory");
}

static void file_is_read(void **state)
{
	const char *path = support_path(*state, "f");
	struct policy p;
	struct error err;

	support_write(path, "{\"timeout\":3}", 13);
	assert_int_equal(load(path, false, &p, &err), 0);
	assert_int_equal(p.timeout, 3);
	support_write(path, "{\"timeout\":3", 12);
	assert_int_equal(load(path, false, &p, &err), -1);
	assert_contains(err.text, "/f is truncated");
}

static void file_that_others_write_is_refused(void **state)
{
	const char *path = support_path(*state, "f");
	struct policy p;
	struct error err;

	support_write(path, "{}", 2);
	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(load(path, false, &p, &err), -1);
	assert_contains(err.text, "can be written by others");
	assert_int_equal(chmod(path, 0646), 0);
	assert_int_equal(load(path, false, &p, &err), -1);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(load(path, false, &p, &err), 0);
}

static void nobody_is_not_the_administrator(void **state)
{
	const char *path = support_path(*state, "f");
	struct policy p;
	struct error err;

	support_write(path, "{}", 2);
	/* Where we may not, or are in a user namespace, there is no such owner. */
	if (chown(path, 65534, 0))
		skip();
	assert_int_equal(load(path, false, &p, &err), -1);
	assert_contains(err.text, "can be written by others");
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_object_is_the_defaults),
		cmocka_unit_test(all_of_it),
		cmocka_unit_test(refuses),
		with_dir(file_may_be_missing),
		with_dir(file_is_read),
		with_dir(file_that_others_write_is_refused),
		with_dir(nobody_is_not_the_administrator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
