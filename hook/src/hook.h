/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_HOOK_H
#define HOOK_HOOK_H

#include "options.h"

int hook_run(const struct options *options, int log_fd);
int hook_usage_error(const struct error *err, int log_fd);

#endif
