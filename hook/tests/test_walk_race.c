// SPDX-License-Identifier: GPL-2.0-or-later
/* walk.c, with a container that changes things while it is under way */
#include "walk.h"

#include <errno.h>
#include <fts.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

int __wrap_fsync(int fd);
FTSENT *__wrap_fts_read(FTS *fts);
FTSENT *__real_fts_read(FTS *fts);

static atomic_int fsyncs;
static void (*swap)(const char *path);
static int seen_b, seen_m, move_in_pass;

int __wrap_fsync(int fd)
{
	(void)fd;
	fsyncs++;
	return 0;
}

static void swap_for_fifo(const char *path)
{
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void swap_for_symlink(const char *path)
{
	assert_int_equal(symlink("/etc/passwd", path), 0);
}

/* A container that is faster than the walk: "b" becomes something else. */
FTSENT *__wrap_fts_read(FTS *fts)
{
	FTSENT *e = __real_fts_read(fts);

	/* Once in each of the three walks. */
	if (e && swap && !strcmp(e->fts_name, "b") && ++seen_b == 3) {
		assert_int_equal(unlink("b"), 0);
		swap("b");
	}
	/* fts is in the directory "m", which goes elsewhere. */
	if (e && !strcmp(e->fts_name, "in-m") && ++seen_m == move_in_pass)
		assert_int_equal(rename("../m", "../elsewhere/m"), 0);
	return e;
}

static int setup(void **state)
{
	fsyncs = 0;
	swap = NULL;
	seen_b = seen_m = move_in_pass = 0;
	return support_setup(state);
}

static int walk(char *dir, bool writers, struct note *note, struct error *err)
{
	struct overlay o = { .upper = dir };
	cleanup_walk struct walk w = { .fd = -1 };
	int ret;

	err->text[0] = '\0';
	assert_int_equal(walk_prepare(&w, &o, err), 0);
	ret = walk_sync(&w, err);
	note->text[0] = '\0';
	walk_note(&w, writers, note);
	/* fts has changed it. */
	assert_int_equal(chdir("/"), 0);
	return ret;
}

static void what_was_replaced_is_not_opened(void **state)
{
	static void (*const swaps[])(const char *) = { swap_for_fifo,
						       swap_for_symlink };
	char *dir = *state;
	struct error err;
	struct note note;
	size_t i;

	for (i = 0; i < array_size(swaps); i++) {
		support_write(support_path(dir, "b"), "x", 1);
		swap = swaps[i];
		seen_b = fsyncs = 0;
		assert_int_equal(walk(dir, true, &note, &err), 0);
		assert_int_equal(seen_b, 3);
		/* The directory alone. */
		assert_int_equal(fsyncs, 1);
		assert_int_equal(unlink(support_path(dir, "b")), 0);
	}
}

/* fts stops there, with the same error as for what was removed. */
static void moved_directory_is_not_taken_for_the_end(void **state)
{
	char *dir = *state;
	struct error err;
	struct note note;

	assert_int_equal(mkdir(support_path(dir, "elsewhere"), 0755), 0);
	assert_int_equal(mkdir(support_path(dir, "m"), 0755), 0);
	support_write(support_path(dir, "m/in-m"), "x", 1);
	move_in_pass = 3;
	assert_int_equal(walk(dir, true, &note, &err), -1);
	assert_int_equal(seen_m, 3);
	assert_int_equal(err.errnum, EAGAIN);
	assert_contains(err.text, "cannot sync \".\" in upper directory");
	/* Where the pass that fsyncs sees everything, no harm was done. */
	assert_int_equal(rename(support_path(dir, "elsewhere/m"),
				support_path(dir, "m")),
			 0);
	seen_m = fsyncs = 0;
	move_in_pass = 1;
	assert_int_equal(walk(dir, true, &note, &err), 0);
	assert_int_equal(seen_m, 3);
	assert_int_equal(fsyncs, 4);
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(what_was_replaced_is_not_opened),
		with_dir(moved_directory_is_not_taken_for_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
