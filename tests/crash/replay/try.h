/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRY_H
#define TRY_H

#include "image.h"
#include "rig.h"
#include "shrink.h"
#include <stdint.h>

enum verdict {
	/* All that was synced is there after each power cut. */
	KEPT,
	/* Something is not, and what is on stdout. */
	LOST,
	/* The test itself has a problem, which is on stdout. */
	BROKEN,
};

/* Counts, and microseconds */
struct tally {
	long long sequences, syncs, commands, entries, cuts, prefixes, repaired;
	long long record_us, cut_us;
};

/* Runs a sequence, cuts the power here and there: @seed says where. */
enum verdict try(const struct rig *r, struct image *image,
		 const struct lines *sequence, uint64_t seed,
		 struct tally *tally);

#endif
