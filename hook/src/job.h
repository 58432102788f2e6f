/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_JOB_H
#define HOOK_JOB_H

#include "annotations.h"
#include "policy.h"
#include "stage.h"
#include "target.h"

/**
 * struct job - one sync that is to be done.
 * @stage: see there
 * @target: what is to be synced
 * @policy: how
 * @annotations: those of the container
 * @id: the container's id, or NULL
 * @path: what @target borrows, if it is not the command line's
 * @parameter: where the kernel announces the feature: OVERLAY_PARAMETER, except
 *	in tests
 */
struct job {
	enum stage stage;
	struct target target;
	struct policy policy;
	struct annotations annotations;
	char *id;
	char *path;
	const char *parameter;
};

void job_clear(struct job *job);

#define cleanup_job __attribute__((cleanup(job_clear)))

#endif
