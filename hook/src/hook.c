// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hook mode: the container is that of the state on standard input.
 */
#include "hook.h"

#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "input.h"
#include "state.h"

/**
 * hook_job() - make a job of the state on standard input.
 * @deadline: until when it has to be there
 * @job: filled in; its stage is told from the state if it is not known. On
 *	failure it keeps what was found so far, for the report.
 * @err: why there is no job
 *
 * Return: 0 or -1.
 */
int hook_job(const struct deadline *deadline, struct job *job,
	     struct error *err)
{
	cleanup_state struct oci_state state = { 0 };
	cleanup_free char *text = NULL;
	size_t len;
	int ret;

	if (input_read(STDIN_FILENO, STATE_NAME, deadline, &text, &len, err) <
	    0)
		return -1;
	ret = state_parse(text, len, &state, err);
	if (!ret && job->stage == STAGE_UNKNOWN)
		ret = stage_from_status(state.status, &job->stage, err);
	job->id = state.id;
	job->path = state.bundle;
	job->annotations = state.annotations;
	state.id = NULL;
	state.bundle = NULL;
	memset(&state.annotations, 0, sizeof(state.annotations));
	job->target.kind = TARGET_BUNDLE;
	job->target.path = job->path;
	return ret;
}
