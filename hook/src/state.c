// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state that the OCI runtime writes to a hook's standard input.
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* Copy the member @key of @obj, if there is one. */
static int copy_string(struct json_object *obj, const char *key, bool required,
		       char **out, struct error *err)
{
	const char *s;

	if (json_get_string(obj, key, STATE_NAME, required, &s, err) < 0)
		return -1;
	if (!s)
		return 0;
	*out = strdup(s);
	if (!*out)
		return error_set(err, ENOMEM, "cannot keep \"%s\" of %s", key,
				 STATE_NAME);
	return 0;
}

/**
 * state_parse() - take what is needed from a state.
 * @text: the state as read; need not be terminated
 * @len: its length
 * @state: where to; zeroed by the caller. On failure it keeps what was found
 *	so far, so that the report can name the container.
 * @err: why it cannot be used
 *
 * The pid is not asked for: at poststop runc leaves it out and crun says 0.
 *
 * Return: 0 or -1; state_clear() in both cases.
 */
int state_parse(const char *text, size_t len, struct oci_state *state,
		struct error *err)
{
	cleanup_json struct json_object *obj = NULL;

	obj = json_parse(text, len, STATE_NAME, err);
	if (!obj)
		return -1;
	if (copy_string(obj, "id", true, &state->id, err) < 0 ||
	    copy_string(obj, "status", false, &state->status, err) < 0 ||
	    copy_string(obj, "bundle", true, &state->bundle, err) < 0)
		return -1;
	if (state->bundle[0] != '/')
		return error_set(
			err, 0,
			"\"bundle\" in %s is \"%s\": not an absolute path",
			STATE_NAME, state->bundle);
	return annotations_take(obj, STATE_NAME, &state->annotations, err);
}

/**
 * state_clear() - free what state_parse() took.
 * @state: the state
 */
void state_clear(struct oci_state *state)
{
	free(state->id);
	free(state->status);
	free(state->bundle);
	annotations_clear(&state->annotations);
	memset(state, 0, sizeof(*state));
}
