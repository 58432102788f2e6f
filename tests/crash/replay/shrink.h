/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHRINK_H
#define SHRINK_H

#include <stdbool.h>

/* Lines of text; the array belongs to who has it, the lines do not. */
struct lines {
	char **line;
	int count;
};

/* Those of them that the model takes, one after the other */
struct lines valid_lines(const struct lines *all);

/*
 * The fewest lines, of which none can be left out, for which @fails still says
 * so; or as few as can be found with so many calls of it. What the model does not
 * take any more when another line is missing goes with that.
 */
struct lines shrink(const struct lines *all, int calls,
		    bool (*fails)(const struct lines *some, void *context),
		    void *context);

#endif
