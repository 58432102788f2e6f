// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The container's annotations, as far as they are for the hook.
 */
#include "annotations.h"

#include <errno.h>
#include <json-c/linkhash.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* An empty one is as good as any other nonsense: policy.c remarks on it. */
static bool is_empty(struct json_object *member)
{
	return json_object_is_type(member, json_type_string) &&
	       !json_object_get_string_len(member);
}

/* Where the annotation called @name, without the prefix, goes. */
static char **place(struct annotations *a, const char *name)
{
	if (!strcmp(name, "enable"))
		return &a->enable;
	if (!strcmp(name, "timeout"))
		return &a->timeout;
	if (!strcmp(name, "strict"))
		return &a->strict;
	if (!strcmp(name, "fallback"))
		return &a->fallback;
	return &a->unknown;
}

static int keep(char **out, const char *s, struct error *err)
{
	free(*out);
	*out = strdup(s);
	return *out ? 0 : error_set(err, ENOMEM, "cannot keep an annotation");
}

/**
 * annotations_take() - take the hook's annotations from a state or config.json.
 * @obj: that
 * @name: what it is, for messages
 * @a: where to; zeroed by the caller
 * @err: why they cannot be used
 *
 * Return: 0 or -1; annotations_clear() in both cases.
 */
int annotations_take(struct json_object *obj, const char *name,
		     struct annotations *a, struct error *err)
{
	static const size_t prefix = sizeof(ANNOTATION_PREFIX) - 1;
	struct json_object *all;

	if (!json_object_object_get_ex(obj, "annotations", &all) || !all)
		return 0;
	if (!json_object_is_type(all, json_type_object))
		return error_set(
			err, 0, "\"annotations\" in %s is not an object", name);
	json_object_object_foreach(all, key, member)
	{
		char **out;
		const char *s;

		if (strncmp(key, ANNOTATION_PREFIX, prefix) != 0)
			continue;
		out = place(a, key + prefix);
		if (out == &a->unknown)
			s = key + prefix;
		else if (is_empty(member))
			s = "";
		else if (json_get_string(all, key, "annotations", true, &s,
					 err) < 0)
			return -1;
		if (keep(out, s, err) < 0)
			return -1;
	}
	return 0;
}

/**
 * annotations_clear() - free what annotations_take() took.
 * @a: the annotations
 */
void annotations_clear(struct annotations *a)
{
	free(a->enable);
	free(a->timeout);
	free(a->strict);
	free(a->fallback);
	free(a->unknown);
	memset(a, 0, sizeof(*a));
}
