// SPDX-License-Identifier: GPL-2.0-or-later
/* overlay.c and status.c */
#include "overlay.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "status.h"
#include "support.h"

static void look(const char *options, const char *parameter, struct overlay *o)
{
	struct mountinfo m = { .type = "overlay", .options = options };

	overlay_look(&m, parameter, o);
}

static void reads_the_options(void **state)
{
	static const struct {
		const char *options, *upper;
		bool is_volatile, read_only;
	} cases[] = {
		{ "rw,lowerdir=/l,upperdir=/u,workdir=/w", "/u", false, false },
		{ "rw,lowerdir=/l,upperdir=/u,volatile", "/u", true, false },
		{ "rw,upperdir=/u,fsync=volatile", "/u", true, false },
		{ "ro,upperdir=/u", "/u", false, true },
		{ "rw,lowerdir=/a:/b", NULL, false, true },
		{ "rw,upperdir=u,lowerdir=volatile", "u", false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < array_size(cases); i++) {
		cleanup_overlay struct overlay o = { 0 };

		look(cases[i].options, "/none", &o);
		if (cases[i].upper)
			assert_string_equal(o.upper, cases[i].upper);
		else
			assert_null(o.upper);
		assert_int_equal(o.is_volatile, cases[i].is_volatile);
		assert_int_equal(o.read_only, cases[i].read_only);
		assert_false(o.per_overlay);
	}
}

/* Whether the kernel is taken to have it, with @value in the parameter. */
static bool has_it(const char *dir, const char *upper, const char *value)
{
	cleanup_overlay struct overlay o = { 0 };
	const char *parameter = support_path(dir, "parameter");
	char options[PATH_MAX];

	if (value)
		support_write(parameter, value, strlen(value));
	snprintf(options, sizeof(options), "rw,upperdir=%s", upper);
	look(options, parameter, &o);
	return o.per_overlay;
}

static void asks_the_kernel(void **state)
{
	/* In a chroot nothing but /proc and the like is in mountinfo. */
	assert_false(has_it(*state, "/proc", NULL));
	assert_false(has_it(*state, "/proc", "Y\n"));
	assert_false(has_it(*state, "/none", "Y\n"));
	assert_false(has_it(*state, "relative", "Y\n"));
}

static void tmpfs_is_covered(void **state)
{
	const char *dir = *state;
	char upper[PATH_MAX];

	if (!support_mount(dir, "merged", "tmpfs", ""))
		skip();
	snprintf(upper, sizeof(upper), "%s", support_path(dir, "merged"));
	assert_true(has_it(dir, upper, "Y\n"));
	assert_false(has_it(dir, upper, "N\n"));
	assert_false(has_it(dir, upper, ""));
}

static void another_file_system_is_not(void **state)
{
	const char *dir = *state;
	cleanup_overlay struct overlay o = { 0 };
	char options[PATH_MAX];

	if (!support_mount(dir, "merged", "ramfs", ""))
		skip();
	assert_false(has_it(dir, support_path(dir, "merged"), "Y\n"));
	snprintf(options, sizeof(options), "rw,upperdir=%s/merged", dir);
	look(options, "/none", &o);
	assert_string_equal(o.upper_fs, "ramfs");
}

static void knows_where_it_is_mounted(void **state)
{
	cleanup_close int fd = -1;
	char merged[PATH_MAX];

	fd = open(*state, O_RDONLY | O_CLOEXEC);
	assert_false(overlay_is_here(fd));
	if (!support_overlay(*state, "", merged))
		skip();
	close(fd);
	fd = open(merged, O_RDONLY | O_CLOEXEC);
	assert_true(overlay_is_here(fd));
}

/* status, in a child, with its output where support_fork() sees it. */
struct shown {
	char *paths[3];
	bool json;
	const char *parameter;
};

static int show(void *arg)
{
	struct shown *s = arg;

	if (dup2(2, 1) < 0)
		return 100;
	return status_print(s->paths, s->json,
			    s->parameter ? s->parameter : "/none");
}

static void status_of_one(void **state)
{
	char merged[PATH_MAX];
	struct shown s = { .paths = { merged } };
	struct ended e;

	if (!support_overlay(*state, ",volatile", merged))
		skip();
	e = support_fork(show, &s, -1);
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "SYNC         UPPER     FLAGS");
	assert_contains(e.text, "\nnothing      ");
	assert_contains(e.text, " volatile ");
	assert_contains(e.text, merged);
	s.json = true;
	e = support_fork(show, &s, -1);
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "\"sync\": \"nothing\"");
	assert_contains(e.text, "\"volatile\": true");
	assert_contains(e.text, "\"read_only\": false");
	assert_contains(e.text, "/upper\"");
}

static void status_of_all(void **state)
{
	char merged[PATH_MAX];
	struct shown s = { .json = false };
	struct ended e;

	if (!support_overlay(*state, "", merged))
		skip();
	e = support_fork(show, &s, -1);
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "\nwhole-upper  ");
	assert_contains(e.text, merged);
}

static void status_of_what_cannot_be_told(void **state)
{
	char merged[PATH_MAX];
	struct shown s = { .paths = { merged } };
	struct ended e;

	if (!support_relative_overlay(*state, merged))
		skip();
	e = support_fork(show, &s, -1);
	assert_contains(e.text, "\nwhole-upper  -");
	s.parameter = support_path(*state, "parameter");
	support_write(s.parameter, "Y", 1);
	e = support_fork(show, &s, -1);
	assert_contains(e.text, "\nunknown      -");
}

static void status_of_what_is_none(void **state)
{
	char none[] = "/none\n", proc[] = "/proc";
	struct shown s = { .paths = { none, proc } };
	struct ended e;

	(void)state;
	e = support_fork(show, &s, -1);
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "oci-syncfs-hook: cannot look at /none\\x0a: "
				"No such file or directory\n");
	assert_contains(e.text, "oci-syncfs-hook: not on an overlay: /proc\n");
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_options),
		with_dir(asks_the_kernel),
		with_dir(tmpfs_is_covered),
		with_dir(another_file_system_is_not),
		with_dir(knows_where_it_is_mounted),
		with_dir(status_of_one),
		with_dir(status_of_all),
		with_dir(status_of_what_cannot_be_told),
		cmocka_unit_test(status_of_what_is_none),
	};

	support_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
