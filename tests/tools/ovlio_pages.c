// SPDX-License-Identifier: GPL-2.0-or-later
/* ovlio: see what is left to sync. */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_cachestat
#define __NR_cachestat 451
#endif

#define PAGE 4096UL
#define PRESENT (1ULL << 63)
#define PFN(e) ((e) & ((1ULL << 55) - 1))
#define BIT(n) (1ULL << (n))

static int proc_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

/* One word of /proc/self/pagemap or /proc/kpageflags; they are read by pieces. */
struct words {
	int fd;
	uint64_t first, at[512];
	bool valid;
};

static uint64_t word(struct words *w, uint64_t n)
{
	uint64_t first = n / 512 * 512;

	if (!w->valid || w->first != first) {
		ssize_t got =
			pread(w->fd, w->at, sizeof(w->at), (off_t)(first * 8));

		for (size_t i = got > 0 ? (size_t)got / 8 : 0; i < 512; i++)
			w->at[i] = 0;
		w->first = first;
		w->valid = true;
	}
	return w->at[n % 512];
}

/* Whether a page is dirty or under writeback; a large folio's head tells. */
static bool page_is_dirty(struct words *flags, uint64_t pfn)
{
	uint64_t f = word(flags, pfn);

	while (pfn && f & BIT(KPF_COMPOUND_TAIL))
		f = word(flags, --pfn);
	return f & (BIT(KPF_DIRTY) | BIT(KPF_WRITEBACK));
}

/*
 * Pages of a file whose flags say that they are dirty or under writeback. Only
 * those are looked at that are in memory and uptodate, or @all: the file is read.
 */
static long long flagged_pages(int fd, bool all)
{
	struct words map = { .fd = proc_open("/proc/self/pagemap") };
	struct words flags = { .fd = proc_open("/proc/kpageflags") };
	unsigned char *resident = NULL;
	size_t pages = 0;
	long long n = -1;
	struct stat st;
	char *m;

	if (fstat(fd, &st))
		goto out;
	n = 0;
	if (!st.st_size)
		goto out;
	n = -1;
	pages = ((size_t)st.st_size + PAGE - 1) / PAGE;
	resident = malloc(pages);
	m = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (!resident || m == MAP_FAILED)
		goto out;
	if (!mincore(m, pages * PAGE, resident)) {
		n = 0;
		/* All of them, before any of pagemap is looked at */
		for (size_t i = 0; i < pages; i++)
			if (all || resident[i] & 1)
				(void)*(volatile char *)(m + i * PAGE);
		for (size_t i = 0; i < pages; i++) {
			uint64_t e = word(&map, (uintptr_t)m / PAGE + i);

			if (!(e & PRESENT))
				continue;
			/* Who may not see it is told that it is 0. */
			if (!PFN(e)) {
				fputs("ovlio: pagemap is for root only\n",
				      stderr);
				exit(2);
			}
			n += page_is_dirty(&flags, PFN(e));
		}
	}
	munmap(m, pages * PAGE);
out:
	free(resident);
	close(map.fd);
	close(flags.fd);
	return n;
}

/*
 * Dirty and under-writeback pages of a file of the *upper* filesystem. If @sure,
 * their flags must say so, too: btrfs of 7.3 leaves the tag of a large folio behind
 * that was dirty and is truncated in part, and cachestat(2) believes in it, until
 * somebody looks for pages to write.
 */
static long long dirty_pages(const char *path, bool sure)
{
	struct {
		uint64_t off, len;
	} all = { 0, 0 };
	struct {
		uint64_t cache, dirty, writeback, evicted, recently;
	} cs;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOATIME);
	long long n;

	if (fd < 0)
		return -1;
	if (!syscall(__NR_cachestat, fd, &all, &cs, 0))
		n = (long long)(cs.dirty + cs.writeback);
	else
		/* 6.5 brought it. No page is read in for that. */
		n = errno == ENOSYS ? flagged_pages(fd, false) : -1;
	if (n > 0 && sure)
		n = flagged_pages(fd, true);
	close(fd);
	return n;
}

static int do_clean(char **w)
{
	long long n = dirty_pages(w[0], false);

	if (n > 0)
		fprintf(stderr, "ovlio: %s has %lld dirty pages\n", w[0], n);
	errno = n > 0 ? 0 : errno;
	return n ? -1 : 0;
}

static int do_dirty(char **w)
{
	long long n = dirty_pages(w[0], false);

	if (n == 0)
		fprintf(stderr, "ovlio: %s has no dirty pages\n", w[0]);
	errno = n == 0 ? 0 : errno;
	return n > 0 ? 0 : -1;
}

static int print_pages(const char *path, bool sure)
{
	long long n = dirty_pages(path, sure);

	if (n < 0)
		return -1;
	printf("%lld\n", n);
	return 0;
}

static int do_pages(char **w)
{
	return print_pages(w[0], false);
}

static int do_flags(char **w)
{
	return print_pages(w[0], true);
}

const struct command page_commands[] = {
	{ "clean", 1, do_clean, "UPPER-PATH: it has no dirty page" },
	{ "dirty", 1, do_dirty, "UPPER-PATH: it has some" },
	{ "pages", 1, do_pages, "UPPER-PATH: print how many" },
	{ "flags", 1, do_flags,
	  "UPPER-PATH: the same, but reads the file to be sure of them" },
	{ 0 },
};
