/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of ovlio share; see ovlio.c. */
#ifndef OVLIO_H
#define OVLIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What commands refer to by name. */
struct thing {
	char name[32];
	char folder[64];
	int fd;
	char *map;
	size_t len;
	/* What only the part that made it knows. */
	void *own;
};

struct thing *need(const char *name);
struct thing *make(const char *name);

/* 4096, 4K, 1M, 1G */
long long size(const char *s);

/*
 * Nothing repeats within what is filled, or from one call to the next. Without a
 * seed, or after 0, it differs from run to run. Returns what to go on with later.
 */
void fill(char *buf, size_t len);
uint64_t fill_seed(uint64_t seed);

/* By uringwrite, in this process */
extern bool rings_were_used;

/* Nanoseconds of the monotonic clock; and when the last measured command began. */
int64_t now(void);
extern int64_t measure_began;

/* A mark in the log of a dm-log-writes device. */
int mark(const char *device, int number);

/* Runs one command: 0, or -1 and errno. */
int run(char *line);

/*
 * A command has so many words after its name; if that is negative, the last of
 * them is the whole rest of the line. A table ends with a command without name.
 */
struct command {
	const char *name;
	int words;
	int (*run)(char **words);
	const char *usage;
};

extern const struct command file_commands[];
extern const struct command name_commands[];
extern const struct command copy_commands[];
extern const struct command map_commands[];
extern const struct command async_commands[];
extern const struct command sync_commands[];
extern const struct command page_commands[];
extern const struct command measure_commands[];
extern const struct command probe_commands[];

#endif
