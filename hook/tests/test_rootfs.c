// SPDX-License-Identifier: GPL-2.0-or-later
/* rootfs.c */
#include "rootfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "support.h"

int __real_fstatfs(int fd, struct statfs *fs);
int __wrap_fstatfs(int fd, struct statfs *fs);

static bool everything_is_an_overlay;

int __wrap_fstatfs(int fd, struct statfs *fs)
{
	int ret = __real_fstatfs(fd, fs);

	if (everything_is_an_overlay)
		fs->f_type = OVERLAYFS_SUPER_MAGIC;
	return ret;
}

/* rootfs_open() for a bundle in @dir. */
static int open_in(const char *dir, const char *root, struct error *err)
{
	cleanup_close int fd = open(dir, O_PATH | O_CLOEXEC);

	err->text[0] = '\0';
	return rootfs_open(fd, dir, root, err);
}

static void refused(const char *dir, const char *root, const char *expected)
{
	struct error err;

	alarm(10);
	assert_int_equal(open_in(dir, root, &err), -1);
	alarm(0);
	assert_contains(err.text, root);
	assert_contains(err.text, expected);
}

static void accepted(const char *dir, const char *root)
{
	struct error err;
	int fd = open_in(dir, root, &err);

	assert_string_equal(err.text, "");
	assert_true(fd >= 0);
	/* syncfs() would refuse an O_PATH descriptor, */
	assert_int_equal(fcntl(fd, F_GETFL) & (O_PATH | O_ACCMODE), O_RDONLY);
	/* and an exec must not inherit it. */
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void opens_relative_and_absolute(void **state)
{
	const char *dir = *state;

	assert_int_equal(mkdir(support_path(dir, "rootfs"), 0755), 0);
	accepted(dir, "rootfs");
	accepted(dir, "rootfs/");
	accepted(dir, "./rootfs//");
	accepted(dir, ".");
	accepted(dir, support_path(dir, "rootfs"));
	accepted(dir, support_path(dir, "rootfs///"));
	accepted(dir, "/");
}

static void follows_the_hosts_symlinks_only(void **state)
{
	const char *dir = *state;

	assert_int_equal(mkdir(support_path(dir, "real"), 0755), 0);
	assert_int_equal(mkdir(support_path(dir, "real/rootfs"), 0755), 0);
	assert_int_equal(symlink("real", support_path(dir, "run")), 0);
	assert_int_equal(symlink("real/rootfs", support_path(dir, "link")), 0);
	accepted(dir, support_path(dir, "run/rootfs"));
	accepted(dir, "run/rootfs");
	refused(dir, "/proc/self/root/tmp", "leads through a link of /proc");
	refused(dir, "link", "is a symbolic link, not a directory");
	refused(dir, "link/", "is a symbolic link, not a directory");
	refused(dir, support_path(dir, "link"), "is a symbolic link");
	refused(dir, support_path(dir, "link//"), "is a symbolic link");
}

static void relative_stays_in_the_bundle(void **state)
{
	const char *dir = *state;

	assert_int_equal(mkdir(support_path(dir, "bundle"), 0755), 0);
	assert_int_equal(mkdir(support_path(dir, "other"), 0755), 0);
	refused(support_path(dir, "bundle"), "../other",
		"leads out of the bundle");
	refused(support_path(dir, "bundle"), "../../../../..",
		"make root.path absolute");
}

static void refuses_what_is_no_directory(void **state)
{
	const char *dir = *state;
	static char longer[PATH_MAX + 10];

	support_write(support_path(dir, "file"), "", 0);
	assert_int_equal(mkfifo(support_path(dir, "fifo"), 0644), 0);
	refused(dir, "file", "is a file, not a directory");
	refused(dir, "fifo", "is a FIFO, not a directory");
	refused(dir, "none", "No such file or directory");
	refused(dir, "file/rootfs", "Not a directory");
	refused(dir, "/dev/null", "is a device, not a directory");
	refused(dir, "/dev/zero/", "is a device, not a directory");
	memset(longer, 'x', sizeof(longer) - 1);
	{
		struct error err;

		assert_int_equal(open_in(dir, longer, &err), -1);
		assert_contains(err.text, "File name too long");
	}
}

/* rootfs_check() of a directory, with our own mountinfo or @mounts. */
static int check(int fd, const char *mounts, struct error *err)
{
	cleanup_mountinfo struct mountinfo m = { 0 };
	cleanup_fclose FILE *f = NULL;
	char text[1024];

	err->text[0] = '\0';
	if (mounts)
		snprintf(text, sizeof(text), "%s", mounts);
	f = mounts ? fmemopen(text, strlen(text), "r") : fopen(MOUNTINFO, "re");
	assert_non_null(f);
	return rootfs_check(fd, "/r", f, &m, err);
}

static void plain_directory_is_not_an_overlay(void **state)
{
	cleanup_close int fd = open(*state, O_RDONLY | O_CLOEXEC);
	cleanup_close int proc = open("/proc", O_RDONLY | O_CLOEXEC);
	struct error err;

	assert_int_equal(check(fd, NULL, &err), 1);
	assert_contains(err.text, "not an overlay: rootfs \"/r\" is ");
	assert_int_equal(check(proc, NULL, &err), 1);
	assert_string_equal(
		err.text,
		"not an overlay: rootfs \"/r\" is proc (unmounted already?)");
	/* Without a line for it there is still the number. */
	assert_int_equal(check(proc, "\n", &err), 1);
	assert_contains(err.text, "is file system type 0x9fa0 (");
}

static uint64_t mount_id(int fd)
{
	struct statx stx;

	assert_int_equal(statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx), 0);
	return stx.stx_mnt_id;
}

/* A line for the mount of @fd. */
static const char *line_for(int fd, const char *device, const char *type)
{
	static char line[200];

	snprintf(line, sizeof(line), "%llu 1 %s / /r rw - %s x rw\n",
		 (unsigned long long)mount_id(fd), device, type);
	return line;
}

static void fuse_overlayfs_is_told(void **state)
{
	cleanup_close int fd = open(*state, O_RDONLY | O_CLOEXEC);
	struct error err;

	assert_int_equal(
		check(fd, line_for(fd, "0:9", "fuse.fuse-overlayfs"), &err), 1);
	assert_contains(err.text, "fuse-overlayfs: rootfs \"/r\"");
}

static void directory_inside_an_overlay_is_not_one(void **state)
{
	cleanup_close int fd = open(*state, O_RDONLY | O_CLOEXEC);
	struct error err;

	everything_is_an_overlay = true;
	assert_int_equal(check(fd, NULL, &err), 1);
	everything_is_an_overlay = false;
	assert_contains(err.text,
			"rootfs \"/r\" is inside an overlay but none");
}

/* A device that is @major and @minor off that of @fd. */
static const char *device_near(int fd, unsigned int major, unsigned int minor)
{
	static char device[64];
	struct statx stx;

	assert_int_equal(statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx), 0);
	snprintf(device, sizeof(device), "%u:%u", stx.stx_dev_major + major,
		 stx.stx_dev_minor + minor);
	return device;
}

static void mountinfo_has_to_agree(void **state)
{
	cleanup_close int fd = -1;
	char merged[PATH_MAX];
	struct error err;

	if (!support_overlay(*state, "", merged))
		skip();
	fd = open(merged, O_RDONLY | O_CLOEXEC);
	assert_int_equal(
		check(fd, line_for(fd, device_near(fd, 0, 0), "overlay"), &err),
		0);
	assert_int_equal(
		check(fd, line_for(fd, device_near(fd, 1, 0), "overlay"), &err),
		-1);
	assert_contains(err.text,
			" in mountinfo, but not when opened: refused");
	assert_int_equal(
		check(fd, line_for(fd, device_near(fd, 0, 1), "overlay"), &err),
		-1);
	assert_int_equal(check(fd, line_for(fd, device_near(fd, 0, 0), "tmpfs"),
			       &err),
			 -1);
	assert_contains(err.text, "is a tmpfs on device");
	assert_int_equal(check(fd, "\n", &err), -1);
	assert_contains(err.text, "is in another mount namespace");
}

static void overlay_is_one(void **state)
{
	cleanup_close int fd = -1;
	char merged[PATH_MAX];
	struct error err;

	if (!support_overlay(*state, "", merged))
		skip();
	fd = open(merged, O_RDONLY | O_CLOEXEC);
	assert_int_equal(check(fd, NULL, &err), 0);
	close(take_fd(&fd));
	assert_int_equal(mkdir(support_path(merged, "sub"), 0755), 0);
	fd = open(support_path(merged, "sub"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(check(fd, NULL, &err), 1);
	assert_contains(err.text, "inside an overlay");
}

static void part_of_an_overlay_is_not_one(void **state)
{
	cleanup_close int fd = -1;
	char merged[PATH_MAX];
	const char *part;
	struct error err;

	if (!support_overlay(*state, "", merged))
		skip();
	part = support_path(merged, "part");
	assert_int_equal(mkdir(part, 0755), 0);
	/* It has a mount of its own, and the device of the whole. */
	assert_int_equal(mount(part, part, "none", MS_BIND, NULL), 0);
	fd = open(part, O_RDONLY | O_CLOEXEC);
	assert_int_equal(check(fd, NULL, &err), 1);
	assert_contains(err.text, "rootfs \"/r\" is \"/part\" of an overlay");
	close(take_fd(&fd));
	assert_int_equal(umount2(part, MNT_DETACH), 0);
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(opens_relative_and_absolute),
		with_dir(follows_the_hosts_symlinks_only),
		with_dir(relative_stays_in_the_bundle),
		with_dir(refuses_what_is_no_directory),
		with_dir(plain_directory_is_not_an_overlay),
		with_dir(directory_inside_an_overlay_is_not_one),
		with_dir(fuse_overlayfs_is_told),
		with_dir(mountinfo_has_to_agree),
		with_dir(overlay_is_one),
		with_dir(part_of_an_overlay_is_not_one),
	};

	support_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
