/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_POLICY_H
#define HOOK_POLICY_H

#include <stdbool.h>

#include "annotations.h"
#include "note.h"
#include "result.h"
#include "stage.h"

#define TIMEOUT_DEFAULT 8
#define TIMEOUT_MAX 3600

/**
 * enum enable - which containers are synced.
 * @ENABLE_ALWAYS: all that the hook is started for, but for those whose
 *	annotation says no
 * @ENABLE_ANNOTATION: those whose annotation says yes
 * @ENABLE_NEVER: none
 */
enum enable {
	ENABLE_ALWAYS,
	ENABLE_ANNOTATION,
	ENABLE_NEVER,
};

/**
 * enum fallback - what to do where the kernel has no per-overlay syncfs.
 * @FALLBACK_UNSET: as policy_for_stage() decides
 * @FALLBACK_SKIP: nothing
 * @FALLBACK_WALK: fsync each file of the upper directory
 * @FALLBACK_SYNC: syncfs, of everybody's data
 *
 * In the order in which neighbours notice it.
 */
enum fallback {
	FALLBACK_UNSET,
	FALLBACK_SKIP,
	FALLBACK_WALK,
	FALLBACK_SYNC,
};

/* enum log_format - how the record is written: a line of text, or JSON. */
enum log_format {
	FORMAT_UNSET,
	FORMAT_TEXT,
	FORMAT_JSON,
};

/**
 * struct ceiling - what annotations may ask for at most.
 * @timeout: seconds; 0: no more than the policy's own
 * @strict: whether they may ask for strictness
 * @fallback: FALLBACK_UNSET: no more than the policy's own
 */
struct ceiling {
	unsigned int timeout;
	bool strict;
	enum fallback fallback;
};

/**
 * struct policy - what is to be done, and how.
 * @enable: see there
 * @timeout: when to leave, in seconds
 * @strict: whether whatever was not synced is a failure
 * @fallback: see there
 * @format: see there
 * @ceiling: see there
 * @annotations: whether annotations are heeded at all
 * @dry_run: do everything but the sync
 *
 * Made of, in this order: the defaults, the configuration file, the container's
 * annotations, the command line.
 */
struct policy {
	enum enable enable;
	unsigned int timeout;
	bool strict;
	enum fallback fallback;
	enum log_format format;
	struct ceiling ceiling;
	bool annotations;
	bool dry_run;
};

/* Exit statuses; documented in hook/README.md and --help. */
enum {
	HOOK_EXIT_OK = 0,
	HOOK_EXIT_FAILED = 1,
	HOOK_EXIT_USAGE = 2,
};

enum fallback fallback_from_name(const char *name);
enum log_format format_from_name(const char *name);
int timeout_from_text(const char *text, unsigned int *seconds);
void policy_init(struct policy *p);
void policy_for_stage(struct policy *p, enum stage stage);
bool policy_annotate(struct policy *p, const struct annotations *a,
		     struct note *note);
int policy_exit_status(enum stage stage, bool strict, enum outcome outcome);

#endif
