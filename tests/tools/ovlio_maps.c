// SPDX-License-Identifier: GPL-2.0-or-later
/* ovlio: shared mappings, and processes that inherit them. */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int map(char **w, int prot)
{
	struct thing *t;
	size_t len = (size_t)size(w[2]);
	char *map = mmap(NULL, len, prot, MAP_SHARED, need(w[1])->fd, 0);

	if (map == MAP_FAILED)
		return -1;
	t = make(w[0]);
	t->map = map;
	t->len = len;
	return 0;
}

static int do_mmap(char **w)
{
	return map(w, PROT_READ | PROT_WRITE);
}

static int do_mmapread(char **w)
{
	return map(w, PROT_READ);
}

static int do_mprotect(char **w)
{
	struct thing *t = need(w[0]);

	return mprotect(t->map, t->len,
			PROT_READ | (strchr(w[1], 'w') ? PROT_WRITE : 0));
}

static sigjmp_buf bus_error;

static void on_bus_error(int signal)
{
	(void)signal;
	siglongjmp(bus_error, 1);
}

/* A page that cannot be had is an error like any other. */
static int do_store(char **w)
{
	struct thing *t = need(w[0]);
	size_t off = (size_t)size(w[1]), len = (size_t)size(w[2]);

	if (!t->map || off + len > t->len) {
		errno = EFAULT;
		return -1;
	}
	signal(SIGBUS, on_bus_error);
	if (sigsetjmp(bus_error, 1)) {
		errno = EIO;
		return -1;
	}
	fill(t->map + off, len);
	return 0;
}

static int do_munmap(char **w)
{
	struct thing *t = need(w[0]);

	*t->name = '\0';
	return munmap(t->map, t->len);
}

/* The child has what the parent has now; it waits for do_join(). */
static int do_fork(char **w)
{
	struct thing *t;
	int pipes[2];
	pid_t pid;
	char go;

	if (pipe(pipes))
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid) {
		close(pipes[1]);
		_exit(read(pipes[0], &go, 1) == 1 && !run(w[1]) ? 0 : 1);
	}
	close(pipes[0]);
	t = make(w[0]);
	t->fd = pipes[1];
	return 0;
}

static int do_join(char **w)
{
	int status;

	if (write(need(w[0])->fd, "", 1) != 1 || wait(&status) < 0)
		return -1;
	errno = 0;
	return status ? -1 : 0;
}

const struct command map_commands[] = {
	{ "mmap", 3, do_mmap, "NAME FD LENGTH" },
	{ "mmapread", 3, do_mmapread, "NAME FD LENGTH: read-only" },
	{ "mprotect", 2, do_mprotect, "MAP r|rw" },
	{ "store", 3, do_store, "MAP OFFSET LENGTH" },
	{ "munmap", 1, do_munmap, "MAP" },
	{ "fork", -2, do_fork, "NAME COMMAND: a child that is to run it" },
	{ "join", 1, do_join, "NAME: it does, and ends" },
	{ 0 },
};
