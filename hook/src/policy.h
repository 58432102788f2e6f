/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_POLICY_H
#define HOOK_POLICY_H

#include <stdbool.h>

#include "error.h"
#include "result.h"

/**
 * enum stage - at which point of a container's life the hook runs.
 * @STAGE_UNKNOWN: not said, and not to be told from the state
 * @STAGE_PRESTART: before the container's program starts
 * @STAGE_POSTSTOP: after the container was deleted, its rootfs still mounted
 */
enum stage {
	STAGE_UNKNOWN,
	STAGE_PRESTART,
	STAGE_POSTSTOP,
};

/* Exit statuses; documented in hook/README.md and --help. */
enum {
	HOOK_EXIT_OK = 0,
	HOOK_EXIT_FAILED = 1,
	HOOK_EXIT_USAGE = 2,
};

const char *stage_name(enum stage stage);
enum stage stage_from_name(const char *name);
int stage_from_status(const char *status, enum stage *stage, struct error *err);
int policy_exit_status(enum stage stage, bool strict, enum outcome outcome);

#endif
