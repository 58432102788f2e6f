/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_RUN_H
#define HOOK_RUN_H

#include "options.h"

int run(const struct options *options, const char *parameter, int log_fd);
int run_usage_error(const struct options *options, const struct error *err,
		    int log_fd);

#endif
