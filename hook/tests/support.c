// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the unit tests share: a scratch directory, forked functions, a real
 * overlay.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadline.h"

/* Behind a filter, threads could not give up the signal stacks it gives them. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "use_sigaltstack=0";
}

/* One that cannot be run as things are: valgrind does not know every call. */
__attribute__((constructor)) static void leave_out(void)
{
	const char *name = getenv("TESTS_BUT");

	if (name && *name)
		cmocka_set_skip_filter(name);
}

/* Fail with both texts unless @part is in @text. */
void support_assert_contains(const char *text, const char *part,
			     const char *file, int line)
{
	if (strstr(text, part))
		return;
	print_error("\"%s\" is not in \"%s\"\n", part, text);
	_fail(file, line);
}

/* A test's own scratch directory, in *state. */
int support_setup(void **state)
{
	char *dir = strdup("/tmp/hook-unit.XXXXXX");

	if (!dir || !mkdtemp(dir))
		return -1;
	*state = dir;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int support_teardown(void **state)
{
	char *dir = *state;
	char merged[PATH_MAX];

	snprintf(merged, sizeof(merged), "%s/merged", dir);
	umount2(merged, MNT_DETACH);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	free(dir);
	return 0;
}

/* DIR/NAME in one of eight buffers that take turns. */
char *support_path(const void *dir, const char *name)
{
	static char buffers[8][PATH_MAX];
	static unsigned int turn;
	char *p = buffers[turn++ % array_size(buffers)];

	snprintf(p, PATH_MAX, "%s/%s", (const char *)dir, name);
	return p;
}

void support_write(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	while (len) {
		ssize_t n = write(fd, text, len);

		assert_true(n > 0);
		text += n;
		len -= (size_t)n;
	}
	close(fd);
}

/*
 * Run @fn in a child that ends with what it returns, with @stdin_fd (or
 * nothing, for -1) as standard input; give it 20 s.
 */
struct ended support_fork(int (*fn)(void *), void *arg, int stdin_fd)
{
	struct ended e = { .status = -1 };
	int64_t start = monotonic_ns();
	size_t used = 0;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(20);
		if (stdin_fd >= 0)
			dup2(stdin_fd, 0);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		/* Under a filter, ASan's own _exit() would not get through. */
		syscall(SYS_exit_group, fn(arg));
	}
	close(fds[1]);
	while (used < sizeof(e.text) - 1) {
		n = read(fds[0], e.text + used, sizeof(e.text) - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	e.exited = WIFEXITED(status);
	e.status = e.exited ? WEXITSTATUS(status) : WTERMSIG(status);
	e.ms = (int)((monotonic_ns() - start) / NSEC_PER_MSEC);
	return e;
}

/* The read end of a pipe that holds @text and has no writer any more. */
int support_pipe_with(const char *text, size_t len)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], text, len), (ssize_t)len);
	close(fds[1]);
	return fds[0];
}

static void write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

/* Become able to mount: as root, or in a user namespace. */
bool support_namespace(void)
{
	unsigned int uid = geteuid(), gid = getegid();
	char map[64];

	if (!unshare(CLONE_NEWNS)) {
		/* In a chroot / is no mount; then nothing is shared anyway. */
		mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL);
		return true;
	}
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return false;
	write_map("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_map("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_map("/proc/self/gid_map", map);
	return true;
}

/* Mount a file system at DIR/NAME. False, and said so, where we may not. */
bool support_mount(const void *dir, const char *name, const char *type,
		   const char *options)
{
	const char *point = support_path(dir, name);

	assert_int_equal(mkdir(point, 0755), 0);
	if (!mount(type, point, type, 0, options))
		return true;
	print_message("no %s can be mounted here: %s\n", type, strerror(errno));
	return false;
}

static void make_parts(const void *dir)
{
	static const char *const parts[] = { "lower", "upper", "work",
					     "merged" };
	size_t i;

	for (i = 0; i < array_size(parts); i++)
		assert_int_equal(mkdir(support_path(dir, parts[i]), 0755), 0);
}

static bool mount_overlay(const char *merged, const char *data)
{
	if (!mount("overlay", merged, "overlay", 0, data))
		return true;
	print_message("no overlay can be mounted here: %s\n", strerror(errno));
	return false;
}

/*
 * Mount an overlay at DIR/merged, in the namespace of support_namespace().
 * False, and said so, where that cannot be done: the caller skip()s.
 */
bool support_overlay(const void *dir, const char *options, char *merged)
{
	char data[4 * PATH_MAX];

	make_parts(dir);
	snprintf(data, sizeof(data), "lowerdir=%s,upperdir=%s,workdir=%s%s",
		 support_path(dir, "lower"), support_path(dir, "upper"),
		 support_path(dir, "work"), options);
	strcpy(merged, support_path(dir, "merged"));
	return mount_overlay(merged, data);
}

/* As engines mount it where the options would be longer than a page. */
bool support_relative_overlay(const void *dir, char *merged)
{
	bool ret;

	make_parts(dir);
	strcpy(merged, support_path(dir, "merged"));
	assert_int_equal(chdir(dir), 0);
	ret = mount_overlay("merged",
			    "lowerdir=lower,upperdir=upper,workdir=work");
	assert_int_equal(chdir("/"), 0);
	return ret;
}
