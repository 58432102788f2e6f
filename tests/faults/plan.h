/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_H
#define PLAN_H

#include <stdint.h>
#include <stdio.h>

struct place_of_trial {
	/* As mount(2) has it */
	const char *type;
	/* What the filesystem or kernel has not: as for generate(), and kinds */
	const char *without;
	/* The only kinds that are to come up; "" for all */
	const char *only;
};

/*
 * Prints a trial that follows from the seed alone: commands of ovlio, and
 * directives, which begin with a '%' (README.md).
 */
void plan(FILE *out, uint64_t seed, const struct place_of_trial *where);

#endif
