/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_CACHE_H
#define HOOK_CACHE_H

#include <stdbool.h>

void cache_look(int fd, bool *dirty, bool *writeback);

#endif
