/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a file's data is on the device, and the filesystem's own. */
#ifndef SECTORS_H
#define SECTORS_H

#define MAX_RANGES 256

/* In order, not overlapping */
struct ranges {
	long long first[MAX_RANGES], count[MAX_RANGES];
	int n;
};

/* What guest.sh has found out about the base */
struct layout {
	struct ranges metadata;
	/* btrfs: the chunks of data, as bytes; where a file is, is said in these. */
	struct {
		long long logical, physical, length;
	} chunk[16];
	int chunks;
};

int layout_read(struct layout *l, const char *path);

void ranges_add(struct ranges *r, long long first, long long count);
void ranges_sort(struct ranges *r);

/* Blocks that files below @folder have, and nobody else. 0 or -1 */
int sectors_of_files(struct ranges *r, const struct layout *l,
		     const char *folder);

#endif
