// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is to be done, whoever asked for it.
 */
#include "job.h"

#include <stdlib.h>
#include <string.h>

/**
 * job_clear() - free what a job owns.
 * @job: the job
 */
void job_clear(struct job *job)
{
	annotations_clear(&job->annotations);
	free(job->id);
	free(job->path);
	memset(job, 0, sizeof(*job));
}
