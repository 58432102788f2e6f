// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * churn: many processes that do all sorts of things to the same few files, for
 * some time.
 *
 *   churn DIR SECONDS PROCESSES [SEED]
 *   churn --syncfs DIR SECONDS PROCESSES
 *   churn --reopen DIR SECONDS PROCESSES
 *   churn --remap DIR SECONDS PROCESSES
 *
 * They write, store through mappings that outlive their descriptors, truncate,
 * rename, link, unlink, punch and sync, as chance has it; or only sync; or only
 * open, or map, a file of their own, and let go of it. What fails because
 * another process was faster is no error; anything else is, and ends it with
 * status 1. It prints how often each thing was done.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FILES 48
#define POPULAR 3
#define FOLDERS 4
#define MAX_SIZE (256 * 1024)
#define MAX_OPEN 3
#define MAX_MAPS 2
#define ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))

static unsigned int seed;
static int files[MAX_OPEN];
static char *maps[MAX_MAPS];
static char data[MAX_SIZE];
static sigjmp_buf beyond_end;

static unsigned int any(unsigned int n)
{
	return (unsigned int)rand_r(&seed) % n;
}

/* Half of the time one of a few, so that processes meet */
static const char *any_name(void)
{
	static char names[2][32];
	static int which;

	which = !which;
	snprintf(names[which], sizeof(names[which]), "%u/%u", any(FOLDERS),
		 any(any(2) ? FILES : POPULAR));
	return names[which];
}

/* One that is open; the place may be empty. */
static int *any_file(void)
{
	return &files[any(MAX_OPEN)];
}

static int do_open(void)
{
	static const int flags[] = { O_CREAT, O_CREAT, O_TRUNC, O_APPEND, 0 };
	int *file = any_file();

	if (*file >= 0)
		close(*file);
	*file = open(any_name(),
		     O_RDWR | O_CLOEXEC | flags[any(ELEMENTS(flags))], 0600);
	return *file < 0 ? -1 : 0;
}

static int do_close(void)
{
	int *file = any_file();
	int ret = *file < 0 ? 0 : close(*file);

	*file = -1;
	return ret;
}

static int do_write(void)
{
	int file = *any_file();

	if (file < 0)
		return 0;
	memset(data, (int)any(256), 4096);
	return pwrite(file, data + any(4096), 1 + any(MAX_SIZE / 4),
		      any(MAX_SIZE / 2)) < 0
		       ? -1
		       : 0;
}

/* Or unmap: a file that is always mapped is never without a writer. */
static int do_map(void)
{
	unsigned int i = any(MAX_MAPS);
	int file = *any_file();

	if (maps[i]) {
		munmap(maps[i], MAX_SIZE);
		maps[i] = NULL;
		return 0;
	}
	if (file < 0)
		return 0;
	maps[i] = mmap(NULL, MAX_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file,
		       0);
	if (maps[i] != MAP_FAILED)
		return 0;
	maps[i] = NULL;
	return -1;
}

static void on_sigbus(int signal)
{
	(void)signal;
	siglongjmp(beyond_end, 1);
}

/* Of a file that was truncated, a page is not there. */
static int do_store(void)
{
	char *map = maps[any(MAX_MAPS)];

	if (map && !sigsetjmp(beyond_end, 1))
		memset(map + any(MAX_SIZE / 4096) * 4096, (int)any(256), 4096);
	return 0;
}

static int do_truncate(void)
{
	return truncate(any_name(), any(MAX_SIZE));
}

static int do_ftruncate(void)
{
	int file = *any_file();

	return file < 0 ? 0 : ftruncate(file, any(MAX_SIZE));
}

static int do_punch(void)
{
	int file = *any_file();

	return file < 0 ? 0
			: fallocate(file,
				    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				    any(MAX_SIZE), 1 + any(65536));
}

static int do_rename(void)
{
	unsigned int flags = any(4) ? 0 : RENAME_EXCHANGE;

	return renameat2(AT_FDCWD, any_name(), AT_FDCWD, any_name(), flags);
}

static int do_link(void)
{
	return link(any_name(), any_name());
}

static int do_unlink(void)
{
	return unlink(any_name());
}

static int do_tmpfile(void)
{
	int *file = any_file();

	if (*file >= 0)
		close(*file);
	*file = open("0", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*file < 0 || pwrite(*file, data, 5000, 0) < 0)
		return -1;
	return linkat(*file, "", AT_FDCWD, any_name(), AT_EMPTY_PATH);
}

static int do_chmod(void)
{
	return chmod(any_name(), 0600 | any(0100));
}

static int do_fsync(void)
{
	int file = *any_file();

	return file < 0 ? 0 : fsync(file);
}

static int do_syncfs(void)
{
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = dir < 0 ? -1 : syncfs(dir);

	if (dir >= 0)
		close(dir);
	return ret;
}

/* A file that nobody else opens, and that is not open half of the time */
static int open_own(void)
{
	char name[32];

	usleep(any(20000));
	snprintf(name, sizeof(name), "0/of-%d", (int)getpid());
	return open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
}

static int do_reopen(void)
{
	int file = open_own();

	return file < 0 ? -1 : close(file);
}

static int do_remap(void)
{
	int file = open_own();
	char *map;

	if (file < 0)
		return -1;
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	return map == MAP_FAILED ? -1 : munmap(map, 4096);
}

static const struct op {
	const char *name;
	int (*run)(void);
	int share;
} ops[] = {
	{ "open", do_open, 20 },	  { "close", do_close, 15 },
	{ "write", do_write, 30 },	  { "map", do_map, 10 },
	{ "store", do_store, 30 },	  { "truncate", do_truncate, 3 },
	{ "ftruncate", do_ftruncate, 3 }, { "punch", do_punch, 3 },
	{ "rename", do_rename, 6 },	  { "link", do_link, 3 },
	{ "unlink", do_unlink, 6 },	  { "tmpfile", do_tmpfile, 3 },
	{ "chmod", do_chmod, 2 },	  { "fsync", do_fsync, 1 },
	{ "syncfs", do_syncfs, 1 },	  { "reopen", do_reopen, 0 },
	{ "remap", do_remap, 0 },
};

/* The one that is asked for, or any */
static const struct op *only;

static unsigned int any_op(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < ELEMENTS(ops); i++)
		n += (unsigned int)ops[i].share;
	n = any(n);
	for (i = 0; n >= (unsigned int)ops[i].share; i++)
		n -= (unsigned int)ops[i].share;
	return i;
}

/* What another process may bring about, and what overlayfs does not do. */
static int is_expected(int error)
{
	switch (error) {
	case ENOENT:
	case EEXIST:
	case ESTALE:
	case EMLINK:
	case EXDEV:
		return 1;
	}
	return 0;
}

static long counts[ELEMENTS(ops)];

static int churn(long seconds)
{
	struct timespec now, end;
	unsigned int op;
	int i;

	for (i = 0; i < MAX_OPEN; i++)
		files[i] = -1;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	do {
		op = only ? (unsigned int)(only - ops) : any_op();
		if (ops[op].run() && !is_expected(errno)) {
			fprintf(stderr, "churn: %s: %s\n", ops[op].name,
				strerror(errno));
			return 1;
		}
		counts[op]++;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec);
	return 0;
}

static int worker(int report, long seconds)
{
	int ret = churn(seconds);

	if (write(report, counts, sizeof(counts)) != sizeof(counts))
		return 1;
	return ret;
}

static void start(const char *dir)
{
	struct sigaction action = { .sa_handler = on_sigbus };
	char name[16];
	int i;

	sigaction(SIGBUS, &action, NULL);
	if (chdir(dir)) {
		perror(dir);
		exit(2);
	}
	for (i = 0; i < FOLDERS; i++) {
		snprintf(name, sizeof(name), "%d", i);
		if (mkdir(name, 0700) && errno != EEXIST) {
			perror(name);
			exit(2);
		}
	}
}

/* All of them wrote their counts before they ended. */
static int finish(int report, int processes)
{
	long sum[ELEMENTS(ops)] = { 0 };
	int i, status, failed = 0;
	size_t op;

	for (i = 0; i < processes; i++) {
		if (wait(&status) < 0 || status)
			failed = 1;
		if (read(report, counts, sizeof(counts)) != sizeof(counts))
			return 1;
		for (op = 0; op < ELEMENTS(ops); op++)
			sum[op] += counts[op];
	}
	for (op = 0; op < ELEMENTS(ops); op++)
		if (sum[op])
			printf("%s %ld ", ops[op].name, sum[op]);
	printf("\n");
	return failed;
}

int main(int argc, char **argv)
{
	int i, processes, report[2];
	long seconds;
	size_t op;

	for (op = 0; op < ELEMENTS(ops) && argc > 1; op++)
		if (!strncmp(argv[1], "--", 2) &&
		    !strcmp(argv[1] + 2, ops[op].name))
			only = &ops[op];
	if (only) {
		argv++;
		argc--;
	}
	if (argc < 4) {
		fprintf(stderr,
			"usage: churn [--syncfs | --reopen | --remap] DIR SECONDS PROCESSES [SEED]\n");
		return 2;
	}
	seconds = atol(argv[2]);
	processes = atoi(argv[3]);
	seed = argc > 4 ? (unsigned int)atol(argv[4]) : 1;
	start(argv[1]);
	if (pipe2(report, O_CLOEXEC)) {
		perror("pipe");
		return 2;
	}
	for (i = 0; i < processes; i++) {
		seed = seed * 31 + 1;
		switch (fork()) {
		case 0:
			_exit(worker(report[1], seconds));
		case -1:
			perror("fork");
			return 2;
		}
	}
	close(report[1]);
	return finish(report[0], processes);
}
