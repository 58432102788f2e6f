/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of ovlio share; see ovlio.c. */
#ifndef OVLIO_H
#define OVLIO_H

#include <stddef.h>

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

/* Nothing repeats within what is filled, or from one call to the next. */
void fill(char *buf, size_t len);

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
extern const struct command copy_commands[];
extern const struct command map_commands[];
extern const struct command async_commands[];
extern const struct command sync_commands[];
extern const struct command page_commands[];
extern const struct command measure_commands[];

#endif
