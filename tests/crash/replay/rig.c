// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "rig.h"
#include "model.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

__attribute__((format(printf, 3, 4))) static int fail(char *why, int len,
						      const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(why, (size_t)len, format, ap);
	va_end(ap);
	return -1;
}

/* As upper.bash: a device that has written nothing yet has its share too. */
static void quiet_device(const char *folder)
{
	char path[64];
	struct stat st;
	int fd;

	if (stat(folder, &st))
		return;
	snprintf(path, sizeof(path), "/sys/class/bdi/%u:%u/min_ratio",
		 major(st.st_dev), minor(st.st_dev));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* btrfs has a bdi of another name, and no need. */
	if (fd < 0)
		return;
	if (write(fd, "20", 2) != 2)
		fprintf(stderr, "crash: warning: %s: %s\n", path,
			strerror(errno));
	close(fd);
}

static int mount_overlay(int overlay)
{
	char options[256], target[] = "/mnt/?";
	int letter = 'a' + overlay;

	target[5] = (char)letter;
	snprintf(
		options, sizeof(options),
		"lowerdir=/up/%c/lower,upperdir=/up/%c/upper,workdir=/up/%c/work,metacopy=on,redirect_dir=on,index=on,xino=on",
		letter, letter, letter);
	return mount("overlay", target, "overlay", MS_NOATIME, options);
}

/* btrfs takes the device that it saw last of a filesystem for the right one. */
static void forget_devices(void)
{
	static struct btrfs_ioctl_vol_args all;
	int fd = open("/dev/btrfs-control", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	ioctl(fd, BTRFS_IOC_FORGET_DEV, &all);
	close(fd);
}

struct window rig_window(const struct rig *r)
{
	return (struct window){
		.atomic = !*r->repair || r->repair_unmountable,
		.tail_returns = !strcmp(r->type, "btrfs"),
		.early_names = r->repair_unmountable,
		.half_renames = !strcmp(r->type, "btrfs"),
		.half_shifts = !strcmp(r->type, "xfs"),
	};
}

int rig_mount(const struct rig *r, const char *device, char *why, int len)
{
	char unused[8];

	forget_devices();
	if (mount(device, "/up", r->type, MS_NOATIME, r->options))
		return fail(why, len, "the upper does not mount: %s",
			    strerror(errno));
	quiet_device("/up");
	for (int o = 0; o < OVERLAYS; o++)
		if (mount_overlay(o)) {
			fail(why, len, "overlay %c does not mount: %s", 'a' + o,
			     strerror(errno));
			rig_umount(unused, sizeof(unused));
			return -1;
		}
	return 0;
}

/* A file that io_uring has completed is put a moment later. */
static int umount_patiently(const char *path)
{
	for (int tries = 0; tries < 200; tries++) {
		if (!umount2(path, 0) || errno == EINVAL)
			return 0;
		if (errno != EBUSY)
			break;
		usleep(10000);
	}
	return -1;
}

int rig_umount(char *why, int len)
{
	static const char *const paths[] = { "/mnt/b", "/mnt/a", "/up" };

	for (int i = 0; i < 3; i++)
		if (umount_patiently(paths[i]))
			return fail(why, len, "umount %s: %s", paths[i],
				    strerror(errno));
	return 0;
}

static int new_log(const struct rig *r)
{
	struct stat st;
	int fd = open(r->log, O_RDWR | O_CLOEXEC), ret;

	if (fd < 0)
		return -1;
	ret = fstat(fd, &st) || ftruncate(fd, 0) || ftruncate(fd, st.st_size);
	close(fd);
	return ret ? -1 : 0;
}

int rig_record(const struct rig *r, char *why, int len)
{
	char command[512];
	struct stat st;
	long long sectors;

	if (new_log(r) || stat(r->image, &st))
		return fail(why, len, "%s: %s", r->log, strerror(errno));
	sectors = (long long)st.st_size / 512;
	/* Writes take their time, so that who does not wait for them is late. */
	snprintf(
		command, sizeof(command),
		"dmsetup create --concise 'slow,,,,0 %lld delay %s 0 0 %s 0 %d %s 0 0;up,,,,0 %lld log-writes /dev/mapper/slow %s'",
		sectors, r->device, r->device, r->delay, r->device, sectors,
		r->log_device);
	if (system(command))
		return fail(why, len, "failed: %s", command);
	return 0;
}

int rig_stop_recording(char *why, int len)
{
	/* Who has looked at the device for a moment? */
	for (int tries = 0; tries < 20; tries++) {
		if (!system("dmsetup remove up slow"))
			return 0;
		usleep(100000);
	}
	return fail(why, len, "failed: dmsetup remove up slow");
}

static int repair(const struct rig *r, char *why, int len)
{
	char command[256];
	int status;

	snprintf(command, sizeof(command), "%s %s >repaired 2>&1", r->repair,
		 r->device);
	status = system(command);
	/* e2fsck: 1 is all corrected, 2 also asks for a reboot. */
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 2)
		return fail(why, len, "failed: %s", command);
	return 0;
}

/*
 * Without a journal, a file that was not synced may have lost its extended
 * attributes. Where it is in the index, overlayfs does not mount (-ENODATA of
 * ovl_verify_index()), so somebody has to take it out.
 */
static void drop_bad_index(int overlay)
{
	char path[512], folder[] = "/up/?/work/index";
	struct dirent *e;
	DIR *dir;

	folder[4] = (char)('a' + overlay);
	dir = opendir(folder);
	while (dir && (e = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (*e->d_name != '.' &&
		    lgetxattr(path, "trusted.overlay.origin", NULL, 0) < 0 &&
		    errno == ENODATA)
			unlink(path);
	}
	if (dir)
		closedir(dir);
}

static int repair_index(const struct rig *r, char *why, int len)
{
	if (mount(r->device, "/up", r->type, MS_NOATIME, r->options))
		return -1;
	for (int o = 0; o < OVERLAYS; o++)
		drop_bad_index(o);
	return rig_umount(why, len);
}

int rig_recover(const struct rig *r, char *why, int len)
{
	int fd = open(r->device, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail(why, len, "%s: %s", r->device, strerror(errno));
	ioctl(fd, BLKFLSBUF);
	close(fd);
	if (*r->repair && !r->repair_unmountable && repair(r, why, len))
		return -1;
	if (!rig_mount(r, r->device, why, len))
		return 0;
	if (!*r->repair || (r->repair_unmountable ? repair(r, why, len)
						  : repair_index(r, why, len)))
		return -1;
	return rig_mount(r, r->device, why, len) ? -1 : 1;
}

int rig_run(const struct rig *r, char **commands, int count, char *why, int len)
{
	char **argv = calloc((size_t)count + 2, sizeof(*argv));
	int status = -1;
	pid_t pid;

	if (!argv)
		abort();
	argv[0] = (char *)r->ovlio;
	memcpy(argv + 1, commands, (size_t)count * sizeof(*argv));
	fflush(NULL);
	pid = fork();
	if (!pid) {
		setenv("OVLIO_MARK", "up", 1);
		execvp(r->ovlio, argv);
		_exit(127);
	}
	free(argv);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return fail(why, len, "ovlio failed, with status %d",
			    WEXITSTATUS(status));
	return 0;
}
