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
void print_lines(const struct lines *l, FILE *out);

/* With the lines themselves */
void free_lines(struct lines *l);

#endif
