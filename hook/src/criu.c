// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CRIU action script: the container is that of the process that is dumped.
 *
 * runc starts a script of its configuration file twice for each action. That
 * does no harm: the second sync finds little to do.
 */
#include "criu.h"

#include <stdlib.h>

#include "target.h"

#define CRIU_PID "CRTOOLS_INIT_PID"

/**
 * criu_job() - make a job of CRIU's environment variables.
 * @job: filled in
 * @err: why there is no job
 *
 * Return: 0; 1 if there is nothing to do at this action; or -1.
 */
int criu_job(struct job *job, struct error *err)
{
	const char *action = getenv(CRIU_ACTION);
	const char *pid = getenv(CRIU_PID);

	if (!action)
		return error_set(
			err, 0,
			"no " CRIU_ACTION
			": CRIU has to start this, as its action script");
	job->stage = stage_of_criu(action);
	if (job->stage == STAGE_UNKNOWN)
		return 1;
	job->target.kind = TARGET_PID;
	if (!pid || pid_from_text(pid, &job->target.pid) < 0)
		return error_set(err, 0,
				 "%s: " CRIU_PID " is \"%s\": not a process",
				 action, pid ? pid : "");
	return 0;
}
