/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_STATE_H
#define HOOK_STATE_H

#include <stddef.h>

#include "annotations.h"
#include "error.h"

#define STATE_NAME "the container state on standard input"

/**
 * struct oci_state - what the hook uses of the OCI runtime's state.
 * @id: the container's id
 * @status: creating, created, running, stopped; NULL if the state has none
 * @bundle: absolute path of the bundle
 * @annotations: those that are for the hook
 */
struct oci_state {
	char *id;
	char *status;
	char *bundle;
	struct annotations annotations;
};

int state_parse(const char *text, size_t len, struct oci_state *state,
		struct error *err);
void state_clear(struct oci_state *state);

#define cleanup_state __attribute__((cleanup(state_clear)))

#endif
