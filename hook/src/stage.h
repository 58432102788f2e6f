/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_STAGE_H
#define HOOK_STAGE_H

#include <stdbool.h>

#include "error.h"

/**
 * enum stage - at which point of a container's life the hook runs.
 * @STAGE_UNKNOWN: not said, and not to be told from the state
 * @STAGE_PRESTART: before the container's program starts
 * @STAGE_CREATE_RUNTIME: the same, as newer runtimes call it
 * @STAGE_POSTSTART: after it has started
 * @STAGE_POSTSTOP: after the container was deleted, its rootfs still mounted
 * @STAGE_PRE_DUMP: CRIU is about to freeze the tasks
 * @STAGE_POST_DUMP: CRIU has written the images, the tasks are still frozen
 * @STAGE_SYNC: somebody runs the command of that name
 */
enum stage {
	STAGE_UNKNOWN,
	STAGE_PRESTART,
	STAGE_CREATE_RUNTIME,
	STAGE_POSTSTART,
	STAGE_POSTSTOP,
	STAGE_PRE_DUMP,
	STAGE_POST_DUMP,
	STAGE_SYNC,
};

const char *stage_name(enum stage stage);
enum stage stage_of_hook(const char *name);
enum stage stage_of_criu(const char *action);
int stage_from_status(const char *status, enum stage *stage, struct error *err);
bool stage_has_writers(enum stage stage);

#endif
