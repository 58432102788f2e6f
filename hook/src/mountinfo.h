/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_MOUNTINFO_H
#define HOOK_MOUNTINFO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

char *mountinfo_options(FILE *f, uint64_t mount_id);
bool mountinfo_has_option(const char *options, const char *option);

#endif
