// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is to be done with a container, and what the caller is told by the exit
 * status.
 */
#include "policy.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/**
 * fallback_from_name() - a fallback by its name.
 * @name: skip, walk or sync
 *
 * Return: it; FALLBACK_UNSET if there is none of that name.
 */
enum fallback fallback_from_name(const char *name)
{
	if (!strcmp(name, "skip"))
		return FALLBACK_SKIP;
	if (!strcmp(name, "walk"))
		return FALLBACK_WALK;
	if (!strcmp(name, "sync"))
		return FALLBACK_SYNC;
	return FALLBACK_UNSET;
}

/**
 * format_from_name() - a log format by its name.
 * @name: text or json
 *
 * Return: it; FORMAT_UNSET if there is none of that name.
 */
enum log_format format_from_name(const char *name)
{
	if (!strcmp(name, "text"))
		return FORMAT_TEXT;
	if (!strcmp(name, "json"))
		return FORMAT_JSON;
	return FORMAT_UNSET;
}

/**
 * timeout_from_text() - a number of seconds.
 * @text: digits only
 * @seconds: where to; 1 to TIMEOUT_MAX
 *
 * Return: 0 or -1.
 */
int timeout_from_text(const char *text, unsigned int *seconds)
{
	size_t len = strlen(text);
	long value;

	if (!len || strspn(text, "0123456789") != len)
		return -1;
	errno = 0;
	value = strtol(text, NULL, 10);
	if (errno || value < 1 || value > TIMEOUT_MAX)
		return -1;
	*seconds = (unsigned int)value;
	return 0;
}

/**
 * policy_init() - the defaults.
 * @p: filled in
 */
void policy_init(struct policy *p)
{
	memset(p, 0, sizeof(*p));
	p->enable = ENABLE_ALWAYS;
	p->annotations = true;
	p->timeout = TIMEOUT_DEFAULT;
	p->format = FORMAT_TEXT;
}

/**
 * policy_for_stage() - the default that depends on the stage.
 * @p: what the configuration file has made of it
 * @stage: the stage
 *
 * At poststop umount comes next and writes everything anyway. At the others
 * the sync is what somebody asked for.
 */
void policy_for_stage(struct policy *p, enum stage stage)
{
	if (p->fallback == FALLBACK_UNSET)
		p->fallback = stage == STAGE_POSTSTOP ? FALLBACK_SKIP
						      : FALLBACK_SYNC;
}

static int boolean(const char *text, bool *value)
{
	*value = !strcmp(text, "true");
	return *value || !strcmp(text, "false") ? 0 : -1;
}

static void annotate_timeout(struct policy *p, const char *text,
			     struct note *note)
{
	unsigned int most = p->timeout, seconds;

	if (p->ceiling.timeout > most)
		most = p->ceiling.timeout;
	if (timeout_from_text(text, &seconds) < 0) {
		note_add(note,
			 "annotation timeout=\"%.64s\" ignored: not 1 to %d",
			 text, TIMEOUT_MAX);
		return;
	}
	if (seconds > most) {
		note_add(note, "annotation timeout=%u limited to %u", seconds,
			 most);
		seconds = most;
	}
	p->timeout = seconds;
}

static void annotate_strict(struct policy *p, const char *text,
			    struct note *note)
{
	bool strict;

	if (boolean(text, &strict) < 0)
		note_add(
			note,
			"annotation strict=\"%.64s\" ignored: not true or false",
			text);
	else if (strict && !p->strict && !p->ceiling.strict)
		note_add(note, "annotation strict=true not permitted");
	else
		p->strict = strict;
}

static void annotate_fallback(struct policy *p, const char *text,
			      struct note *note)
{
	enum fallback fallback = fallback_from_name(text);

	if (fallback == FALLBACK_UNSET)
		note_add(
			note,
			"annotation fallback=\"%.64s\" ignored: not skip, walk or sync",
			text);
	else if (fallback > p->fallback && fallback > p->ceiling.fallback)
		note_add(note, "annotation fallback=%s not permitted", text);
	else
		p->fallback = fallback;
}

/**
 * policy_annotate() - what the container's annotations make of a policy.
 * @p: after policy_for_stage()
 * @a: the annotations
 * @note: where to say what was not done as asked
 *
 * They come from whoever made the container, or its image: beyond the ceiling
 * they have no effect, and without one they can only ask for less.
 *
 * Return: whether this container is to be synced at all.
 */
bool policy_annotate(struct policy *p, const struct annotations *a,
		     struct note *note)
{
	bool enable = p->enable == ENABLE_ALWAYS;

	if (!p->annotations) {
		if (a->enable || a->timeout || a->strict || a->fallback ||
		    a->unknown)
			note_add(
				note,
				"annotations not heeded, as the configuration says");
		return enable;
	}
	if (a->enable && boolean(a->enable, &enable) < 0) {
		note_add(
			note,
			"annotation enable=\"%.64s\" ignored: not true or false",
			a->enable);
		enable = p->enable == ENABLE_ALWAYS;
	}
	if (a->timeout)
		annotate_timeout(p, a->timeout, note);
	if (a->strict)
		annotate_strict(p, a->strict, note);
	if (a->fallback)
		annotate_fallback(p, a->fallback, note);
	if (a->unknown)
		note_add(note, "unknown annotation %s%.64s ignored",
			 ANNOTATION_PREFIX, a->unknown);
	return enable && p->enable != ENABLE_NEVER;
}

/**
 * policy_exit_status() - the exit status of a run.
 * @stage: the stage; STAGE_UNKNOWN if it never became known
 * @strict: as in struct policy
 * @outcome: how the run ended
 *
 * A failing poststop hook disturbs the engine's cleanup and saves nothing, a
 * failing poststart hook or CRIU action loses the container: there only strict
 * lets a failure out. Who runs the command wants to know.
 *
 * Return: HOOK_EXIT_OK or HOOK_EXIT_FAILED.
 */
int policy_exit_status(enum stage stage, bool strict, enum outcome outcome)
{
	bool tell = strict || stage == STAGE_SYNC;

	switch (outcome) {
	case OUTCOME_SYNCED:
	case OUTCOME_SKIPPED:
		return HOOK_EXIT_OK;
	case OUTCOME_NO_OVERLAY:
		return tell ? HOOK_EXIT_FAILED : HOOK_EXIT_OK;
	default:
		break;
	}
	switch (stage) {
	case STAGE_POSTSTART:
	case STAGE_POSTSTOP:
	case STAGE_PRE_DUMP:
	case STAGE_POST_DUMP:
		return tell ? HOOK_EXIT_FAILED : HOOK_EXIT_OK;
	default:
		return HOOK_EXIT_FAILED;
	}
}
