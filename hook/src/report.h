/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_REPORT_H
#define HOOK_REPORT_H

#include <stddef.h>

#include "note.h"
#include "policy.h"
#include "result.h"
#include "stage.h"

#define REPORT_IDENT "oci-syncfs-hook"

/* A pipe takes this much whole or says that it cannot. */
#define REPORT_LINE_MAX 4000

/**
 * struct record - what the one line says.
 * @id: the container's id, or NULL
 * @stage: see there
 * @total_ns: how long the run took, for where there was no sync
 * @result: see there
 * @note: remarks besides those in @result, or NULL
 */
struct record {
	const char *id;
	enum stage stage;
	int64_t total_ns;
	const struct result *result;
	const struct note *note;
};

void report_format(const struct record *record, enum log_format format,
		   char *line, size_t size);
int report_priority(enum outcome outcome);
void report_stderr(const char *ident, const char *line);

#endif
