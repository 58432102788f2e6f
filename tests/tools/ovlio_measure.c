// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ovlio: what a command costs, and what others notice of it. Here, since under
 * emulation starting a process takes as long as many a sync.
 */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of /sys/block/DEVICE/stat; see Documentation/block/stat.rst. */
enum { WRITES = 4, SECTORS = 6, FLUSHES = 15, FIELDS = 17 };

/* When the last measured command ran. */
static int64_t window[2];

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int read_stat(const char *device, long long *field)
{
	char path[128];
	FILE *f;
	int n = 0;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", device);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (n < FIELDS && fscanf(f, "%lld", &field[n]) == 1)
		n++;
	fclose(f);
	errno = n == FIELDS ? 0 : EINVAL;
	return n == FIELDS ? 0 : -1;
}

static int do_measure(char **w)
{
	long long before[FIELDS], after[FIELDS];
	int ret, saved;

	if (read_stat(w[0], before))
		return -1;
	window[0] = now();
	ret = run(w[1]);
	saved = errno;
	window[1] = now();
	errno = saved;
	if (ret || read_stat(w[0], after))
		return -1;
	printf("{\"seconds\":%.6f,\"mib\":%.4f,\"requests\":%lld,\"flushes\":%lld}\n",
	       (double)(window[1] - window[0]) / 1e9,
	       (double)(after[SECTORS] - before[SECTORS]) / 2048,
	       after[WRITES] - before[WRITES],
	       after[FLUSHES] - before[FLUSHES]);
	return 0;
}

/* Runs all commands of @template, "A; B", with @n for each % in it. */
static int run_for(const char *template, long n)
{
	char text[4096], *rest = text, *line;
	size_t len = 0;

	for (; *template && len < sizeof(text) - 24; template ++)
		if (*template == '%')
			len += (size_t)sprintf(text + len, "%ld", n);
		else
			text[len++] = *template;
	text[len] = '\0';
	while (rest) {
		char *end = strstr(rest, "; ");

		line = rest;
		rest = end ? end + 2 : NULL;
		if (end)
			*end = '\0';
		if (run(line))
			return -1;
	}
	return 0;
}

static int do_each(char **w)
{
	long count = (long)size(w[0]);

	for (long n = 0; n < count; n++)
		if (run_for(w[1], n))
			return -1;
	return 0;
}

/* The start of many processes is not to be part of what they do at once. */
static int do_ready(char **w)
{
	long count = (long)size(w[1]);
	struct thing *t = make(w[0]);
	int start[2], ready[2];
	char c = 0;

	if (pipe2(start, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		return -1;
	for (long n = 0; n < count; n++)
		switch (fork()) {
		case -1:
			return -1;
		case 0:
			close(start[1]);
			if (write(ready[1], &c, 1) != 1 ||
			    read(start[0], &c, 1) < 0 || run_for(w[2], n))
				_exit(1);
			_exit(0);
		}
	close(start[0]);
	for (long n = 0; n < count; n++)
		if (read(ready[0], &c, 1) != 1)
			return -1;
	close(ready[0]);
	close(ready[1]);
	t->fd = start[1];
	t->len = (size_t)count;
	return 0;
}

static int do_go(char **w)
{
	struct thing *t = need(w[0]);
	int status, ret = 0;

	close(t->fd);
	for (size_t n = 0; n < t->len; n++)
		if (wait(&status) < 0 || status)
			ret = -1;
	*t->name = '\0';
	errno = 0;
	return ret;
}

static int fsync_one(const char *path, const struct stat *st, int type,
		     struct FTW *ftw)
{
	int fd, ret;

	(void)st;
	(void)ftw;
	if (type != FTW_F && type != FTW_DP)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOATIME | O_NONBLOCK);
	if (fd < 0)
		return -1;
	ret = fsync(fd);
	close(fd);
	return ret;
}

static int do_walk(char **w)
{
	return nftw(w[0], fsync_one, 32, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
}

/* What a process of its own does over and over, with the times of each. */
struct probe {
	int stop;
	unsigned int ops;
	int64_t time[1 << 18][2];
};

#define PROBE_MAX (sizeof(((struct probe *)0)->time) / (2 * sizeof(int64_t)))

static int probe_write(int fd, char *buf, off_t size)
{
	(void)size;
	return pwrite(fd, buf, 4096, 0) == 4096 ? fsync(fd) : -1;
}

/* Directly, or it would not ask the device. */
static int probe_read(int fd, char *buf, off_t size)
{
	return pread(fd, buf, 4096, random() % (size / 4096) * 4096) == 4096
		       ? 0
		       : -1;
}

static int probe_run(struct probe *p, int fd,
		     int (*op)(int fd, char *buf, off_t size))
{
	static char buf[4096] __attribute__((aligned(4096)));
	struct stat st;

	if (fstat(fd, &st))
		return 1;
	while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED) &&
	       p->ops < PROBE_MAX) {
		p->time[p->ops][0] = now();
		if (op(fd, buf, st.st_size))
			return 1;
		p->time[p->ops][1] = now();
		p->ops++;
	}
	return 0;
}

static int do_probe(char **w)
{
	int writes = !strcmp(w[1], "write");
	struct thing *t = make(w[0]);
	struct probe *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd =
		open(w[2], (writes ? O_RDWR : O_RDONLY | O_DIRECT) | O_CLOEXEC);

	if (p == MAP_FAILED || fd < 0)
		return -1;
	t->fd = fork();
	if (!t->fd)
		_exit(probe_run(p, fd, writes ? probe_write : probe_read));
	t->own = p;
	close(fd);
	return t->fd < 0 ? -1 : 0;
}

/* Of what was under way while the last measured command was. */
static int do_latencies(char **w)
{
	struct thing *t = need(w[0]);
	struct probe *p = t->own;
	const char *comma = "";
	int status;

	__atomic_store_n(&p->stop, 1, __ATOMIC_RELAXED);
	if (waitpid(t->fd, &status, 0) < 0 || status || p->ops == PROBE_MAX)
		return -1;
	printf("{\"%s\":[", t->name);
	for (unsigned int i = 0; i < p->ops; i++) {
		if (p->time[i][1] < window[0] || p->time[i][0] > window[1])
			continue;
		printf("%s%.3f", comma,
		       (double)(p->time[i][1] - p->time[i][0]) / 1e6);
		comma = ",";
	}
	printf("]}\n");
	munmap(p, sizeof(*p));
	*t->name = '\0';
	return 0;
}

const struct command measure_commands[] = {
	{ "measure", -2, do_measure,
	  "DEVICE COMMAND: run it, print its time and what the device did" },
	{ "each", -2, do_each,
	  "COUNT COMMAND[; COMMAND]...: for each number below, which is % in it" },
	{ "ready", -3, do_ready,
	  "NAME COUNT COMMAND[; COMMAND]...: the same, each in a process, at ..." },
	{ "go", 1, do_go, "NAME: ... once; all must succeed" },
	{ "walk", 1, do_walk, "DIR: fsync of every file and folder below it" },
	{ "probe", 3, do_probe,
	  "NAME write|read PATH: a process does it 4 KiB at a time, until ..." },
	{ "latencies", 1, do_latencies,
	  "NAME: ... now; print its milliseconds during the last measure" },
	{ 0 },
};
