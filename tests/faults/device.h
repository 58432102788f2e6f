/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The upper's device, and what goes wrong with it. /dev/mapper/up is what is
 * mounted; below it is slow, which delays writes, and below that what is there.
 * guest.sh has made both, and bad, which fails all.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "../crash/replay/rig.h"
#include "sectors.h"
#include <stdbool.h>

enum below { PLAIN, THIN, DISK };

struct device {
	/* r.device is what is mounted. */
	struct rig r;
	enum below below;
	/* A loop device over the image, or what is there instead */
	const char *lowest;
	long long sectors;
	int delay;
	/* There is something to heal. */
	bool started;
	/* A loop device over base, two more for a thin pool, a disk to remove */
	const char *base_device, *pool_data, *pool_metadata, *disk;
	/* Of the disk, for when it comes back by another name */
	char *disk_path, disk_serial[32], found[64];
};

/* Where it is plugged in: for later, when it is not. */
int device_find_disk(struct device *d);

/* 0 or -1; why is on stderr. The base's content is on it. */
int device_start(struct device *d);
int device_end(struct device *d);

/* Some sectors fail to be read, or written, or both. */
int device_break(struct device *d, const struct ranges *bad, const char *what);
int device_flaky(struct device *d, int up, int down, const char *what);
int device_slow(struct device *d, int milliseconds);
/* A thin pool has so many free blocks left. */
int device_fill_pool(struct device *d, int blocks);
/* It is unplugged: for real if it is a disk. */
int device_unplug(struct device *d);
int device_heal(struct device *d);

#endif
