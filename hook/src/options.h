/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_OPTIONS_H
#define HOOK_OPTIONS_H

#include <stdbool.h>

#include "error.h"
#include "policy.h"

#define TIMEOUT_DEFAULT 8
#define TIMEOUT_MAX 3600

/**
 * struct options - the command line.
 * @stage: --stage, or STAGE_UNKNOWN
 * @strict: --strict
 * @timeout: --timeout, in seconds
 * @help: --help
 * @version: --version
 */
struct options {
	enum stage stage;
	bool strict;
	unsigned int timeout;
	bool help;
	bool version;
};

extern const char OPTIONS_HELP[];

int options_parse(int argc, char *const *argv, struct options *o,
		  struct error *err);

#endif
