/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_CONFINE_H
#define HOOK_CONFINE_H

#include <stdbool.h>

#include "error.h"

int confine_prepare(bool processes, bool *bounding_kept, struct error *err);
int confine_keep_search(struct error *err);
int confine_drop_all(struct error *err);

#endif
