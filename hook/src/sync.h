/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_SYNC_H
#define HOOK_SYNC_H

#include <stdint.h>

#include "error.h"
#include "result.h"

int sync_error(int errnum, const char *what, enum sync_mode mode,
	       struct error *err);
int sync_overlay(int fd, const char *root, enum sync_mode mode, int64_t *ns,
		 struct error *err);

#endif
