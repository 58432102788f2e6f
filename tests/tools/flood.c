// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flood: do the same few things to very many files, and tell how much the
 * kernel held meanwhile, at most.
 *
 *   flood DIR COUNT STEPS [UPPER CACHE]
 *
 * STEPS is a letter for each, done in that order to DIR/0/0, DIR/0/1, ...:
 *
 *   o  open it, c  create it if it is not there and open it: for read and write
 *   w  write a page    m  map a page, shared and writable    s  store to it
 *   n  undo the map    C  close it    u  unlink it
 *
 * With UPPER and CACHE, a hundred times on the way, it looks at what is in use
 * of the slab caches ovl_suspect and CACHE, and of the file system with UPPER,
 * and at the end prints the most that it saw, less what there was at first:
 *
 *   suspects N inodes N slab KIB disk KIB
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PAGE 4096
#define FILES_PER_DIR 1000
#define SAMPLES 100

enum { SUSPECTS, INODES, SLAB, DISK, SAMPLED };

static const char *const labels[] = { "suspects", "inodes", "slab", "disk" };

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
	int saved = errno;
	va_list args;

	fputs("flood: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(saved));
	exit(1);
}

/* The number after KEY at the start of a line of PATH. */
static long number(const char *path, const char *key)
{
	char line[512];
	size_t len = strlen(key);
	long n = -1;
	FILE *f = fopen(path, "re");

	if (!f)
		die("%s", path);
	while (n < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, len) && strchr(" \t", line[len]))
			n = strtol(line + len, NULL, 10);
	fclose(f);
	if (n < 0)
		die("%s has no %s", path, key);
	return n;
}

/* Objects in use: exactly, once the processors have given back theirs. */
static long objects(const char *cache)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	f = fopen(path, "we");
	if (!f || fputs("1", f) < 0 || fclose(f))
		die("%s", path);
	return number("/proc/slabinfo", cache);
}

static long disk(const char *path)
{
	struct statvfs s;

	if (statvfs(path, &s))
		die("%s", path);
	return (long)((s.f_blocks - s.f_bfree) * s.f_frsize / 1024);
}

static void sample(const char *upper, const char *cache, long *now)
{
	now[SUSPECTS] = objects("ovl_suspect");
	now[INODES] = objects(cache);
	now[SLAB] = number("/proc/meminfo", "Slab:");
	now[DISK] = disk(upper);
}

/* All of STEPS to one file. */
static void visit(const char *path, const char *steps)
{
	static const char page[PAGE] = { 1 };
	char *map = MAP_FAILED;
	int fd = -1;

	for (; *steps; steps++) {
		int failed = 0;

		switch (*steps) {
		case 'o':
		case 'c':
			fd = open(path,
				  O_RDWR | O_CLOEXEC |
					  (*steps == 'c' ? O_CREAT : 0),
				  0644);
			failed = fd < 0;
			break;
		case 'w':
			failed = pwrite(fd, page, PAGE, 0) != PAGE;
			break;
		case 'm':
			/* A file without a page would not take the store. */
			if (lseek(fd, 0, SEEK_END) == 0)
				failed = ftruncate(fd, PAGE);
			map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_SHARED, fd, 0);
			failed |= map == MAP_FAILED;
			break;
		case 's':
			memcpy(map, page, PAGE);
			break;
		case 'n':
			failed = munmap(map, PAGE);
			break;
		case 'C':
			failed = close(fd);
			break;
		case 'u':
			failed = unlink(path);
			break;
		default:
			errno = EINVAL;
			failed = 1;
		}
		if (failed)
			die("'%c' on %s", *steps, path);
	}
}

int main(int argc, char **argv)
{
	long first[SAMPLED], now[SAMPLED], most[SAMPLED] = { 0 };
	const char *upper = argc == 6 ? argv[4] : NULL;
	char path[4096];
	long count, every;

	if (argc != 4 && argc != 6) {
		fputs("usage: flood DIR COUNT STEPS [UPPER CACHE]\n", stderr);
		return 2;
	}
	count = atol(argv[2]);
	every = count / SAMPLES + 1;
	if (upper)
		sample(upper, argv[5], first);

	for (long i = 0; i < count; i++) {
		if (i % FILES_PER_DIR == 0) {
			snprintf(path, sizeof(path), "%s/%ld", argv[1],
				 i / FILES_PER_DIR);
			if (mkdir(path, 0755) && errno != EEXIST)
				die("%s", path);
		}
		snprintf(path, sizeof(path), "%s/%ld/%ld", argv[1],
			 i / FILES_PER_DIR, i % FILES_PER_DIR);
		visit(path, argv[3]);

		if (upper && (i % every == 0 || i == count - 1)) {
			sample(upper, argv[5], now);
			for (int k = 0; k < SAMPLED; k++)
				if (now[k] - first[k] > most[k])
					most[k] = now[k] - first[k];
		}
	}

	for (int k = 0; upper && k < SAMPLED; k++)
		printf("%s %ld%c", labels[k], most[k],
		       k == SAMPLED - 1 ? '\n' : ' ');
	return 0;
}
