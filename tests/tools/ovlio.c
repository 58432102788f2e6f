// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ovlio: do things to files in a given order, in one process, and check what
 * of them is dirty. For tests whose point is what is still open or mapped
 * while something else happens, which a shell cannot hold.
 *
 *   ovlio 'open f rwc /mnt/a/x' 'mmap m f 1M' 'close f' 'store m 0 1M' \
 *         'syncfs /mnt/a' 'clean /up/a/upper/x'
 *
 * Commands run in order, the first that fails ends the program with status 1
 * and a line that names it. `!ERRNO command` must fail with that errno.
 * The commands are in the tables at the end of each part, ovlio_*.c.
 *
 * With the name of a dm-log-writes device in $OVLIO_MARK its log gets a mark
 * before each command, its number from 1 on, and one after the last.
 *
 *   ovlio -
 *
 * reads commands from stdin, a line each, says 0 or the error's number on stdout when
 * one is done, and goes on: for whoever wants to see what fails.
 */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORDS 5
#define MAX_NAMES 2048

static struct thing things[MAX_NAMES];

/* Where do_in() has gone: names belong to the folder they were made in. */
static char folder[64];

static struct thing *find(const char *name)
{
	for (int i = 0; i < MAX_NAMES; i++)
		if (!strcmp(things[i].name, name) &&
		    !strcmp(things[i].folder, folder))
			return &things[i];
	return NULL;
}

static struct thing *vacant(void)
{
	for (int i = 0; i < MAX_NAMES; i++)
		if (!*things[i].name)
			return &things[i];
	return NULL;
}

struct thing *need(const char *name)
{
	struct thing *t = find(name);

	if (t)
		return t;
	fprintf(stderr, "ovlio: nothing is called '%s'\n", name);
	exit(2);
}

struct thing *make(const char *name)
{
	struct thing *t = vacant();

	if (!t || strlen(name) >= sizeof(t->name) || find(name)) {
		fprintf(stderr, "ovlio: cannot use the name '%s'\n", name);
		exit(2);
	}
	memset(t, 0, sizeof(*t));
	strcpy(t->name, name);
	strcpy(t->folder, folder);
	t->fd = -1;
	return t;
}

long long size(const char *s)
{
	char *end;
	long long n = strtoll(s, &end, 0);

	switch (*end) {
	case 'G':
		n <<= 10; /* fall through */
	case 'M':
		n <<= 10; /* fall through */
	case 'K':
		n <<= 10;
		end++;
	}
	if (*end || end == s) {
		fprintf(stderr, "ovlio: '%s' is not a size\n", s);
		exit(2);
	}
	return n;
}

static int do_in(char **w)
{
	if (snprintf(folder, sizeof(folder), "%s", w[0]) >= (int)sizeof(folder))
		exit(2);
	return chdir(w[0]);
}

static int do_seed(char **w)
{
	fill_seed((uint64_t)size(w[0]));
	return 0;
}

static int do_sh(char **w)
{
	int status = system(w[0]);

	errno = 0;
	return status == 0 ? 0 : -1;
}

static int do_sleep(char **w)
{
	return usleep((useconds_t)(atof(w[0]) * 1e6));
}

static int do_clock(char **w)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	printf("%s %ld.%06ld\n", w[0], (long)t.tv_sec, t.tv_nsec / 1000);
	return 0;
}

static const struct command other_commands[] = {
	{ "in", 1, do_in, "FOLDER: go there; it has names of its own" },
	{ "seed", 1, do_seed, "NUMBER: of all that is filled in from now on" },
	{ "clock", 1, do_clock, "LABEL: print it and the monotonic time" },
	{ "sleep", 1, do_sleep, "SECONDS" },
	{ "sh", -1, do_sh, "COMMAND: run by sh, must succeed" },
	{ 0 },
};

static const struct command *const tables[] = {
	file_commands,	name_commands,	copy_commands, map_commands,
	async_commands, sync_commands,	page_commands, measure_commands,
	probe_commands, other_commands,
};

static const struct command *lookup(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct command *c = tables[i]; c->name; c++)
			if (!strcmp(c->name, name))
				return c;
	fprintf(stderr, "ovlio: no command '%s'\n", name);
	exit(2);
}

int run(char *line)
{
	char *words[MAX_WORDS + 1] = { 0 }, *rest = line;
	const struct command *c = lookup(strsep(&rest, " "));
	int n = 0, want = abs(c->words);

	while (rest && n < MAX_WORDS)
		if (c->words < 0 && n == want - 1) {
			words[n++] = rest;
			rest = NULL;
		} else {
			words[n++] = strsep(&rest, " ");
		}
	if (n != want || rest) {
		fprintf(stderr, "ovlio: usage: %s %s\n", c->name, c->usage);
		exit(2);
	}
	errno = 0;
	return c->run(words);
}

static int leave_mark(int number)
{
	const char *device = getenv("OVLIO_MARK");

	if (!device || !mark(device, number))
		return 0;
	fprintf(stderr, "ovlio: no mark on %s: %s\n", device, strerror(errno));
	return -1;
}

/* An error without a number, that of `sh` for one, is EIO. */
static int serve(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		printf("%d\n", !run(line) ? 0 : errno ? errno : EIO);
	}
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "-"))
		return serve();
	for (int i = 1; i < argc; i++) {
		char line[4096], *want = NULL, *cmd = line;
		int ret;

		if (leave_mark(i))
			return 2;
		if (snprintf(line, sizeof(line), "%s", argv[i]) >=
		    (int)sizeof(line))
			return 2;
		if (*cmd == '!')
			want = strsep(&cmd, " ") + 1;
		ret = run(cmd);
		if (want && (!ret || strcmp(want, strerrorname_np(errno)))) {
			fprintf(stderr, "ovlio: '%s': expected %s, got %s\n",
				argv[i], want,
				ret ? strerrorname_np(errno) : "success");
			return 1;
		}
		if (!want && ret) {
			fprintf(stderr, "ovlio: '%s' failed%s%s\n", argv[i],
				errno ? ": " : "",
				errno ? strerror(errno) : "");
			return 1;
		}
	}
	return leave_mark(argc) ? 2 : 0;
}
