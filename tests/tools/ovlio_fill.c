// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ovlio: what files are filled with. On its own, so that who knows the
 * seed and the commands knows the data (tests/crash/replay).
 */
#include "ovlio.h"
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t state;

uint64_t fill_seed(uint64_t seed)
{
	uint64_t before = state;

	state = seed;
	return before;
}

/* A last piece of less than 8 bytes takes a number of its own too. */
void fill(char *buf, size_t len)
{
	if (!state)
		state = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
	for (size_t i = 0; i < len; i += 8) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		memcpy(buf + i, &state, len - i < 8 ? len - i : 8);
	}
}
