// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "sectors.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512
#define BLOCK 4096
/* Nowhere, elsewhere, or not only this file's */
#define NOT_OWN                                                                \
	(FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC |                      \
	 FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_NOT_ALIGNED |                   \
	 FIEMAP_EXTENT_SHARED)

void ranges_add(struct ranges *r, long long first, long long count)
{
	if (r->n == MAX_RANGES || count <= 0)
		return;
	r->first[r->n] = first;
	r->count[r->n++] = count;
}

void ranges_sort(struct ranges *r)
{
	struct ranges sorted = { 0 };

	while (sorted.n < r->n) {
		int least = -1;

		for (int i = 0; i < r->n; i++)
			if (r->count[i] &&
			    (least < 0 || r->first[i] < r->first[least]))
				least = i;
		if (least < 0)
			break;
		sorted.first[sorted.n] = r->first[least];
		sorted.count[sorted.n++] = r->count[least];
		r->count[least] = 0;
	}
	r->n = 0;
	for (int i = 0; i < sorted.n; i++) {
		long long end = sorted.first[i] + sorted.count[i];
		long long last = r->n ? r->first[r->n - 1] + r->count[r->n - 1]
				      : -1;

		if (sorted.first[i] > last)
			ranges_add(r, sorted.first[i], sorted.count[i]);
		else if (end > last)
			r->count[r->n - 1] = end - r->first[r->n - 1];
	}
}

int layout_read(struct layout *l, const char *path)
{
	FILE *in = fopen(path, "r");
	long long a, b, c;
	char line[128];

	memset(l, 0, sizeof(*l));
	if (!in) {
		fprintf(stderr, "faults: error: %s: %s\n", path,
			strerror(errno));
		return -1;
	}
	while (fgets(line, sizeof(line), in))
		if (sscanf(line, "metadata %lld %lld", &a, &b) == 2) {
			ranges_add(&l->metadata, a, b);
		} else if (sscanf(line, "chunk %lld %lld %lld", &a, &b, &c) ==
				   3 &&
			   l->chunks < 16) {
			l->chunk[l->chunks].logical = a;
			l->chunk[l->chunks].physical = b;
			l->chunk[l->chunks++].length = c;
		}
	fclose(in);
	return 0;
}

static struct ranges *found;
static const struct layout *layout;

static void add_extent(long long physical, long long length)
{
	for (int c = 0; c < layout->chunks; c++) {
		long long in = physical - layout->chunk[c].logical;

		if (in >= 0 && in < layout->chunk[c].length) {
			ranges_add(found,
				   (layout->chunk[c].physical + in) / SECTOR,
				   length / SECTOR);
			return;
		}
	}
	if (!layout->chunks)
		ranges_add(found, physical / SECTOR, length / SECTOR);
}

static int add_file(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	struct {
		struct fiemap map;
		struct fiemap_extent extents[64];
	} all = {
		.map = {
			.fm_length = FIEMAP_MAX_OFFSET,
			.fm_extent_count = 64,
		},
	};
	long long end = (st->st_size + BLOCK - 1) / BLOCK * BLOCK;
	int fd;

	(void)ftw;
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_NOATIME | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, FS_IOC_FIEMAP, &all)) {
		fprintf(stderr, "faults: error: where %s is: %s\n", path,
			strerror(errno));
		return -1;
	}
	close(fd);
	for (unsigned int e = 0; e < all.map.fm_mapped_extents; e++) {
		const struct fiemap_extent *x = &all.extents[e];
		/* What is behind the end may be given back. */
		long long within = end - (long long)x->fe_logical;

		if (x->fe_flags & NOT_OWN || within <= 0)
			continue;
		add_extent((long long)x->fe_physical,
			   within < (long long)x->fe_length
				   ? within
				   : (long long)x->fe_length);
	}
	return 0;
}

int sectors_of_files(struct ranges *r, const struct layout *l,
		     const char *folder)
{
	r->n = 0;
	found = r;
	layout = l;
	if (nftw(folder, add_file, 16, FTW_PHYS))
		return -1;
	ranges_sort(r);
	return 0;
}
