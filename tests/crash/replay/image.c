// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "image.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096UL

static int bad(const char *path)
{
	fprintf(stderr, "crash: error: %s: %s\n", path, strerror(errno));
	return -1;
}

static bool is_zero(const char *page)
{
	static const char zeroes[PAGE];

	return !memcmp(page, zeroes, PAGE);
}

/* Calls @data for each page of a file that is not in a hole. */
static void for_each_page(struct image *i, int fd,
			  void (*data)(struct image *i, size_t page))
{
	off_t at = 0, end;

	while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
		end = lseek(fd, at, SEEK_HOLE);
		for (size_t p = (size_t)at / PAGE; p * PAGE < (size_t)end; p++)
			data(i, p);
		at = end;
	}
}

static void base_page(struct image *i, size_t p)
{
	i->used[p] = !is_zero(i->base + p * PAGE);
	if (i->used[p])
		memcpy(i->want + p * PAGE, i->base + p * PAGE, PAGE);
}

int image_open(struct image *i, const char *base, const char *device)
{
	int fd = open(base, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;

	*i = (struct image){ .fd = open(device, O_RDWR | O_CLOEXEC) };
	if (fd < 0)
		return bad(base);
	if (i->fd < 0 || fstat(i->fd, &st))
		return bad(device);
	i->size = (size_t)st.st_size;
	i->used = calloc(i->size / PAGE, sizeof(*i->used));
	i->changed = calloc(i->size / PAGE, sizeof(*i->changed));
	i->base = mmap(NULL, i->size, PROT_READ, MAP_PRIVATE, fd, 0);
	i->device = mmap(NULL, i->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 i->fd, 0);
	map = mmap(NULL, i->size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	i->want = map;
	if (!i->used || !i->changed || i->base == MAP_FAILED ||
	    i->device == MAP_FAILED || map == MAP_FAILED)
		return bad(device);
	for_each_page(i, fd, base_page);
	close(fd);
	return 0;
}

void image_reset(struct image *i)
{
	for (size_t p = 0; p < i->size / PAGE; p++)
		if (i->changed[p]) {
			memcpy(i->want + p * PAGE, i->base + p * PAGE, PAGE);
			i->changed[p] = false;
		}
}

int image_write(struct image *i, const struct log *log, const struct entry *e)
{
	size_t at = e->sector * SECTOR, len = e->sectors * SECTOR;

	if (!is_write(e))
		return 0;
	if (at + len > i->size ||
	    pread(log->fd, i->want + at, len, (off_t)e->data) != (ssize_t)len) {
		fprintf(stderr,
			"crash: error: a write of the log is not whole, or behind the device's end\n");
		return -1;
	}
	for (size_t p = at / PAGE; p * PAGE < at + len; p++) {
		i->used[p] = true;
		i->changed[p] = true;
	}
	return 0;
}

struct undo {
	size_t page;
	struct undo *next;
	char data[PAGE];
};

struct undo *image_save(const struct image *i, const struct log *log,
			size_t from, size_t to)
{
	struct undo *all = NULL, *u;

	for (; from < to; from++) {
		const struct entry *e = &log->entries[from];
		size_t at = e->sector * SECTOR, end = at + e->sectors * SECTOR;

		for (size_t p = at / PAGE; is_write(e) && p * PAGE < end; p++) {
			u = malloc(sizeof(*u));
			if (!u)
				abort();
			u->page = p;
			memcpy(u->data, i->want + p * PAGE, PAGE);
			u->next = all;
			all = u;
		}
	}
	return all;
}

void image_restore(struct image *i, struct undo *u)
{
	while (u) {
		struct undo *next = u->next;

		memcpy(i->want + u->page * PAGE, u->data, PAGE);
		free(u);
		u = next;
	}
}

/* What is not used, but has been written by who had it mounted */
static void device_page(struct image *i, size_t p)
{
	if (!i->used[p])
		fallocate(i->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  (off_t)(p * PAGE), PAGE);
}

void image_to_device(struct image *i)
{
	for_each_page(i, i->fd, device_page);
	for (size_t p = 0; p < i->size / PAGE; p++)
		if (i->used[p] &&
		    memcmp(i->device + p * PAGE, i->want + p * PAGE, PAGE))
			memcpy(i->device + p * PAGE, i->want + p * PAGE, PAGE);
}
