// SPDX-License-Identifier: GPL-2.0
/*
 * Two overlays, a and b, on one upper filesystem: a sync of a makes durable what
 * was written through a, reports its write errors, and leaves b alone.
 *
 * The upper filesystem is made on a loop device whose file is in a tmpfs: if a
 * page of that file is punched out, and the tmpfs then filled, the next write to
 * this page fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/loop.h>

#include "../../kselftest_harness.h"

#ifndef __NR_cachestat
#define __NR_cachestat 451
#endif

#define PARAMETER	"/sys/module/overlay/parameters/sync_upper_inodes"
/* Seconds: mkfs may take some of them in an emulated guest. */
#define TIMEOUT		180
#define BLOCK		4096
#define MIB		(256UL * BLOCK)
#define SPARE_SIZE	MIB
#define OWN_SIZE	MIB
#define OTHER_SIZE	(4 * MIB)

/* As in <linux/mman.h>, which not every libc's headers have */
struct range {
	uint64_t off;
	uint64_t len;
};

struct pages {
	uint64_t nr_cache;
	uint64_t nr_dirty;
	uint64_t nr_writeback;
	uint64_t nr_evicted;
	uint64_t nr_recently_evicted;
};

/* Delayed allocation ends when the data is written. Good for new blocks only. */
static int has_delalloc(int fd)
{
	struct {
		struct fiemap map;
		struct fiemap_extent extent[64];
	} f = { .map.fm_length = FIEMAP_MAX_OFFSET, .map.fm_extent_count = 64 };
	unsigned int i;

	if (ioctl(fd, FS_IOC_FIEMAP, &f))
		return -1;
	for (i = 0; i < f.map.fm_mapped_extents; i++)
		if (f.extent[i].fe_flags & FIEMAP_EXTENT_DELALLOC)
			return 1;
	return 0;
}

/* Whether an upper file has data that was not written yet; -1 if unknown. */
static int is_dirty(const char *path)
{
	struct range all = { 0, 0 };
	struct pages pages;
	int fd, ret;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	if (!syscall(__NR_cachestat, fd, &all, &pages, 0))
		ret = pages.nr_dirty || pages.nr_writeback;
	else
		ret = has_delalloc(fd);
	close(fd);

	return ret;
}

/* Write @size bytes beyond what is in the file, and leave it open. */
static int append(const char *path, size_t size)
{
	char block[BLOCK];
	int fd;

	memset(block, 'x', sizeof(block));
	fd = open(path, O_RDWR | O_CREAT, 0644);
	if (fd < 0)
		return -1;
	lseek(fd, 0, SEEK_END);
	for (; size; size -= BLOCK) {
		if (write(fd, block, BLOCK) != BLOCK) {
			close(fd);
			return -1;
		}
	}

	return fd;
}

static int write_string(const char *path, const char *string)
{
	int fd, ret;

	fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0644);
	if (fd < 0)
		return -1;
	ret = write(fd, string, strlen(string)) == (ssize_t)strlen(string) ? 0 : -1;
	close(fd);

	return ret;
}

/* Run a program without a word; its exit status. */
static int run(const char *program, const char *option, const char *argument)
{
	int status, null;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid) {
		null = open("/dev/null", O_RDWR);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp(program, program, option, argument, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A loop device that goes when it is unmounted. */
static int loop_attach(int image, char *device, size_t size)
{
	struct loop_config config = {
		.fd = image,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR,
	};
	int control, number, loop, tries;

	control = open("/dev/loop-control", O_RDWR);
	if (control < 0)
		return -1;
	/* Somebody else may get the free one first. */
	for (tries = 0; tries < 16; tries++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0)
			break;
		snprintf(device, size, "/dev/loop%d", number);
		loop = open(device, O_RDWR);
		if (loop < 0)
			break;
		if (!ioctl(loop, LOOP_CONFIGURE, &config)) {
			close(control);
			return loop;
		}
		close(loop);
		if (errno != EBUSY)
			break;
	}
	close(control);

	return -1;
}

static int mount_overlay(const char *name)
{
	char dir[16], options[128];
	const char *const sub[] = { "", "/lower", "/upper", "/work", "/merged" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sub); i++) {
		snprintf(dir, sizeof(dir), "fs/%s%s", name, sub[i]);
		if (mkdir(dir, 0755))
			return -1;
	}
	snprintf(options, sizeof(options),
		 "lowerdir=fs/%s/lower,upperdir=fs/%s/upper,workdir=fs/%s/work",
		 name, name, name);

	return mount("overlay", dir, "overlay", 0, options);
}

struct upper {
	const char *fs;
	const char *mkfs;
	const char *option;
	size_t size;
};

static const struct upper ext4 = {
	.fs = "ext4",
	.mkfs = "mkfs.ext4",
	.option = "-qb4096",
	.size = 64 * MIB,
};

static const struct upper xfs = {
	.fs = "xfs",
	.mkfs = "mkfs.xfs",
	.option = "-q",
	.size = 300 * MIB,
};

static const struct upper btrfs = {
	.fs = "btrfs",
	.mkfs = "mkfs.btrfs",
	.option = "-q",
	.size = 128 * MIB,
};

/* The upper's image, and the roots of both overlays */
struct overlays {
	int image;
	int a, b;
};

/* All of it goes with the mount namespace. */
static void set_up(struct __test_metadata *_metadata, const struct upper *upper,
		   struct overlays *self)
{
	char device[32], options[32], on = 0;
	int loop, fd, ret;

	if (geteuid())
		SKIP(return, "needs root");
	fd = open(PARAMETER, O_RDONLY);
	if (fd < 0)
		SKIP(return, "no " PARAMETER);
	ASSERT_EQ(1, read(fd, &on, 1));
	close(fd);
	if (on != 'Y')
		SKIP(return, PARAMETER " is off");

	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL));
	snprintf(options, sizeof(options), "size=%zu", upper->size + SPARE_SIZE);
	ASSERT_EQ(0, mount("tmpfs", "/tmp", "tmpfs", 0, options));
	ASSERT_EQ(0, chdir("/tmp"));

	self->image = open("image", O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, self->image);
	ASSERT_EQ(0, ftruncate(self->image, upper->size));
	loop = loop_attach(self->image, device, sizeof(device));
	if (loop < 0)
		SKIP(return, "no loop device");
	ret = run(upper->mkfs, upper->option, device);
	if (ret == 127)
		SKIP(return, "no %s", upper->mkfs);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, mkdir("fs", 0755));
	if (mount(device, "fs", upper->fs, 0, NULL))
		SKIP(return, "cannot mount %s", upper->fs);
	close(loop);

	ASSERT_EQ(0, mount_overlay("a"));
	ASSERT_EQ(0, mount_overlay("b"));
	self->a = open("fs/a/merged", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, self->a);
	self->b = open("fs/b/merged", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, self->b);

	/* The flusher writes nothing that is only seconds old. */
	close(append("fs/b/merged/file", OTHER_SIZE));
	ASSERT_EQ(1, is_dirty("fs/b/upper/file"));
}

FIXTURE(sync_upper_inodes)
{
	struct overlays ovl;
};

FIXTURE_VARIANT(sync_upper_inodes)
{
	const struct upper *upper;
};

FIXTURE_VARIANT_ADD(sync_upper_inodes, ext4)
{
	.upper = &ext4,
};

FIXTURE_VARIANT_ADD(sync_upper_inodes, xfs)
{
	.upper = &xfs,
};

FIXTURE_VARIANT_ADD(sync_upper_inodes, btrfs)
{
	.upper = &btrfs,
};

FIXTURE_SETUP(sync_upper_inodes)
{
	set_up(_metadata, variant->upper, &self->ovl);
}

FIXTURE_TEARDOWN(sync_upper_inodes)
{
}

TEST_F_TIMEOUT(sync_upper_inodes, syncfs, TIMEOUT)
{
	int fd, i;

	/* The second time, the file was open all along. */
	fd = append("fs/a/merged/file", OWN_SIZE);
	ASSERT_LE(0, fd);
	for (i = 0; i < 2; i++) {
		close(append("fs/a/merged/file", OWN_SIZE));
		ASSERT_EQ(1, is_dirty("fs/a/upper/file"));
		ASSERT_EQ(0, syncfs(self->ovl.a));
		EXPECT_EQ(0, is_dirty("fs/a/upper/file"));
		EXPECT_EQ(1, is_dirty("fs/b/upper/file"));
	}
	close(fd);
}

TEST_F_TIMEOUT(sync_upper_inodes, closed_file, TIMEOUT)
{
	close(append("fs/a/merged/file", OWN_SIZE));
	ASSERT_EQ(1, is_dirty("fs/a/upper/file"));

	/* Without its overlay inode, too */
	ASSERT_EQ(0, write_string("/proc/sys/vm/drop_caches", "2"));
	EXPECT_EQ(1, is_dirty("fs/a/upper/file"));

	ASSERT_EQ(0, syncfs(self->ovl.a));
	EXPECT_EQ(0, is_dirty("fs/a/upper/file"));
	EXPECT_EQ(1, is_dirty("fs/b/upper/file"));
}

TEST_F_TIMEOUT(sync_upper_inodes, mmap, TIMEOUT)
{
	char *map;
	int fd, i;

	fd = open("fs/a/merged/file", O_RDWR | O_CREAT, 0644);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, OWN_SIZE));
	map = mmap(NULL, OWN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	close(fd);

	/* The second store comes when the first was written. */
	for (i = 0; i < 2; i++) {
		map[i * OWN_SIZE / 2] = 'x';
		ASSERT_EQ(1, is_dirty("fs/a/upper/file"));
		ASSERT_EQ(0, syncfs(self->ovl.a));
		EXPECT_EQ(0, is_dirty("fs/a/upper/file"));
		EXPECT_EQ(1, is_dirty("fs/b/upper/file"));
	}

	map[OWN_SIZE / 4] = 'x';
	ASSERT_EQ(0, munmap(map, OWN_SIZE));
	ASSERT_EQ(1, is_dirty("fs/a/upper/file"));
	ASSERT_EQ(0, syncfs(self->ovl.a));
	EXPECT_EQ(0, is_dirty("fs/a/upper/file"));
	EXPECT_EQ(1, is_dirty("fs/b/upper/file"));
}

TEST_F_TIMEOUT(sync_upper_inodes, umount, TIMEOUT)
{
	close(append("fs/a/merged/file", OWN_SIZE));
	ASSERT_EQ(1, is_dirty("fs/a/upper/file"));
	close(self->ovl.a);

	ASSERT_EQ(0, umount("fs/a/merged"));
	EXPECT_EQ(0, is_dirty("fs/a/upper/file"));
	EXPECT_EQ(1, is_dirty("fs/b/upper/file"));
}

TEST_F_TIMEOUT(sync_upper_inodes, remount_ro, TIMEOUT)
{
	close(append("fs/a/merged/file", OWN_SIZE));
	ASSERT_EQ(1, is_dirty("fs/a/upper/file"));

	ASSERT_EQ(0, mount(NULL, "fs/a/merged", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	EXPECT_EQ(0, is_dirty("fs/a/upper/file"));
	EXPECT_EQ(1, is_dirty("fs/b/upper/file"));
}

TEST_F_TIMEOUT(sync_upper_inodes, parameter, TIMEOUT)
{
	int ret;

	close(append("fs/a/merged/file", OWN_SIZE));
	ASSERT_EQ(0, write_string(PARAMETER, "N"));
	ret = syncfs(self->ovl.a);
	ASSERT_EQ(0, write_string(PARAMETER, "Y"));

	ASSERT_EQ(0, ret);
	EXPECT_EQ(0, is_dirty("fs/a/upper/file"));
	EXPECT_EQ(0, is_dirty("fs/b/upper/file"));
}

/* Only where a block is overwritten in its place: not on btrfs */
FIXTURE(sync_upper_inodes_error)
{
	struct overlays ovl;
};

FIXTURE_VARIANT(sync_upper_inodes_error)
{
	const struct upper *upper;
};

FIXTURE_VARIANT_ADD(sync_upper_inodes_error, ext4)
{
	.upper = &ext4,
};

FIXTURE_VARIANT_ADD(sync_upper_inodes_error, xfs)
{
	.upper = &xfs,
};

FIXTURE_SETUP(sync_upper_inodes_error)
{
	set_up(_metadata, variant->upper, &self->ovl);
}

FIXTURE_TEARDOWN(sync_upper_inodes_error)
{
}

TEST_F_TIMEOUT(sync_upper_inodes_error, write, TIMEOUT)
{
	struct {
		struct fiemap map;
		struct fiemap_extent extent;
	} f = { .map.fm_length = FIEMAP_MAX_OFFSET, .map.fm_extent_count = 1 };
	char block[BLOCK] = { 0 };
	int fd, filler, second;

	/* One block with a place on the device */
	fd = append("fs/a/merged/file", BLOCK);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fsync(fd));
	ASSERT_EQ(0, ioctl(fd, FS_IOC_FIEMAP, &f));
	ASSERT_EQ(1, f.map.fm_mapped_extents);
	ASSERT_EQ(0, f.extent.fe_flags & FIEMAP_EXTENT_UNKNOWN);

	/* All of the device can be written to, but this block cannot. */
	ASSERT_EQ(0, fallocate(self->ovl.image, 0, 0, variant->upper->size));
	ASSERT_EQ(0, fallocate(self->ovl.image, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       f.extent.fe_physical, BLOCK));
	filler = open("filler", O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, filler);
	while (write(filler, block, BLOCK) > 0)
		;
	ASSERT_EQ(ENOSPC, errno);

	second = open("fs/a/merged", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, second);
	ASSERT_EQ(BLOCK, pwrite(fd, block, BLOCK, 0));

	/* Told once to each who was there, and to nobody else */
	EXPECT_NE(0, syncfs(self->ovl.a));
	EXPECT_EQ(0, syncfs(self->ovl.a));
	EXPECT_NE(0, syncfs(second));
	EXPECT_EQ(0, syncfs(second));
	EXPECT_EQ(0, syncfs(self->ovl.b));
	close(second);
	close(filler);
	close(fd);
}

TEST_HARNESS_MAIN
