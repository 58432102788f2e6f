// SPDX-License-Identifier: GPL-2.0-or-later
/* bundle.c */
#include "bundle.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "input.h"
#include "support.h"

static const char CONFIG[] = "{\"root\":{\"path\":\"rootfs\"}}";

/* bundle_root() of the directory; what it said, for -1. */
static int root_of(const char *dir, char **root, struct error *err)
{
	struct deadline d = deadline_after(2);
	cleanup_close int fd = bundle_open(dir, err);

	assert_true(fd >= 0);
	err->text[0] = '\0';
	return bundle_root(fd, dir, &d, root, err);
}

static void expect(const char *dir, const char *expected)
{
	cleanup_free char *root = NULL;
	struct error err;

	assert_int_equal(root_of(dir, &root, &err), -1);
	assert_contains(err.text, dir);
	assert_contains(err.text, expected);
}

static void reads_root_path(void **state)
{
	cleanup_free char *root = NULL;
	struct error err;

	support_write(support_path(*state, "config.json"), CONFIG,
		      strlen(CONFIG));
	assert_int_equal(root_of(*state, &root, &err), 0);
	assert_string_equal(root, "rootfs");
}

static void missing_bundle(void **state)
{
	struct error err;

	assert_int_equal(bundle_open(support_path(*state, "none"), &err), -1);
	assert_contains(err.text, "cannot open the bundle \"/tmp/hook-unit.");
	assert_contains(err.text, "No such file or directory");
}

static void bundle_that_is_a_file(void **state)
{
	struct error err;

	support_write(support_path(*state, "f"), "", 0);
	assert_int_equal(bundle_open(support_path(*state, "f"), &err), -1);
	assert_contains(err.text, "Not a directory");
}

static void bundle_behind_a_symlink(void **state)
{
	cleanup_free char *root = NULL;
	struct error err;

	assert_int_equal(mkdir(support_path(*state, "real"), 0755), 0);
	assert_int_equal(symlink("real", support_path(*state, "link")), 0);
	support_write(support_path(*state, "real/config.json"), CONFIG,
		      strlen(CONFIG));
	assert_int_equal(root_of(support_path(*state, "link"), &root, &err), 0);
}

static void no_config(void **state)
{
	expect(*state, "config.json\": No such file or directory");
}

static void config_is_a_fifo(void **state)
{
	assert_int_equal(mkfifo(support_path(*state, "config.json"), 0644), 0);
	/* If it hangs, this ends it. */
	alarm(10);
	expect(*state, "is a FIFO, not a regular file");
	alarm(0);
}

static void config_is_a_directory(void **state)
{
	assert_int_equal(mkdir(support_path(*state, "config.json"), 0755), 0);
	expect(*state, "is a directory, not a regular file");
}

static void config_is_a_symlink(void **state)
{
	support_write(support_path(*state, "other"), CONFIG, strlen(CONFIG));
	assert_int_equal(symlink("other", support_path(*state, "config.json")),
			 0);
	expect(*state, "is a symbolic link: refused");
}

static void config_is_too_large(void **state)
{
	cleanup_free char *text = malloc(INPUT_MAX + 1);

	memset(text, ' ', INPUT_MAX + 1);
	memcpy(text, CONFIG, strlen(CONFIG));
	support_write(support_path(*state, "config.json"), text, INPUT_MAX + 1);
	expect(*state, "is larger than 1 MiB");
}

static void config_without_a_usable_root(void **state)
{
	static const char *const cases[][2] = {
		{ "", "is empty" },
		{ "{", "truncated" },
		{ "{}", "has no \"root\"" },
		{ "{\"root\":\"/\"}", "\"root\" in" },
		{ "{\"root\":{}}", "has no \"path\"" },
		{ "{\"root\":{\"path\":1}}", "is not a string" },
		{ "{\"root\":{\"path\":\"\"}}", "is empty" },
		{ "{\"root\":{\"path\":\"a\\u0000b\"}}", "contains a NUL" },
	};
	size_t i;

	for (i = 0; i < array_size(cases); i++) {
		support_write(support_path(*state, "config.json"), cases[i][0],
			      strlen(cases[i][0]));
		expect(*state, cases[i][1]);
	}
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(reads_root_path),
		with_dir(missing_bundle),
		with_dir(bundle_that_is_a_file),
		with_dir(bundle_behind_a_symlink),
		with_dir(no_config),
		with_dir(config_is_a_fifo),
		with_dir(config_is_a_directory),
		with_dir(config_is_a_symlink),
		with_dir(config_is_too_large),
		with_dir(config_without_a_usable_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
