/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_SYNC_H
#define HOOK_SYNC_H

#include <stdint.h>

#include "error.h"

int sync_overlay(int fd, const char *root, int64_t *ns, struct error *err);

#endif
