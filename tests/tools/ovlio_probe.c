// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ovlio: what others notice of a command that is measured. Each operation has its
 * time, whether or not the one before has ended by then, and its latency is counted
 * from that: or one that takes a second would keep a hundred from being seen.
 */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROBE_MAX (1 << 18)

struct probe {
	/* Operations whose time is from then on are not begun. */
	int64_t until;
	int64_t interval;
	unsigned int ops;
	struct {
		int64_t due, end;
	} op[PROBE_MAX];
};

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

static void sleep_until(int64_t when)
{
	struct timespec t = { when / 1000000000, when % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) ==
	       EINTR)
		;
}

static int probe_run(struct probe *p, int fd,
		     int (*op)(int fd, char *buf, off_t size))
{
	static char buf[4096] __attribute__((aligned(4096)));
	int64_t due = now();
	struct stat st;

	if (fstat(fd, &st))
		return 1;
	for (; p->ops < PROBE_MAX; due += p->interval) {
		sleep_until(due);
		if (due >= __atomic_load_n(&p->until, __ATOMIC_RELAXED))
			return 0;
		if (op(fd, buf, st.st_size))
			return 1;
		p->op[p->ops].due = due;
		p->op[p->ops].end = now();
		p->ops++;
	}
	return 1;
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
	p->until = INT64_MAX;
	p->interval = (int64_t)(atof(w[3]) * 1e9);
	t->fd = fork();
	if (!t->fd) {
		/* Whoever was to end it may fail. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(probe_run(p, fd, writes ? probe_write : probe_read));
	}
	t->own = p;
	close(fd);
	return t->fd < 0 ? -1 : 0;
}

/* The same time for whatever was measured, however long that took itself. */
static int do_latencies(char **w)
{
	int64_t until = measure_began + (int64_t)(atof(w[1]) * 1e9);
	struct thing *t = need(w[0]);
	struct probe *p = t->own;
	const char *comma = "";
	int status;

	__atomic_store_n(&p->until, until, __ATOMIC_RELAXED);
	if (waitpid(t->fd, &status, 0) < 0 || status)
		return -1;
	printf("{\"%s\":[", t->name);
	for (unsigned int i = 0; i < p->ops; i++) {
		if (p->op[i].due < measure_began || p->op[i].due >= until)
			continue;
		printf("%s%.3f", comma,
		       (double)(p->op[i].end - p->op[i].due) / 1e6);
		comma = ",";
	}
	printf("]}\n");
	munmap(p, sizeof(*p));
	*t->name = '\0';
	return 0;
}

const struct command probe_commands[] = {
	{ "probe", 4, do_probe,
	  "NAME write|read PATH SECONDS: a process does it, 4 KiB, each SECONDS" },
	{ "latencies", 2, do_latencies,
	  "NAME SECONDS: end it; print the milliseconds of each that was due in the SECONDS from the last measure on" },
	{ 0 },
};
