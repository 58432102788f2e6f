// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ovlio: what a command costs. Here, since under emulation starting a process takes
 * as long as many a sync.
 */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of /sys/block/DEVICE/stat; see Documentation/block/stat.rst. */
enum { WRITES = 4, SECTORS = 6, FLUSHES = 15, FIELDS = 17 };

int64_t measure_began;

int64_t now(void)
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
	int64_t end;
	int ret, saved;

	if (read_stat(w[0], before))
		return -1;
	measure_began = now();
	ret = run(w[1]);
	saved = errno;
	end = now();
	errno = saved;
	if (ret || read_stat(w[0], after))
		return -1;
	printf("{\"seconds\":%.6f,\"mib\":%.4f,\"requests\":%lld,\"flushes\":%lld}\n",
	       (double)(end - measure_began) / 1e9,
	       (double)(after[SECTORS] - before[SECTORS]) / 2048,
	       after[WRITES] - before[WRITES],
	       after[FLUSHES] - before[FLUSHES]);
	return 0;
}

/*
 * A disk that QEMU throttles lets what it does in a tenth of a second pass at once,
 * bytes and requests, if it was idle before. Reads of as many bytes as come to one of
 * its requests use up both. At once, as one by one they take longer than it allows.
 */
static int do_drain(char **w)
{
	enum { READS = 512, LENGTH = 97 * 512, AT_ONCE = 128 };
	static char buf[LENGTH] __attribute__((aligned(4096)));
	struct iocb cb[READS] = { 0 }, *cbs[READS];
	struct io_event event[AT_ONCE];
	aio_context_t ctx = 0;
	int fd = open(w[0], O_RDONLY | O_DIRECT | O_CLOEXEC);
	long sent = 0, done = 0;

	if (fd < 0 || syscall(SYS_io_setup, AT_ONCE, &ctx))
		return -1;
	for (int i = 0; i < READS; i++) {
		/* So far apart that no two are one request. */
		cb[i].aio_fildes = (uint32_t)fd;
		cb[i].aio_lio_opcode = IOCB_CMD_PREAD;
		cb[i].aio_buf = (uint64_t)(uintptr_t)buf;
		cb[i].aio_offset = (int64_t)i << 20;
		cb[i].aio_nbytes = LENGTH;
		cbs[i] = &cb[i];
	}
	while (done < READS) {
		long room = AT_ONCE - (sent - done), left = READS - sent, n;

		n = left < room ? left : room;
		n = n ? syscall(SYS_io_submit, ctx, n, cbs + sent) : 0;
		if (n < 0)
			return -1;
		sent += n;
		n = syscall(SYS_io_getevents, ctx, 1, AT_ONCE, event, NULL);
		if (n < 1)
			return -1;
		for (long i = 0; i < n; i++)
			if (event[i].res != LENGTH)
				return -1;
		done += n;
	}
	syscall(SYS_io_destroy, ctx);
	return close(fd);
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

const struct command measure_commands[] = {
	{ "measure", -2, do_measure,
	  "DEVICE COMMAND: run it, print its time and what the device did" },
	{ "drain", 1, do_drain,
	  "/DEVICE: read until a throttled one has no burst left" },
	{ "each", -2, do_each,
	  "COUNT COMMAND[; COMMAND]...: for each number below, which is % in it" },
	{ "ready", -3, do_ready,
	  "NAME COUNT COMMAND[; COMMAND]...: the same, each in a process, at ..." },
	{ "go", 1, do_go, "NAME: ... once; all must succeed" },
	{ "walk", 1, do_walk, "DIR: fsync of every file and folder below it" },
	{ 0 },
};
