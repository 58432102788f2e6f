// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c */
#include "text.h"

#include <string.h>

#include "support.h"

static void elide_leaves_what_fits(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(text_elide(out, sizeof(out), "123456789012345"), 15);
	assert_string_equal(out, "123456789012345");
	/* One more, and there is no room for its end. */
	assert_int_equal(text_elide(out, sizeof(out), "1234567890123456"), 15);
	assert_string_equal(out, "12345[...]23456");
}

static void elide_takes_the_middle(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(
		text_elide(out, sizeof(out), "abcdefghijklmnopqrstuvwxyz"), 15);
	assert_string_equal(out, "abcde[...]vwxyz");
}

static void escape_makes_one_ascii_line(void **state)
{
	char out[200];

	(void)state;
	text_escape(out, sizeof(out), "a\nb\r\t\x1b[31m\x7f\xc3\xa9\\ =\"", "");
	assert_string_equal(
		out, "a\\x0ab\\x0d\\x09\\x1b[31m\\x7f\\xc3\\xa9\\x5c =\"");
}

static void escape_also_what_is_asked(void **state)
{
	char out[50];

	(void)state;
	text_escape(out, sizeof(out), "a b=c", " =");
	assert_string_equal(out, "a\\x20b\\x3dc");
}

static void escape_never_cuts_an_escape(void **state)
{
	char out[7];
	size_t size;

	(void)state;
	for (size = 1; size <= sizeof(out); size++) {
		size_t n = text_escape(out, size, "ab\n", "");

		assert_true(n < size);
		assert_int_equal(n, strlen(out));
		assert_string_equal(out, size == 7   ? "ab\\x0a"
					 : size == 1 ? ""
					 : size == 2 ? "a"
						     : "ab");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elide_leaves_what_fits),
		cmocka_unit_test(elide_takes_the_middle),
		cmocka_unit_test(escape_makes_one_ascii_line),
		cmocka_unit_test(escape_also_what_is_asked),
		cmocka_unit_test(escape_never_cuts_an_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
