// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * By dmsetup. A target "error" is not asked for flushes, so nobody is told of one
 * for sectors that are somebody else's; a target "delay" has devices of its own for
 * reads, writes and flushes, so that one of these can be made to fail.
 */
#define _GNU_SOURCE
#include "device.h"
#include "mapper.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a thin pool: of 64 KiB; at first, and when it got more. */
#define POOL_BLOCKS 384
#define MORE_BLOCKS 2048

__attribute__((format(printf, 1, 2))) static int sh(const char *format, ...)
{
	char command[2048];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	if (!system(command))
		return 0;
	fprintf(stderr, "faults: error: failed: %s\n", command);
	return -1;
}

static int bad(const char *path)
{
	fprintf(stderr, "faults: error: %s: %s\n", path, strerror(errno));
	return -1;
}

static int copy_base(struct device *d)
{
	int from = open(d->r.base, O_RDONLY | O_CLOEXEC);
	int to = open(d->below == DISK ? d->lowest : d->r.image,
		      O_RDWR | O_CLOEXEC);
	off_t at = 0, end, size = lseek(from, 0, SEEK_END);
	uint64_t whole[2] = { 0, (uint64_t)size };
	static char buf[1 << 16];
	ssize_t n = 0;

	if (from < 0 || to < 0 || size < 0)
		return bad(d->r.base);
	if (d->below == DISK
		    ? ioctl(to, BLKZEROOUT, whole)
		    : fallocate(to, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				0, size))
		return bad(d->lowest);
	while (n >= 0 && (at = lseek(from, at, SEEK_DATA)) >= 0) {
		end = lseek(from, at, SEEK_HOLE);
		while (at < end &&
		       (n = pread(from, buf,
				  end - at < (off_t)sizeof(buf)
					  ? (size_t)(end - at)
					  : sizeof(buf),
				  at)) > 0 &&
		       pwrite(to, buf, (size_t)n, at) == n)
			at += n;
		if (at < end)
			return bad(d->lowest);
	}
	if (d->below == DISK && fsync(to))
		return bad(d->lowest);
	close(from);
	close(to);
	to = open(d->lowest, O_RDONLY | O_CLOEXEC);
	if (to < 0 || ioctl(to, BLKFLSBUF))
		return bad(d->lowest);
	close(to);
	d->sectors = (long long)size / 512;
	return 0;
}

static int thin_extend(struct device *d)
{
	struct table data = { 0 }, pool = { 0 };

	table_add(&data, 0, MORE_BLOCKS * 128LL, "linear", "%s 0",
		  d->pool_data);
	table_add(
		&pool, 0, MORE_BLOCKS * 128LL, "thin-pool",
		"%s /dev/mapper/pooldata 128 0 2 skip_block_zeroing error_if_no_space",
		d->pool_metadata);
	return table_load(&data, "pooldata") || table_load(&pool, "pool") ? -1
									  : 0;
}

/* What is not written comes from the base. */
static int thin_start(struct device *d)
{
	int sectors = POOL_BLOCKS * 128;

	return sh(
		"set -e; blkdiscard -zf %s 2>/dev/null;"
		" dmsetup create pooldata --table '0 %d linear %s 0';"
		" dmsetup create pool --table '0 %d thin-pool %s /dev/mapper/pooldata 128 0 2 skip_block_zeroing error_if_no_space';"
		" dmsetup message pool 0 'create_thin 0'; dmsetup message pool 0 'create_thin 1';"
		" dmsetup create thin --table '0 %lld thin /dev/mapper/pool 0 %s';"
		" dmsetup create hog --table '0 %d thin /dev/mapper/pool 1'",
		d->pool_metadata, sectors, d->pool_data, sectors,
		d->pool_metadata, d->sectors, d->base_device, sectors);
}

static int find_disk(struct device *d)
{
	char serial[32];
	glob_t g;
	int ret = -1;

	if (glob("/sys/block/vd*/serial", 0, NULL, &g))
		return -1;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		FILE *f = fopen(g.gl_pathv[i], "r");

		if (!f)
			continue;
		if (fgets(serial, sizeof(serial), f) &&
		    !strncmp(serial, d->disk_serial, strlen(d->disk_serial))) {
			snprintf(d->found, sizeof(d->found), "/dev/%.20s",
				 g.gl_pathv[i] + strlen("/sys/block/"));
			*strchrnul(d->found + strlen("/dev/"), '/') = '\0';
			ret = 0;
		}
		fclose(f);
	}
	globfree(&g);
	return ret;
}

static int nothing_wrong(struct device *d)
{
	struct ranges none = { .n = 0 };

	return device_slow(d, d->delay) || device_break(d, &none, "both") ? -1
									  : 0;
}

int device_start(struct device *d)
{
	struct stat st;

	if (stat(d->r.base, &st))
		return bad(d->r.base);
	d->sectors = (long long)st.st_size / 512;
	d->lowest = d->r.device;
	if (d->below == DISK) {
		/* It may have another name since it was unplugged last. */
		d->lowest = d->r.device = d->found;
		return find_disk(d) || copy_base(d) ? -1 : 0;
	}
	d->r.device = "/dev/mapper/up";
	d->started = true;
	if (d->below == THIN) {
		d->lowest = "/dev/mapper/thin";
		if (thin_start(d))
			return -1;
	} else if (copy_base(d)) {
		return -1;
	}
	return nothing_wrong(d);
}

/* Somebody may be looking at one of them for a moment. */
int device_end(struct device *d)
{
	struct table none = { 0 };

	if (!d->started)
		return 0;
	d->started = false;
	if (d->below != THIN)
		return 0;
	table_add(&none, 0, d->sectors, "error", "%s", "");
	if (table_load(&none, "slow"))
		return -1;
	return sh(
		"for i in 1 2 3 4 5 6 7 8 9; do dmsetup remove thin hog pool pooldata && exit; sleep 0.1; done; exit 1");
}

int device_break(struct device *d, const struct ranges *sectors,
		 const char *what)
{
	const char *reads = strcmp(what, "writes") ? "bad" : "slow";
	const char *writes = strcmp(what, "reads") ? "bad" : "slow";
	struct table t = { 0 };
	long long at = 0;

	for (int i = 0; i < sectors->n; i++) {
		long long first = sectors->first[i], count = sectors->count[i];

		if (first >= d->sectors)
			break;
		if (first + count > d->sectors)
			count = d->sectors - first;
		table_add(&t, at, first - at, "linear", "/dev/mapper/slow %lld",
			  at);
		if (strcmp(what, "both"))
			table_add(
				&t, first, count, "delay",
				"/dev/mapper/%s %lld 0 /dev/mapper/%s %lld 0 /dev/mapper/slow %lld 0",
				reads, first, writes, first, first);
		else
			table_add(&t, first, count, "error", "%s", "");
		at = first + count;
	}
	table_add(&t, at, d->sectors - at, "linear", "/dev/mapper/slow %lld",
		  at);
	return table_load(&t, "up");
}

int device_flaky(struct device *d, int up, int down, const char *what)
{
	struct table t = { 0 };

	table_add(&t, 0, d->sectors, "flakey", "/dev/mapper/slow 0 %d %d%s", up,
		  down, strcmp(what, "both") ? " 1 error_writes" : "");
	return table_load(&t, "up");
}

int device_slow(struct device *d, int milliseconds)
{
	struct table t = { 0 };

	table_add(&t, 0, d->sectors, "delay", "%s 0 0 %s 0 %d %s 0 0",
		  d->lowest, d->lowest, milliseconds, d->lowest);
	return table_load(&t, "slow");
}

int device_fill_pool(struct device *d, int blocks)
{
	(void)d;
	return sh(
		"set -- $(dmsetup status pool); used=${6%%%%/*} all=${6#*/}; n=$((all - used - %d));"
		" [ $n -le 0 ] || dd if=/dev/zero of=/dev/mapper/hog bs=64k count=$n oflag=direct status=none",
		blocks);
}

static int unplug_disk(struct device *d)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/remove", d->disk_path);
	/* Already? */
	if (access(path, F_OK))
		return 0;
	f = fopen(path, "w");
	if (!f)
		return bad(path);
	fputs("1\n", f);
	return fclose(f) ? bad(path) : 0;
}

int device_unplug(struct device *d)
{
	struct ranges all = { .first = { 0 }, .count = { d->sectors }, .n = 1 };

	return d->below == DISK ? unplug_disk(d)
				: device_break(d, &all, "both");
}

int device_find_disk(struct device *d)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/block/%.20s/serial",
		 d->disk + strlen("/dev/"));
	f = fopen(path, "r");
	if (!f || !fgets(d->disk_serial, sizeof(d->disk_serial), f))
		return bad(path);
	fclose(f);
	/* virtioN, and above it what is on the bus */
	snprintf(path, sizeof(path), "/sys/block/%.20s/device/..",
		 d->disk + strlen("/dev/"));
	d->disk_path = realpath(path, NULL);
	if (!d->disk_path)
		return bad(path);
	snprintf(d->found, sizeof(d->found), "%s", d->disk);
	return 0;
}

/* It is plugged in again, perhaps by another name. */
static int replug_disk(struct device *d)
{
	if (!find_disk(d))
		return 0;
	if (sh("echo 1 >/sys/bus/pci/rescan"))
		return -1;
	for (int tries = 0; tries < 100; tries++) {
		if (!find_disk(d))
			return access(d->found, F_OK);
		usleep(50000);
	}
	fprintf(stderr, "faults: error: the disk does not come back\n");
	return -1;
}

int device_heal(struct device *d)
{
	if (d->below == DISK)
		return replug_disk(d);
	if (!d->started)
		return 0;
	/* What is to be written to it afterwards must find room. */
	if (d->below == THIN && thin_extend(d))
		return -1;
	return nothing_wrong(d);
}
