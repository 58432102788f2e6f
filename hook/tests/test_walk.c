// SPDX-License-Identifier: GPL-2.0-or-later
/* walk.c and pool.c, with an fsync() that counts, or fails */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cache.h"
#include "cleanup.h"
#include "filter.h"
#include "support.h"

int __wrap_fsync(int fd);
int __real_fsync(int fd);
int __wrap_sync_file_range(int fd, off64_t offset, off64_t n, unsigned int f);
void __wrap_cache_look(int fd, bool *dirty, bool *writeback);
void __real_cache_look(int fd, bool *dirty, bool *writeback);
int __real_sync_file_range(int fd, off64_t offset, off64_t n, unsigned int f);

static atomic_int fsyncs, submitted, submitted_too_late, at_once, most_at_once;
static atomic_int waited;
static bool submit_fails, wait_fails, cache_is_told;
static atomic_ulong failing_inode;
static int fail_with;
static bool fsync_is_slow;

int __wrap_fsync(int fd)
{
	struct stat st;
	int now = ++at_once, most = most_at_once;

	while (now > most &&
	       !atomic_compare_exchange_weak(&most_at_once, &most, now))
		;
	if (fsync_is_slow)
		usleep(20000);
	fsyncs++;
	at_once--;
	if (failing_inode && !fstat(fd, &st) && st.st_ino == failing_inode) {
		errno = fail_with;
		return -1;
	}
	/* A real one takes its time on a busy machine; test_worker has one. */
	return 0;
}

/* As where cachestat(2) tells nothing, if the test wants it so. */
void __wrap_cache_look(int fd, bool *dirty, bool *writeback)
{
	*dirty = *writeback = true;
	if (cache_is_told)
		__real_cache_look(fd, dirty, writeback);
}

int __wrap_sync_file_range(int fd, off64_t offset, off64_t n, unsigned int f)
{
	if (f & SYNC_FILE_RANGE_WRITE) {
		submitted++;
		if (fsyncs || waited)
			submitted_too_late++;
		if (submit_fails) {
			errno = fail_with;
			return -1;
		}
	} else {
		waited++;
		if (wait_fails) {
			errno = EIO;
			return -1;
		}
	}
	return __real_sync_file_range(fd, offset, n, f);
}

static int setup(void **state)
{
	fsyncs = submitted = submitted_too_late = most_at_once = 0;
	waited = 0;
	failing_inode = 0;
	fsync_is_slow = submit_fails = wait_fails = false;
	cache_is_told = true;
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

static void every_file_and_directory(void **state)
{
	char *dir = *state;
	struct error err;
	struct note note;

	assert_int_equal(mkdir(support_path(dir, "a"), 0755), 0);
	assert_int_equal(mkdir(support_path(dir, "a/b"), 0), 0);
	support_write(support_path(dir, "f"), "x", 1);
	support_write(support_path(dir, "a/f"), "x", 1);
	support_write(support_path(dir, "a/b/f"), "x", 1);
	support_write(support_path(dir, "a/name\nwith=all\xff"), "x", 1);
	assert_int_equal(walk(dir, false, &note, &err), 0);
	assert_string_equal(err.text, "");
	/* Three directories. */
	assert_int_equal(fsyncs, 7);
	assert_true(submitted <= 4);
	assert_int_equal(submitted_too_late, 0);
	assert_contains(note.text, "7 files and directories fsynced");
	assert_null(strstr(note.text, "missed"));
}

static void dirty_files_are_sent_first(void **state)
{
	char *dir = *state;
	char name[32];
	struct error err;
	struct note note;
	int i;

	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		support_write(support_path(dir, name), "x", 1);
	}
	assert_int_equal(walk(dir, true, &note, &err), 0);
	assert_int_equal(fsyncs, 201);
	/* None at all where the file system has no pages to write. */
	assert_true(submitted <= 200);
	assert_int_equal(submitted_too_late, 0);
	assert_contains(note.text, "may have been missed");
}

static void without_cachestat_all_files_are_sent(void **state)
{
	char *dir = *state;
	struct error err;
	struct note note;

	cache_is_told = false;
	assert_int_equal(mkdir(support_path(dir, "a"), 0755), 0);
	support_write(support_path(dir, "a/f"), "x", 1);
	support_write(support_path(dir, "empty"), "", 0);
	assert_int_equal(walk(dir, false, &note, &err), 0);
	assert_int_equal(submitted, 2);
	assert_int_equal(waited, 2);
	assert_int_equal(fsyncs, 4);
	assert_int_equal(submitted_too_late, 0);
	assert_contains(note.text, "2 submitted before");
}

/* The fsync that follows has a descriptor of its own, and is not told. */
static void error_told_while_waiting_is_not_lost(void **state)
{
	char *dir = *state;
	struct error err;
	struct note note;

	cache_is_told = false;
	wait_fails = true;
	support_write(support_path(dir, "f"), "x", 1);
	assert_int_equal(walk(dir, false, &note, &err), -1);
	assert_int_equal(err.errnum, EIO);
	assert_contains(err.text, "write error in \"./f\" in upper directory");
	assert_int_equal(fsyncs, 2);
}

/* As ext4's, when it cannot allocate the blocks: the pages are clean then. */
static void error_told_while_submitting_is_not_lost(void **state)
{
	char *dir = *state;
	struct error err;
	struct note note;

	cache_is_told = false;
	submit_fails = true;
	fail_with = ENOSPC;
	support_write(support_path(dir, "f"), "x", 1);
	assert_int_equal(walk(dir, false, &note, &err), -1);
	assert_int_equal(err.errnum, ENOSPC);
	assert_contains(err.text, "write error in \"./f\" in upper directory");
	assert_int_equal(fsyncs, 2);
	/* This one leaves them dirty, for fsync. */
	fail_with = ENOMEM;
	assert_int_equal(walk(dir, false, &note, &err), 0);
}

static void clean_files_are_fsynced_only(void **state)
{
	cleanup_close int fd = -1;
	char *dir = *state;
	struct error err;
	struct note note;

	support_write(support_path(dir, "f"), "x", 1);
	/* Of this file only: the machine is not ours alone. */
	fd = open(support_path(dir, "f"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(__real_fsync(fd), 0);
	assert_int_equal(walk(dir, false, &note, &err), 0);
	assert_int_equal(submitted, 0);
	assert_int_equal(fsyncs, 2);
}

static void nothing_else_is_opened(void **state)
{
	char *dir = *state;
	struct error err;
	struct note note;

	assert_int_equal(mkfifo(support_path(dir, "fifo"), 0600), 0);
	assert_int_equal(symlink("/", support_path(dir, "link")), 0);
	assert_int_equal(symlink("none", support_path(dir, "dangling")), 0);
	/* A whiteout, if we may make one. */
	mknod(support_path(dir, "whiteout"), S_IFCHR, 0);
	alarm(20);
	assert_int_equal(walk(dir, false, &note, &err), 0);
	alarm(0);
	assert_int_equal(fsyncs, 1);
}

static void several_at_once_but_not_all(void **state)
{
	char *dir = *state;
	char name[32];
	struct error err;
	struct note note;
	int i;

	fsync_is_slow = true;
	for (i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		support_write(support_path(dir, name), "x", 1);
	}
	assert_int_equal(walk(dir, false, &note, &err), 0);
	assert_int_equal(fsyncs, 151);
	assert_true(most_at_once > 1);
	assert_true(most_at_once <= 8);
}

static void first_error_is_named_and_the_rest_is_synced(void **state)
{
	char *dir = *state;
	struct error err;
	struct note note;
	struct stat st;

	support_write(support_path(dir, "bad"), "x", 1);
	support_write(support_path(dir, "good"), "x", 1);
	assert_int_equal(stat(support_path(dir, "bad"), &st), 0);
	failing_inode = st.st_ino;
	fail_with = EIO;
	assert_int_equal(walk(dir, false, &note, &err), -1);
	assert_int_equal(err.errnum, EIO);
	assert_contains(err.text, "write error in \"./bad\" in upper directory "
				  "\"/tmp/hook-unit");
	assert_contains(err.text, "data of this container may be lost");
	assert_int_equal(fsyncs, 3);
	assert_contains(note.text, "2 files and directories fsynced");
}

static void deep_directories(void **state)
{
	char *dir = *state;
	struct error err;
	struct note note;
	int i;

	/* Longer than any path may be. */
	assert_int_equal(chdir(dir), 0);
	for (i = 0; i < 1500; i++) {
		assert_int_equal(mkdir("dd", 0755), 0);
		assert_int_equal(chdir("dd"), 0);
	}
	support_write("f", "x", 1);
	assert_int_equal(walk(dir, false, &note, &err), 0);
	assert_int_equal(fsyncs, 1502);
	/* nftw() would need as many descriptors. */
	assert_int_equal(chdir(dir), 0);
	for (i = 0; i < 1500; i++)
		assert_int_equal(chdir("dd"), 0);
	unlink("f");
	for (i = 0; i < 1500; i++) {
		assert_int_equal(chdir(".."), 0);
		assert_int_equal(rmdir("dd"), 0);
	}
	assert_int_equal(chdir("/"), 0);
}

static void no_upper_directory(void **state)
{
	char none[] = "/none/upper", relative[] = "upper";
	struct overlay o = { .upper = none };
	cleanup_walk struct walk w = { .fd = -1 };
	struct error err;

	(void)state;
	assert_int_equal(walk_prepare(&w, &o, &err), -1);
	assert_contains(err.text, "no way to upper directory \"/none/upper\": "
				  "No such file");
	/* Relative to what? */
	o.upper = relative;
	assert_int_equal(walk_prepare(&w, &o, &err), -1);
}

/* Walk as the worker does it: with the filter in place. */
static int filtered(void *arg)
{
	struct overlay o = { .upper = arg };
	struct note note = { "" };
	cleanup_walk struct walk w = { .fd = -1 };
	struct error err;

	if (walk_prepare(&w, &o, &err) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    filter_walker(2, &err) < 0)
		return 1;
	if (walk_sync(&w, &err) < 0)
		dprintf(2, "%s\n", err.text);
	walk_note(&w, false, &note);
	dprintf(2, "%s", note.text);
	return 0;
}

static void works_behind_its_filter(void **state)
{
	char *dir = *state;
	struct ended e;

	assert_int_equal(mkdir(support_path(dir, "a"), 0755), 0);
	support_write(support_path(dir, "a/f"), "x", 1);
	support_write(support_path(dir, "g"), "x", 1);
	e = support_fork(filtered, dir, -1);
	if (e.status)
		print_error("%s\n", e.text);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	assert_int_equal(strncmp(e.text, "4 files and directories fsynced", 31),
			 0);
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(every_file_and_directory),
		with_dir(dirty_files_are_sent_first),
		with_dir(without_cachestat_all_files_are_sent),
		with_dir(error_told_while_waiting_is_not_lost),
		with_dir(error_told_while_submitting_is_not_lost),
		with_dir(clean_files_are_fsynced_only),
		with_dir(nothing_else_is_opened),
		with_dir(several_at_once_but_not_all),
		with_dir(first_error_is_named_and_the_rest_is_synced),
		with_dir(deep_directories),
		cmocka_unit_test(no_upper_directory),
		with_dir(works_behind_its_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
