// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The points of a container's life.
 */
#include "stage.h"

#include <stddef.h>
#include <string.h>

static const char *const NAMES[] = {
	[STAGE_UNKNOWN] = "unknown",
	[STAGE_PRESTART] = "prestart",
	[STAGE_CREATE_RUNTIME] = "createRuntime",
	[STAGE_POSTSTART] = "poststart",
	[STAGE_POSTSTOP] = "poststop",
	[STAGE_PRE_DUMP] = "pre-dump",
	[STAGE_POST_DUMP] = "post-dump",
	[STAGE_SYNC] = "sync",
};

/**
 * stage_name() - a stage as the OCI runtime specification or CRIU spells it.
 * @stage: the stage
 *
 * Return: its name.
 */
const char *stage_name(enum stage stage)
{
	return NAMES[stage];
}

static enum stage find(const char *name, enum stage first, enum stage last)
{
	enum stage s;

	for (s = first; s <= last; s++)
		if (!strcmp(name, NAMES[s]))
			return s;
	return STAGE_UNKNOWN;
}

/**
 * stage_of_hook() - the stage that an OCI hook's name means.
 * @name: as given to --stage
 *
 * Return: the stage, STAGE_UNKNOWN if there is none of that name.
 */
enum stage stage_of_hook(const char *name)
{
	return find(name, STAGE_PRESTART, STAGE_POSTSTOP);
}

/**
 * stage_of_criu() - the stage that a CRIU action means.
 * @action: CRTOOLS_SCRIPT_ACTION
 *
 * There is nothing to be done for the others. network-lock comes between the
 * two, with the tasks frozen: a sync there would only keep them so for longer.
 *
 * Return: the stage, STAGE_UNKNOWN if it is none of ours.
 */
enum stage stage_of_criu(const char *action)
{
	return find(action, STAGE_PRE_DUMP, STAGE_POST_DUMP);
}

/**
 * stage_from_status() - tell the stage from the status in the OCI state.
 * @status: the status, or NULL
 * @stage: where to
 * @err: why it does not tell
 *
 * Return: 0 or -1.
 */
int stage_from_status(const char *status, enum stage *stage, struct error *err)
{
	if (status && !strcmp(status, "stopped"))
		*stage = STAGE_POSTSTOP;
	else if (status &&
		 (!strcmp(status, "creating") || !strcmp(status, "created")))
		*stage = STAGE_PRESTART;
	else if (status && !strcmp(status, "running"))
		*stage = STAGE_POSTSTART;
	else
		return error_set(
			err, 0,
			"no stage: the container's status is \"%s\"; use --stage",
			status ? status : "(none)");
	return 0;
}

/**
 * stage_has_writers() - whether the container's tasks may write meanwhile.
 * @stage: the stage
 *
 * Return: false if there are none, or they are frozen.
 */
bool stage_has_writers(enum stage stage)
{
	return stage == STAGE_POSTSTART || stage == STAGE_PRE_DUMP ||
	       stage == STAGE_SYNC;
}
