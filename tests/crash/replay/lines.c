// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "lines.h"
#include <stdlib.h>
#include <string.h>

void add_line(struct lines *l, const char *text)
{
	l->line = realloc(l->line, (size_t)(l->count + 1) * sizeof(*l->line));
	if (!l->line)
		abort();
	l->line[l->count++] = strdup(text);
}

struct lines read_lines(FILE *in)
{
	struct lines l = { 0 };
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, in) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#')
			add_line(&l, line);
	}
	free(line);
	return l;
}

void print_lines(const struct lines *l, FILE *out)
{
	for (int i = 0; i < l->count; i++)
		fprintf(out, "%s\n", l->line[i]);
}

void free_lines(struct lines *l)
{
	while (l->count)
		free(l->line[--l->count]);
	free(l->line);
	l->line = NULL;
}
