/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_OPTIONS_H
#define HOOK_OPTIONS_H

#include <stdbool.h>

#include "error.h"
#include "policy.h"
#include "target.h"

/* enum verb - which of the four ways in was taken. */
enum verb {
	VERB_HOOK,
	VERB_CRIU,
	VERB_SYNC,
	VERB_STATUS,
};

/**
 * struct options - the command line.
 * @verb: see there
 * @stage: --stage, or STAGE_UNKNOWN
 * @strict: --strict
 * @timeout: --timeout, in seconds, or 0
 * @fallback: --fallback, or FALLBACK_UNSET
 * @format: --log-format, or FORMAT_UNSET
 * @dry_run: --dry-run
 * @config: --config, or NULL
 * @target: of sync: --bundle, --pid, or its argument
 * @json: of status: --json
 * @paths: of status: its arguments, NULL at the end
 * @help: --help
 * @version: --version
 *
 * Strings are those of main()'s argv.
 */
struct options {
	enum verb verb;
	enum stage stage;
	bool strict;
	unsigned int timeout;
	enum fallback fallback;
	enum log_format format;
	bool dry_run;
	const char *config;
	struct target target;
	bool json;
	char *const *paths;
	bool help;
	bool version;
};

extern const char OPTIONS_HELP[];

int options_parse(int argc, char **argv, struct options *o, struct error *err);

#endif
