// SPDX-License-Identifier: GPL-2.0-or-later
/* mountinfo.c */
#include "mountinfo.h"

#include <string.h>

#include "cleanup.h"
#include "support.h"

static const char MOUNTS[] =
	"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
	"44 22 0:39 / /a rw - overlay overlay rw,lowerdir=/l,volatile\n"
	"45 22 0:40 / /a\\040-\\040b rw shared:2 master:3 - overlay x\\040y rw,upperdir=/volatile\n"
	"46 22 0:41 / /short rw - overlay\n"
	"47 22 0:42 / /none rw no separator\n"
	"48x 22 0:43 / /odd rw - overlay overlay rw,volatile\n"
	"50 22 0:45 / /nosource rw - tmpfs  rw\n"
	"\n"
	"49 22 0:44 / /last rw - overlay overlay rw,fsync=volatile";

static FILE *open_text(const char *text)
{
	static char copy[8192];
	FILE *f;

	snprintf(copy, sizeof(copy), "%s", text);
	f = fmemopen(copy, strlen(copy), "r");
	assert_non_null(f);
	return f;
}

static void finds_a_mount(void **state)
{
	static const struct {
		uint64_t id;
		const char *type, *point, *options;
	} cases[] = {
		{ 22, "ext4", "/", "rw" },
		{ 44, "overlay", "/a", "rw,lowerdir=/l,volatile" },
		{ 45, "overlay", "/a - b", "rw,upperdir=/volatile" },
		{ 46, NULL, NULL, NULL },
		{ 47, NULL, NULL, NULL },
		{ 48, NULL, NULL, NULL },
		{ 50, "tmpfs", "/nosource", "rw" },
		{ 49, "overlay", "/last", "rw,fsync=volatile" },
		{ 4, NULL, NULL, NULL },
		{ 0, NULL, NULL, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < array_size(cases); i++) {
		cleanup_mountinfo struct mountinfo m = { 0 };
		cleanup_fclose FILE *f = open_text(MOUNTS);

		if (!cases[i].type) {
			assert_false(mountinfo_find(f, cases[i].id, &m));
			continue;
		}
		assert_true(mountinfo_find(f, cases[i].id, &m));
		assert_string_equal(m.type, cases[i].type);
		assert_string_equal(m.point, cases[i].point);
		assert_string_equal(m.options, cases[i].options);
	}
}

static void takes_a_line_apart(void **state)
{
	cleanup_mountinfo struct mountinfo m = { 0 };
	cleanup_fclose FILE *f = open_text(
		"18446744073709551615 1 4095:1048575 /sub\\011x /p\\134\\012 rw a b c - t\\040x s ro,k=v\n");

	(void)state;
	assert_true(mountinfo_next(f, &m));
	assert_true(m.id == UINT64_MAX);
	assert_int_equal(m.major, 4095);
	assert_int_equal(m.minor, 1048575);
	assert_string_equal(m.root, "/sub\tx");
	assert_string_equal(m.point, "/p\\\n");
	assert_string_equal(m.type, "t x");
	assert_string_equal(m.options, "ro,k=v");
	assert_false(mountinfo_next(f, &m));
}

static void passes_over_what_is_no_line(void **state)
{
	static const char *const wrong[] = {
		"",
		" ",
		"1",
		"1 2",
		"1 2 3",
		"1 2 3:4",
		"1 2 3:4 /",
		"1 2 3:4 / /",
		"1 2 3:4 / / rw",
		"1 2 3:4 / / rw -",
		"1 2 3:4 / / rw - t",
		"1 2 3:4 / / rw - t s",
		"1 2 3:4 / / rw - t s ",
		"1 2 3:4x / / rw - t s rw",
		"1 2 x3:4 / / rw - t s rw",
		"1 2 3 / / rw - t s rw",
		"1 2 -3:4 / / rw - t s rw",
		"1 2 99999999999:4 / / rw - t s rw",
		"99999999999999999999 2 3:4 / / rw - t s rw",
		"-1 2 3:4 / / rw - t s rw",
	};
	size_t i;

	(void)state;
	for (i = 0; i < array_size(wrong); i++) {
		cleanup_mountinfo struct mountinfo m = { 0 };
		char text[200];
		cleanup_fclose FILE *f = NULL;

		snprintf(text, sizeof(text), "%s\n7 2 3:4 / /x rw - t s rw",
			 wrong[i]);
		f = open_text(text);
		assert_true(mountinfo_next(f, &m));
		assert_int_equal(m.id, 7);
	}
}

static void value_of(const char *options, const char *option,
		     const char *expected)
{
	cleanup_free char *value = mountinfo_option_value(options, option);

	if (!expected) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_string_equal(value, expected);
}

static void finds_the_value_of_an_option(void **state)
{
	(void)state;
	value_of("rw,upperdir=/u,workdir=/w", "upperdir", "/u");
	value_of("upperdir=/u", "upperdir", "/u");
	value_of("rw,upperdir=", "upperdir", "");
	value_of("rw,upperdir=/a\\054b\\040c=d", "upperdir", "/a,b c=d");
	value_of("rw,upperdir=/a\\05", "upperdir", "/a\\05");
	value_of("rw,upperdir=/a\\400", "upperdir", "/a\\400");
	value_of("rw,upperdir", "upperdir", NULL);
	value_of("rw,xupperdir=/u", "upperdir", NULL);
	value_of("rw,upperdirs=/u", "upperdir", NULL);
	value_of("", "upperdir", NULL);
}

static void tells_an_option_from_a_value(void **state)
{
	(void)state;
	assert_true(mountinfo_has_option("volatile", "volatile"));
	assert_true(mountinfo_has_option("rw,volatile,x", "volatile"));
	assert_true(mountinfo_has_option("rw,volatile", "volatile"));
	assert_false(mountinfo_has_option("", "volatile"));
	assert_false(mountinfo_has_option("rw,volatiles", "volatile"));
	assert_false(mountinfo_has_option("rw,xvolatile", "volatile"));
	assert_false(mountinfo_has_option("rw,upperdir=volatile", "volatile"));
	assert_false(mountinfo_has_option("rw,vol", "volatile"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_mount),
		cmocka_unit_test(takes_a_line_apart),
		cmocka_unit_test(passes_over_what_is_no_line),
		cmocka_unit_test(finds_the_value_of_an_option),
		cmocka_unit_test(tells_an_option_from_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
