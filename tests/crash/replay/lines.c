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

struct lines lines_of_text(char *text, size_t len)
{
	FILE *in = fmemopen(text, len, "r");
	struct lines l;

	if (!in)
		abort();
	l = read_lines(in);
	fclose(in);
	return l;
}

int lines_read_file(struct lines *l, const char *path)
{
	FILE *in = fopen(path, "r");

	if (!in)
		return -1;
	*l = read_lines(in);
	fclose(in);
	return 0;
}

void print_lines(const struct lines *l, FILE *out)
{
	for (int i = 0; i < l->count; i++)
		fprintf(out, "%s\n", l->line[i]);
}

int lines_write_file(const struct lines *l, const char *path)
{
	FILE *out = fopen(path, "w");

	if (!out)
		return -1;
	print_lines(l, out);
	return fclose(out) ? -1 : 0;
}

void free_lines(struct lines *l)
{
	while (l->count)
		free(l->line[--l->count]);
	free(l->line);
	l->line = NULL;
}
