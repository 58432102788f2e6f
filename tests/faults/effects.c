// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "effects.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Of both; no header has it for ext4. */
#define SHUTDOWN _IOR('X', 125, uint32_t)
/* The first sector behind ext4's super block */
#define BEHIND_SUPER_BLOCK 4

static int bad(const char *path)
{
	fprintf(stderr, "faults: error: %s: %s\n", path, strerror(errno));
	return -1;
}

int effects_open(struct effects *e)
{
	*e = (struct effects){
		.folder = open("/up", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.super_block_spared = true,
	};
	return e->folder < 0 ? bad("/up") : 0;
}

void effects_close(struct effects *e)
{
	if (e->folder > 0)
		close(e->folder);
	e->folder = -1;
}

static bool kind_is(const struct effects *e, const char *kind)
{
	return !strcmp(e->last.kind, kind);
}

static int prepare_metadata(struct effect *f, const struct layout *l)
{
	int i;

	if (!l->metadata.n)
		return 0;
	if (f->number < 0) {
		f->sectors = l->metadata;
		ranges_sort(&f->sectors);
		return 0;
	}
	i = f->number % l->metadata.n;
	ranges_add(&f->sectors, l->metadata.first[i], l->metadata.count[i]);
	return 0;
}

static int prepare_data(struct effect *f, const struct layout *l)
{
	char path[] = "/up/?/upper";

	path[4] = f->target;
	return sectors_of_files(&f->sectors, l, path);
}

int effect_prepare(struct effects *e, const struct device *d,
		   const struct layout *l, const char *fault)
{
	struct effect *f = &e->last;
	int ret = 0;

	memset(f, 0, sizeof(*f));
	sscanf(fault, "%15s", f->kind);
	if (kind_is(e, "range")) {
		ret = sscanf(fault, "%*s %d %d %7s", &f->number, &f->second,
			     f->what) != 3;
		/* In whole blocks */
		ranges_add(&f->sectors,
			   d->sectors * f->number / 1000000 / 8 * 8,
			   d->sectors * f->second / 1000000 / 8 * 8 + 8);
	} else if (kind_is(e, "data")) {
		ret = sscanf(fault, "%*s %c %7s", &f->target, f->what) != 2 ||
		      prepare_data(f, l);
	} else if (kind_is(e, "metadata")) {
		ret = sscanf(fault, "%*s %d %7s", &f->number, f->what) != 2 ||
		      prepare_metadata(f, l);
	} else if (kind_is(e, "flakey")) {
		ret = sscanf(fault, "%*s %d %d %7s", &f->number, &f->second,
			     f->what) != 3;
	} else {
		sscanf(fault, "%*s %d", &f->number);
	}
	/* When a flaky device is up, the super block can be written. */
	if (kind_is(e, "gone") || kind_is(e, "removed") || kind_is(e, "cut") ||
	    (f->sectors.n && f->sectors.first[0] < BEHIND_SUPER_BLOCK &&
	     strcmp(f->what, "reads")))
		e->super_block_spared = false;
	e->count++;
	return ret ? -1 : 0;
}

/* The file's blocks are reserved, not written. */
static int fill_up(int keep)
{
	int fd = open("/up/full", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	off_t end = 0, size;
	struct statvfs st;

	if (fd < 0 || fstatvfs(fd, &st))
		return bad("/up/full");
	size = (off_t)(st.f_bfree * st.f_frsize);
	while (size >= 4096)
		if (fallocate(fd, 0, end, size)) {
			if (errno != ENOSPC)
				return bad("/up/full");
			size /= 2;
		} else {
			end += size;
		}
	if (end > (off_t)keep * 1024 && ftruncate(fd, end - (off_t)keep * 1024))
		return bad("/up/full");
	close(fd);
	return 0;
}

/* An error that ext4 is told to have found: with errors=remount-ro it is that then. */
static int trigger_error(void)
{
	char path[128], name[64], *last;
	struct stat st;
	ssize_t n;
	FILE *f;

	if (stat("/up", &st))
		return bad("/up");
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(st.st_dev),
		 minor(st.st_dev));
	n = readlink(path, name, sizeof(name) - 1);
	if (n < 0)
		return bad(path);
	name[n] = '\0';
	last = strrchr(name, '/');
	snprintf(path, sizeof(path), "/sys/fs/ext4/%.40s/trigger_fs_error",
		 last ? last + 1 : name);
	f = fopen(path, "w");
	if (!f)
		return bad(path);
	fputs("a test\n", f);
	return fclose(f) ? bad(path) : 0;
}

int effect_begin(struct effects *e, struct device *d)
{
	struct effect *f = &e->last;
	uint32_t flags = (uint32_t)f->number;

	if (kind_is(e, "range") || kind_is(e, "data") || kind_is(e, "metadata"))
		return device_break(d, &f->sectors, f->what);
	if (kind_is(e, "flakey"))
		return device_flaky(d, f->number, f->second, f->what);
	if (kind_is(e, "slow"))
		return device_slow(d, f->number);
	if (kind_is(e, "gone") || kind_is(e, "removed") || kind_is(e, "cut"))
		return device_unplug(d);
	if (kind_is(e, "no-space"))
		return device_fill_pool(d, f->number);
	if (kind_is(e, "full"))
		return fill_up(f->number);
	if (kind_is(e, "read-only"))
		return trigger_error();
	if (kind_is(e, "shutdown"))
		return ioctl(e->folder, SHUTDOWN, &flags) ? bad("shutdown") : 0;
	fprintf(stderr, "faults: error: no fault is called '%s'\n", f->kind);
	return -1;
}

int effect_end(struct effects *e, struct device *d)
{
	if (kind_is(e, "full")) {
		/* Which the filesystem may be in no state to do. */
		unlink("/up/full");
		return 0;
	}
	return device_heal(d);
}

void kernel_log_open(struct kernel_log *k)
{
	*k = (struct kernel_log){
		.fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC),
	};
	lseek(k->fd, 0, SEEK_END);
}

void kernel_log_read(struct kernel_log *k)
{
	char text[8192];
	ssize_t n;

	/* EPIPE: some were overwritten; it goes on with the oldest. */
	while ((n = read(k->fd, text, sizeof(text) - 1)) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		text[n] = '\0';
		k->device_error |= !!strstr(text, "I/O error");
		k->lost_data |=
			!!strstr(text, "data of the unmounted overlay may be");
		k->journal_aborted |= strstr(text, "Aborting journal") ||
				      strstr(text, "Detected aborted journal");
		k->not_allocated |= !!strstr(text, "This should not happen!!");
		k->not_converted |= !!strstr(text, "potential data loss!");
	}
}

void kernel_log_close(struct kernel_log *k)
{
	close(k->fd);
}

/*
 * What ext4 tells nobody, not even fsync: space that was promised and is not there,
 * extents that cannot be converted, a journal that failed when nobody waited for it.
 * The last only if the super block took the mark of it.
 */
const char *excepted(const struct rig *r, const struct effects *e,
		     const struct kernel_log *k)
{
	if (strcmp(r->type, "ext4"))
		return NULL;
	if (k->not_allocated)
		return "delayed allocation that fails";
	if (k->not_converted)
		return "an unwritten extent that cannot be converted";
	if (k->journal_aborted && e->super_block_spared && !*r->repair)
		return "a journal that fails to write";
	return NULL;
}
