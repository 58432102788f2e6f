/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_STATUS_H
#define HOOK_STATUS_H

#include <stdbool.h>

int status_print(char *const *paths, bool json, const char *parameter);

#endif
