/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_ANNOTATIONS_H
#define HOOK_ANNOTATIONS_H

#include <json-c/json_object.h>

#include "error.h"

#define ANNOTATION_PREFIX "io.overlay-syncfs."

/**
 * struct annotations - those of a container that are for the hook.
 * @enable: true or false
 * @timeout: seconds
 * @strict: true or false
 * @fallback: skip, walk or sync
 * @unknown: the name, without the prefix, of one that there is not
 *
 * As written, or NULL; nothing is checked here but that they are strings.
 */
struct annotations {
	char *enable;
	char *timeout;
	char *strict;
	char *fallback;
	char *unknown;
};

int annotations_take(struct json_object *obj, const char *name,
		     struct annotations *a, struct error *err);
void annotations_clear(struct annotations *a);

#endif
