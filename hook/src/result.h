/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_RESULT_H
#define HOOK_RESULT_H

#include <stdint.h>

#include "error.h"

/**
 * enum outcome - how a run ended.
 * @OUTCOME_SYNCED: syncfs returned 0
 * @OUTCOME_SKIPPED: there is nothing that a sync would do
 * @OUTCOME_TIMEOUT: the deadline came first
 * @OUTCOME_ERROR: it could not be synced, or the sync failed
 */
enum outcome {
	OUTCOME_SYNCED,
	OUTCOME_SKIPPED,
	OUTCOME_TIMEOUT,
	OUTCOME_ERROR,
};

/**
 * struct result - the outcome and what to say about it.
 * @outcome: see there
 * @sync_ns: how long syncfs took, in nanoseconds; -1 if it did not return
 * @text: not escaped; for OUTCOME_SYNCED empty
 */
struct result {
	enum outcome outcome;
	int64_t sync_ns;
	char text[ERROR_TEXT_MAX];
};

#endif
