/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's content at a crash point: in memory, changed write by write, and
 * copied to the device's file where that differs. All are sparse.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "log.h"

struct image {
	int fd;
	size_t size;
	/* What is on the device, what is to be there, and what was in the base */
	char *device, *want, *base;
	/* Of each page of want: one that is not 0, one that is not the base's */
	bool *used, *changed;
};

int image_open(struct image *i, const char *base, const char *device);

/* Back to the base */
void image_reset(struct image *i);
int image_write(struct image *i, const struct log *log, const struct entry *e);

/* What is there now is what image_restore() comes back to, after writes. */
struct undo;
struct undo *image_save(const struct image *i, const struct log *log,
			size_t from, size_t to);
void image_restore(struct image *i, struct undo *u);

/* The device's file gets it; nobody may have the device open. */
void image_to_device(struct image *i);

#endif
