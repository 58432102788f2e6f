// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "support.h"

/* A literal with its length, so that it may have NULs in it. */
#define LITERAL(s) s, sizeof(s) - 1

static void check(const char *text, size_t len, const char *expected)
{
	cleanup_json struct json_object *obj = NULL;
	struct error err = { 0 };

	obj = json_parse(text, len, "it", &err);
	if (expected) {
		assert_null(obj);
		assert_contains(err.text, expected);
	} else {
		assert_string_equal(err.text, "");
		assert_non_null(obj);
	}
}

static void accepts_one_object(void **state)
{
	(void)state;
	check(LITERAL("{}"), NULL);
	check(LITERAL(" \n{\"a\": [1, 2.5, null, true, \"\\u00e9\"]}\r\n\t "),
	      NULL);
	/* Not with json-c's strict mode alone. */
	check(LITERAL("{\"a\": \"\xc3\xa9\", \"\xe2\x82\xac\": 1}"), NULL);
}

static void refuses_nothing_at_all(void **state)
{
	(void)state;
	check(LITERAL(""), "it is empty");
	check(LITERAL(" \n\t\r"), "it is empty");
}

static void refuses_truncated(void **state)
{
	static const char whole[] = "{\"id\":\"a\",\"n\":[1,{\"b\":true}]}";
	size_t len;

	(void)state;
	for (len = 1; len < sizeof(whole) - 1; len++) {
		/* A copy of just that length: ASan watches its end. */
		cleanup_free char *part = malloc(len);

		memcpy(part, whole, len);
		check(part, len, "it is truncated");
	}
	check(LITERAL(whole), NULL);
}

static void refuses_what_follows(void **state)
{
	(void)state;
	check(LITERAL("{}x"), "at byte 2");
	check(LITERAL("{} {}"), "at byte 3");
	check(LITERAL("{}]"), "at byte 2");
}

static void refuses_nul(void **state)
{
	(void)state;
	check(LITERAL("{}\0"), "it has a NUL byte at offset 2");
	check(LITERAL("{\"a\0b\": 1}"), "it has a NUL byte at offset 3");
	check(LITERAL("\0{}"), "it is not a JSON object");
}

static void refuses_loose_syntax(void **state)
{
	(void)state;
	check(LITERAL("{a: 1}"), "not valid JSON");
	check(LITERAL("{\"a\": 1,}"), "not valid JSON");
	check(LITERAL("{/* */}"), "not valid JSON");
	check(LITERAL("{\"a\": TRUE}"), "not valid JSON");
	check(LITERAL("{\"a\": 01}"), "not valid JSON");
	check(LITERAL("{\"a\": \"\n\"}"), "not valid JSON");
}

static void refuses_invalid_utf8(void **state)
{
	(void)state;
	check(LITERAL("{\"a\": \"\xff\"}"), "not valid JSON");
	check(LITERAL("{\"a\": \"\xc3\"}"), "not valid JSON");
	check(LITERAL("{\xc3\xa9}"), "not valid JSON");
}

static void refuses_other_than_objects(void **state)
{
	(void)state;
	check(LITERAL("[]"), "it is not a JSON object");
	check(LITERAL("null"), "it is not a JSON object");
	check(LITERAL("\"{}\""), "it is not a JSON object");
	check(LITERAL("7 "), "it is not a JSON object");
	check(LITERAL("\xef\xbb\xbf{}"), "it is not a JSON object");
}

static void check_depth(size_t levels, const char *expected)
{
	size_t inner = levels - 1, len = 5 + 2 * inner + 1;
	cleanup_free char *text = malloc(len);

	memcpy(text, "{\"a\":", 5);
	memset(text + 5, '[', inner);
	memset(text + 5 + inner, ']', inner);
	text[len - 1] = '}';
	check(text, len, expected);
}

static void refuses_too_deep(void **state)
{
	(void)state;
	check_depth(JSON_DEPTH_MAX - 1, NULL);
	check_depth(JSON_DEPTH_MAX + 1, "nested deeper than 32 levels");
	check_depth(10000, "nested deeper than 32 levels");
	check_depth(500000, "nested deeper than 32 levels");
}

static void refuses_too_many_objects(void **state)
{
	size_t i, len = 6 + 3 * 20001 + 1;
	cleanup_free char *text = malloc(len);

	(void)state;
	memcpy(text, "{\"a\":[", 6);
	for (i = 0; i < 20001; i++)
		memcpy(text + 6 + 3 * i, "{},", 3);
	memcpy(text + len - 2, "]}", 2);
	check(text, len, "it has more than 20000 objects: refused");
}

static void strings(void **state)
{
	cleanup_json struct json_object *obj = NULL;
	struct json_object *member;
	struct error err = { 0 };
	const char *s;

	(void)state;
	obj = json_parse(LITERAL("{\"s\":\"x\",\"n\":1,\"e\":\"\",\"o\":{},"
				 "\"z\":\"a\\u0000b\",\"null\":null,"
				 "\"d\":\"first\",\"d\":\"last\"}"),
			 "it", &err);
	assert_non_null(obj);
	assert_int_equal(json_get_string(obj, "s", "it", true, &s, &err), 0);
	assert_string_equal(s, "x");
	assert_int_equal(json_get_string(obj, "d", "it", true, &s, &err), 0);
	assert_string_equal(s, "last");
	assert_int_equal(json_get_string(obj, "no", "it", false, &s, &err), 0);
	assert_null(s);
	assert_int_equal(json_get_string(obj, "no", "it", true, &s, &err), -1);
	assert_string_equal(err.text, "it has no \"no\"");
	assert_int_equal(json_get_string(obj, "n", "it", false, &s, &err), -1);
	assert_string_equal(err.text, "\"n\" in it is not a string");
	assert_int_equal(json_get_string(obj, "null", "it", true, &s, &err),
			 -1);
	assert_string_equal(err.text, "\"null\" in it is not a string");
	assert_int_equal(json_get_string(obj, "e", "it", true, &s, &err), -1);
	assert_string_equal(err.text, "\"e\" in it is empty");
	assert_int_equal(json_get_string(obj, "z", "it", true, &s, &err), -1);
	assert_string_equal(err.text, "\"z\" in it contains a NUL");
	assert_int_equal(json_get_object(obj, "o", "it", &member, &err), 0);
	assert_int_equal(json_get_object(obj, "s", "it", &member, &err), -1);
	assert_string_equal(err.text, "\"s\" in it is not an object");
	assert_int_equal(json_get_object(obj, "no", "it", &member, &err), -1);
	assert_string_equal(err.text, "it has no \"no\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_one_object),
		cmocka_unit_test(refuses_nothing_at_all),
		cmocka_unit_test(refuses_truncated),
		cmocka_unit_test(refuses_what_follows),
		cmocka_unit_test(refuses_nul),
		cmocka_unit_test(refuses_loose_syntax),
		cmocka_unit_test(refuses_invalid_utf8),
		cmocka_unit_test(refuses_other_than_objects),
		cmocka_unit_test(refuses_too_deep),
		cmocka_unit_test(refuses_too_many_objects),
		cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
