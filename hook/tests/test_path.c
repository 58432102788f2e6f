// SPDX-License-Identifier: GPL-2.0-or-later
/* path.c */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

/* What path_open_dir() makes of a path: 0 or the errno. */
static int result_of(int dirfd, const char *path, bool beneath)
{
	int fd = path_open_dir(dirfd, path, beneath, O_RDONLY | O_NOFOLLOW);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* DIR/in/dir, DIR/out, and links to both in DIR/in. */
static int make_tree(const char *dir)
{
	assert_int_equal(mkdir(support_path(dir, "in"), 0755), 0);
	assert_int_equal(mkdir(support_path(dir, "in/dir"), 0755), 0);
	assert_int_equal(mkdir(support_path(dir, "in/dir/sub"), 0755), 0);
	assert_int_equal(mkdir(support_path(dir, "out"), 0755), 0);
	assert_int_equal(mkdir(support_path(dir, "out/sub"), 0755), 0);
	assert_int_equal(symlink("dir", support_path(dir, "in/tolink")), 0);
	assert_int_equal(symlink("../out", support_path(dir, "in/outlink")), 0);
	assert_int_equal(mkfifo(support_path(dir, "in/fifo"), 0644), 0);
	support_write(support_path(dir, "in/file"), "", 0);
	return open(support_path(dir, "in"), O_PATH | O_CLOEXEC);
}

static void opens_directories(void **state)
{
	int fd = make_tree(*state);

	assert_int_equal(result_of(fd, "dir", true), 0);
	assert_int_equal(result_of(fd, "dir/../dir", true), 0);
	assert_int_equal(result_of(fd, "tolink/sub", true), 0);
	assert_int_equal(result_of(fd, "../out", false), 0);
	assert_int_equal(
		result_of(AT_FDCWD, support_path(*state, "out"), false), 0);
	close(fd);
}

static void stays_beneath(void **state)
{
	int fd = make_tree(*state);

	assert_int_equal(result_of(fd, "../out", true), EXDEV);
	assert_int_equal(result_of(fd, "outlink/sub", true), EXDEV);
	assert_int_equal(result_of(fd, support_path(*state, "out"), true),
			 EXDEV);
	close(fd);
}

static void opens_nothing_else(void **state)
{
	int fd = make_tree(*state);

	alarm(10);
	assert_int_equal(result_of(fd, "fifo", true), ENOTDIR);
	assert_int_equal(result_of(fd, "file", true), ENOTDIR);
	assert_int_equal(result_of(fd, "tolink", true), ENOTDIR);
	assert_int_equal(result_of(fd, "none", true), ENOENT);
	assert_int_equal(result_of(AT_FDCWD, "/dev/null", false), ENOTDIR);
	alarm(0);
	close(fd);
}

static void refuses_magic_links(void **state)
{
	(void)state;
	assert_int_equal(result_of(AT_FDCWD, "/proc/self/root/tmp", false),
			 ELOOP);
}

/* As in a container of old, whose seccomp filter knows no openat2. */
static int without_openat2(void *dir)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int fd = open(support_path(dir, "in"), O_PATH | O_CLOEXEC);

	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2),
			     0) ||
	    seccomp_load(ctx))
		return 100;
	seccomp_release(ctx);
	if (result_of(fd, "dir", true))
		return 1;
	if (result_of(fd, "../out", true) != EXDEV)
		return 2;
	if (result_of(fd, "dir/..", true) != EXDEV)
		return 3;
	if (result_of(fd, support_path(dir, "out"), true) != EXDEV)
		return 4;
	if (result_of(fd, "tolink", true) != ENOTDIR)
		return 5;
	if (result_of(fd, "fifo", true) != ENOTDIR)
		return 6;
	if (result_of(AT_FDCWD, support_path(dir, "out"), false))
		return 7;
	mkdir(support_path(dir, "in/..dir.."), 0755);
	return result_of(fd, "..dir..", true) ? 8 : 0;
}

/* Which may as well be the file system's word. */
static int with_openat2_forbidden(void *dir)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int fd = open(support_path(dir, "in"), O_PATH | O_CLOEXEC);

	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat2),
			     0) ||
	    seccomp_load(ctx))
		return 100;
	seccomp_release(ctx);
	if (result_of(fd, "outlink/sub", true) != EPERM)
		return 1;
	return result_of(fd, "dir", true) == EPERM ? 0 : 2;
}

static void does_not_fall_back_if_openat2_is_forbidden(void **state)
{
	struct ended e;

	close(make_tree(*state));
	e = support_fork(with_openat2_forbidden, *state, -1);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

static void falls_back_without_openat2(void **state)
{
	struct ended e;

	close(make_tree(*state));
	e = support_fork(without_openat2, *state, -1);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

static void names_the_kind(void **state)
{
	int fd = make_tree(*state);

	assert_string_equal(path_kind(fd, "fifo"), "a FIFO");
	assert_string_equal(path_kind(fd, "file"), "a file");
	assert_string_equal(path_kind(fd, "dir"), "a directory");
	assert_string_equal(path_kind(fd, "tolink"), "a symbolic link");
	assert_string_equal(path_kind(fd, "/dev/null"), "a device");
	assert_null(path_kind(fd, "none"));
	close(fd);
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(opens_directories),
		with_dir(stays_beneath),
		with_dir(opens_nothing_else),
		cmocka_unit_test(refuses_magic_links),
		with_dir(falls_back_without_openat2),
		with_dir(does_not_fall_back_if_openat2_is_forbidden),
		with_dir(names_the_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
