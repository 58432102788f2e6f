/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHRINK_H
#define SHRINK_H

#include "lines.h"
#include <stdbool.h>

/*
 * Those of them that the model takes, one after the other; and what is no command
 * but a directive (tests/faults), which begins with a '%'
 */
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
