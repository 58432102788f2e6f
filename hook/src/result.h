/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_RESULT_H
#define HOOK_RESULT_H

#include <stdint.h>

#include "error.h"
#include "note.h"

/**
 * enum outcome - how a run ended.
 * @OUTCOME_SYNCED: what was to be synced is
 * @OUTCOME_SKIPPED: nothing was to be synced: so the mount or the policy says
 * @OUTCOME_NO_OVERLAY: nothing was synced, as there is no overlay (any more)
 * @OUTCOME_TIMEOUT: the deadline came first
 * @OUTCOME_ERROR: it could not be synced, or the sync failed
 */
enum outcome {
	OUTCOME_SYNCED,
	OUTCOME_SKIPPED,
	OUTCOME_NO_OVERLAY,
	OUTCOME_TIMEOUT,
	OUTCOME_ERROR,
};

/**
 * enum sync_mode - how an overlay is synced.
 * @MODE_NONE: not at all
 * @MODE_PER_OVERLAY: syncfs, by which the kernel writes this overlay's data
 * @MODE_WHOLE_UPPER: syncfs, by which it writes all of the upper file system
 * @MODE_WALK: fsync of each file in the upper directory
 */
enum sync_mode {
	MODE_NONE,
	MODE_PER_OVERLAY,
	MODE_WHOLE_UPPER,
	MODE_WALK,
};

/**
 * struct result - the outcome and what to say about it.
 * @outcome: see there
 * @mode: see there
 * @errnum: the errno behind an error, or 0
 * @sync_ns: how long the sync took, in nanoseconds; -1 if it did not end
 * @mount: the rootfs; "" if it never became known
 * @upper_fs: type of the file system of its upper directory, or ""
 * @note: remarks
 * @text: not escaped; for OUTCOME_SYNCED empty
 */
struct result {
	enum outcome outcome;
	enum sync_mode mode;
	int errnum;
	int64_t sync_ns;
	char mount[256];
	char upper_fs[32];
	struct note note;
	char text[ERROR_TEXT_MAX];
};

#endif
