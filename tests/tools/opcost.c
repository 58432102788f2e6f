// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * opcost: what one operation on a file costs.
 *
 *   opcost DIR OP COUNT              time stamp counter's ticks for each
 *   opcost DIR OP COUNT PROCESSES    seconds that all take together
 *
 * It does OP so many times, and twice as many: the difference is without what
 * it takes to start and to end. In a guest that counts instructions (guest/run
 * --icount) a tick is an instruction. Prints {"count": N, "once": [...], "twice": [...]},
 * one of each repetition: interrupts only ever add to either, so of each the least
 * is the one without.
 *
 * What opens the file itself finds it neither open nor mapped by anybody else. In
 * between everything is synced, so that "clean-open-write-close", which does it to a
 * file of its own each time, always finds one that is clean.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define PAGE 4096
#define REPETITIONS 5

static char page[PAGE] __attribute__((aligned(PAGE)));
static int folder, file;
static char *map;
/* How often the operation was done since ticks() began. */
static long done;

static int write_close(const char *name)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || pwrite(fd, page, PAGE, 0) != PAGE)
		return -1;
	return close(fd);
}

static int open_write_close(void)
{
	return write_close("file");
}

static int clean_open_write_close(void)
{
	char name[24];

	snprintf(name, sizeof(name), "file%ld", done);
	return write_close(name);
}

static int open_read_close(void)
{
	int fd = open("file", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, page, PAGE, 0) != PAGE)
		return -1;
	return close(fd);
}

static int create_unlink(void)
{
	int fd = open("new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || close(fd))
		return -1;
	return unlink("new");
}

static int create_write_unlink(void)
{
	int fd = open("new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || pwrite(fd, page, PAGE, 0) != PAGE || close(fd))
		return -1;
	return unlink("new");
}

static int do_read(void)
{
	return pread(file, page, PAGE, 0) == PAGE ? 0 : -1;
}

static int do_write(void)
{
	return pwrite(file, page, PAGE, 0) == PAGE ? 0 : -1;
}

static int mmap_store(void)
{
	char *m = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (m == MAP_FAILED)
		return -1;
	*(volatile char *)m = 1;
	return munmap(m, PAGE);
}

/* Of a page that is in memory, by a mapping that stays. */
static int fault(void)
{
	if (madvise(map, PAGE, MADV_DONTNEED))
		return -1;
	*(volatile char *)map = 1;
	return 0;
}

/* What is there beforehand. */
enum { ONE_FILE, MANY_FILES, OPEN_FILE, MAPPED_FILE };

static const struct op {
	const char *name;
	int (*run)(void);
	int needs;
} ops[] = {
	{ "open-write-close", open_write_close, ONE_FILE },
	{ "clean-open-write-close", clean_open_write_close, MANY_FILES },
	{ "open-read-close", open_read_close, ONE_FILE },
	{ "create-unlink", create_unlink, ONE_FILE },
	{ "create-write-unlink", create_write_unlink, ONE_FILE },
	{ "read", do_read, OPEN_FILE },
	{ "write", do_write, OPEN_FILE },
	{ "mmap-store", mmap_store, OPEN_FILE },
	{ "fault", fault, MAPPED_FILE },
};

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "opcost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned long long ticks(const struct op *op, long count)
{
	unsigned long long start = __rdtsc();

	for (done = 0; done < count; done++)
		if (op->run())
			die(op->name);
	return __rdtsc() - start;
}

static void make_file(const char *name)
{
	file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0 || do_write())
		die(name);
}

static void set_up(const char *dir, const struct op *op, long files)
{
	char name[24];

	if (chdir(dir))
		die(dir);
	folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		die(dir);
	for (long i = 0; op->needs == MANY_FILES && i < files; i++) {
		snprintf(name, sizeof(name), "file%ld", i);
		make_file(name);
		close(file);
	}
	make_file("file");
	if (op->needs == MAPPED_FILE) {
		map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file,
			   0);
		if (map == MAP_FAILED)
			die("mmap");
	}
	if (op->needs != OPEN_FILE && close(file))
		die("file");
}

static unsigned long long synced_ticks(const struct op *op, long count)
{
	if (syncfs(folder))
		die("syncfs");
	return ticks(op, count);
}

static void list(const char *name, const unsigned long long *n)
{
	printf(",\"%s\":[", name);
	for (int i = 0; i < REPETITIONS; i++)
		printf("%s%llu", i ? "," : "", n[i]);
	printf("]");
}

static void alone(const struct op *op, long count)
{
	unsigned long long once[REPETITIONS], twice[REPETITIONS];

	synced_ticks(op, 2 * count);
	for (int i = 0; i < REPETITIONS; i++) {
		once[i] = synced_ticks(op, count);
		twice[i] = synced_ticks(op, 2 * count);
	}
	printf("{\"count\":%ld", count);
	list("once", once);
	list("twice", twice);
	printf("}\n");
}

/* Each has a folder of its own, as containers have. */
static void together(const struct op *op, long count, int processes)
{
	struct timespec start, end;
	int status, go[2], ready[2];
	char name[16], c = 0;

	if (pipe2(go, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		die("pipe");
	for (int i = 0; i < processes; i++) {
		if (fork())
			continue;
		close(go[1]);
		snprintf(name, sizeof(name), "%d", i);
		if (mkdir(name, 0700))
			die(name);
		set_up(name, op, count);
		if (write(ready[1], &c, 1) != 1 || read(go[0], &c, 1) < 0)
			die("pipe");
		ticks(op, count);
		_exit(0);
	}
	for (int i = 0; i < processes; i++)
		if (read(ready[0], &c, 1) != 1)
			die("pipe");
	clock_gettime(CLOCK_MONOTONIC, &start);
	close(go[1]);
	while (wait(&status) > 0)
		if (status)
			exit(1);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("{\"seconds\":%.6f}\n",
	       (double)(end.tv_sec - start.tv_sec) +
		       (double)(end.tv_nsec - start.tv_nsec) / 1e9);
}

int main(int argc, char **argv)
{
	const struct op *op = NULL;

	for (size_t i = 0; argc > 2 && i < sizeof(ops) / sizeof(*ops); i++)
		if (!strcmp(argv[2], ops[i].name))
			op = &ops[i];
	if (argc < 4 || argc > 5 || !op) {
		fputs("usage: opcost DIR OP COUNT [PROCESSES]; OP is one of",
		      stderr);
		for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
			fprintf(stderr, " %s", ops[i].name);
		fputc('\n', stderr);
		return 2;
	}
	if (argc == 5 && chdir(argv[1]))
		die(argv[1]);
	if (argc == 5) {
		together(op, atol(argv[3]), atoi(argv[4]));
	} else {
		set_up(argv[1], op, 2 * atol(argv[3]));
		alone(op, atol(argv[3]));
	}
	return 0;
}
