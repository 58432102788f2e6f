// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which stage this is, and what the caller is told by the exit status.
 */
#include "policy.h"

#include <stddef.h>
#include <string.h>

/**
 * stage_name() - a stage as --stage spells it.
 * @stage: the stage
 *
 * Return: its name.
 */
const char *stage_name(enum stage stage)
{
	switch (stage) {
	case STAGE_PRESTART:
		return "prestart";
	case STAGE_POSTSTOP:
		return "poststop";
	default:
		return "unknown";
	}
}

/**
 * stage_from_name() - the stage that a name means.
 * @name: as given to --stage
 *
 * Return: the stage, STAGE_UNKNOWN if there is none of that name.
 */
enum stage stage_from_name(const char *name)
{
	if (!strcmp(name, "prestart"))
		return STAGE_PRESTART;
	if (!strcmp(name, "poststop"))
		return STAGE_POSTSTOP;
	return STAGE_UNKNOWN;
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
	else
		return error_set(
			err, 0,
			"no stage: the container's status is \"%s\"; use --stage prestart or --stage poststop",
			status ? status : "(none)");
	return 0;
}

/**
 * policy_exit_status() - the exit status of a run.
 * @stage: the stage; STAGE_UNKNOWN if it never became known
 * @strict: whether --strict was given
 * @outcome: how the run ended
 *
 * A failing poststop hook disturbs the engine's cleanup and saves nothing, so
 * at poststop only --strict lets a failure out.
 *
 * Return: HOOK_EXIT_OK or HOOK_EXIT_FAILED.
 */
int policy_exit_status(enum stage stage, bool strict, enum outcome outcome)
{
	if (outcome == OUTCOME_SYNCED || outcome == OUTCOME_SKIPPED)
		return HOOK_EXIT_OK;
	if (stage == STAGE_POSTSTOP && !strict)
		return HOOK_EXIT_OK;
	return HOOK_EXIT_FAILED;
}
