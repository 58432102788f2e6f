/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LINES_H
#define LINES_H

#include <stdio.h>

/* Lines of text; the array belongs to who has it, the lines may not. */
struct lines {
	char **line;
	int count;
};

void add_line(struct lines *l, const char *text);

/* All but those that are empty or begin with '#' */
struct lines read_lines(FILE *in);
struct lines lines_of_text(char *text, size_t len);
void print_lines(const struct lines *l, FILE *out);

/* These return -1, with errno, if that cannot be done. */
int lines_read_file(struct lines *l, const char *path);
int lines_write_file(const struct lines *l, const char *path);

/* With the lines themselves */
void free_lines(struct lines *l);

#endif
