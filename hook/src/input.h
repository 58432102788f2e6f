/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_INPUT_H
#define HOOK_INPUT_H

#include <stddef.h>

#include "deadline.h"
#include "error.h"

/*
 * A config.json is usually some ten KiB; what annotations (256 KiB in Kubernetes)
 * and the environment add can be more than this, and is then refused.
 */
#define INPUT_MAX ((size_t)1 << 20)

int input_read(int fd, const char *name, const struct deadline *deadline,
	       char **text, size_t *len, struct error *err);

#endif
