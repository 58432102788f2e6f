// SPDX-License-Identifier: GPL-2.0-or-later
/* state.c */
#include "state.h"

#include <string.h>

#include "support.h"

static int parse(const char *text, struct oci_state *s, struct error *err)
{
	err->text[0] = '\0';
	return state_parse(text, strlen(text), s, err);
}

static void takes_what_runc_writes(void **state)
{
	cleanup_state struct oci_state s = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(parse("{\"ociVersion\":\"1.2.0\",\"id\":\"c1\","
			       "\"status\":\"stopped\",\"bundle\":\"/b\"}",
			       &s, &err),
			 0);
	assert_string_equal(s.id, "c1");
	assert_string_equal(s.status, "stopped");
	assert_string_equal(s.bundle, "/b");
}

static void takes_what_crun_writes(void **state)
{
	cleanup_state struct oci_state s = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(
		parse("{\"ociVersion\":\"1.0\",\"id\":\"c1\",\"pid\":0,"
		      "\"root\":\"/b/rootfs\",\"bundle\":\"/b\","
		      "\"status\":\"stopped\",\"annotations\":{}}",
		      &s, &err),
		0);
	assert_string_equal(s.bundle, "/b");
}

static void status_may_be_missing(void **state)
{
	cleanup_state struct oci_state s = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(parse("{\"id\":\"c\",\"bundle\":\"/b\"}", &s, &err),
			 0);
	assert_null(s.status);
}

static void id_is_kept_when_the_rest_is_wrong(void **state)
{
	cleanup_state struct oci_state s = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(parse("{\"id\":\"c1\",\"status\":7}", &s, &err), -1);
	assert_string_equal(s.id, "c1");
	assert_string_equal(
		err.text,
		"\"status\" in the container state on standard input is not a string");
}

static void takes_its_annotations_only(void **state)
{
	cleanup_state struct oci_state s = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(
		parse("{\"id\":\"c\",\"bundle\":\"/b\",\"annotations\":{"
		      "\"org.example\":\"x\",\"io.overlay-syncfs\":\"x\","
		      "\"io.overlay-syncfs.enable\":\"true\","
		      "\"io.overlay-syncfs.timeout\":\"4\","
		      "\"io.overlay-syncfs.timeout\":\"5\","
		      "\"io.overlay-syncfs.strict\":\"x\\ny\","
		      "\"xio.overlay-syncfs.fallback\":\"sync\"}}",
		      &s, &err),
		0);
	assert_string_equal(s.annotations.enable, "true");
	assert_string_equal(s.annotations.timeout, "5");
	assert_string_equal(s.annotations.strict, "x\ny");
	assert_null(s.annotations.fallback);
	assert_null(s.annotations.unknown);
}

static void unknown_annotation_is_kept(void **state)
{
	cleanup_state struct oci_state s = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(parse("{\"id\":\"c\",\"bundle\":\"/b\","
			       "\"annotations\":{"
			       "\"io.overlay-syncfs.tiemout\":\"4\","
			       "\"io.overlay-syncfs.fallback\":\"walk\"}}",
			       &s, &err),
			 0);
	assert_string_equal(s.annotations.unknown, "tiemout");
	assert_string_equal(s.annotations.fallback, "walk");
}

/* Kubernetes lets them be, and so do others. */
static void empty_annotation_is_kept(void **state)
{
	cleanup_state struct oci_state s = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(parse("{\"id\":\"c\",\"bundle\":\"/b\","
			       "\"annotations\":{"
			       "\"io.overlay-syncfs.timeout\":\"\"}}",
			       &s, &err),
			 0);
	assert_string_equal(s.annotations.timeout, "");
}

static void no_annotations(void **state)
{
	cleanup_state struct oci_state s = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(parse("{\"id\":\"c\",\"bundle\":\"/b\","
			       "\"annotations\":null}",
			       &s, &err),
			 0);
	assert_null(s.annotations.enable);
}

static void refuses(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"bundle\":\"/b\"}", "has no \"id\"" },
		{ "{\"id\":\"\",\"bundle\":\"/b\"}", "\"id\"" },
		{ "{\"id\":\"c\"}", "has no \"bundle\"" },
		{ "{\"id\":\"c\",\"bundle\":[]}", "\"bundle\"" },
		{ "{\"id\":\"c\",\"bundle\":\"b\"}", "not an absolute path" },
		{ "{\"id\":\"c\",\"bundle\":\"/b\",\"annotations\":[]}",
		  "\"annotations\" in the container state on standard input is not an object" },
		{ "{\"id\":\"c\",\"bundle\":\"/b\",\"annotations\":"
		  "{\"io.overlay-syncfs.strict\":true}}",
		  "\"io.overlay-syncfs.strict\" in annotations is not a string" },
		{ "{\"id\":\"c\",\"bundle\":\"/b\",\"annotations\":"
		  "{\"io.overlay-syncfs.strict\":\"a\\u0000b\"}}",
		  "contains a NUL" },
		{ "{\"id\":\"c\",", "truncated" },
		{ "", "the container state on standard input is empty" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < array_size(cases); i++) {
		cleanup_state struct oci_state s = { 0 };
		struct error err;

		assert_int_equal(parse(cases[i][0], &s, &err), -1);
		assert_contains(err.text, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_runc_writes),
		cmocka_unit_test(takes_what_crun_writes),
		cmocka_unit_test(status_may_be_missing),
		cmocka_unit_test(id_is_kept_when_the_rest_is_wrong),
		cmocka_unit_test(takes_its_annotations_only),
		cmocka_unit_test(unknown_annotation_is_kept),
		cmocka_unit_test(empty_annotation_is_kept),
		cmocka_unit_test(no_annotations),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
