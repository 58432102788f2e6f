/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GENERATE_H
#define GENERATE_H

#include "model.h"
#include <stdio.h>

struct random {
	uint64_t state;
};

/* 0 to @below - 1; the same on every machine for the same seed. */
unsigned int random_below(struct random *r, unsigned int below);

/*
 * Prints a sequence of so many steps, of one or more commands each, that follows
 * from the seed alone, and has one sync at least. @without is a list of what the
 * filesystem or kernel has not: tmpfile, clone, zero, shift.
 */
void generate(FILE *out, uint64_t seed, int steps, const char *without);

#endif
