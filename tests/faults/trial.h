/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRIAL_H
#define TRIAL_H

#include "../crash/replay/lines.h"
#include "device.h"

enum verdict {
	/* Nothing was reported wrongly. */
	RIGHT,
	WRONG,
	/* The test itself has a problem. */
	TROUBLE,
	HANG,
};

#define KINDS_MAX 16

struct tally {
	long long trials, felt, told, excepted, wrong, failed;
	struct {
		char name[16];
		long long trials;
	} kind[KINDS_MAX];
};

/* What is wrong is on stdout. */
enum verdict trial(const struct device *d, const struct layout *l,
		   const struct lines *plan, struct tally *tally);

#endif
