/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_JSON_H
#define HOOK_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json_object.h>

#include "error.h"

/* A config.json nests eight deep; json-c recurses when it frees. */
#define JSON_DEPTH_MAX 32

static inline void cleanup_json_fn(struct json_object **obj)
{
	json_object_put(*obj);
}

#define cleanup_json __attribute__((cleanup(cleanup_json_fn)))

struct json_object *json_parse(const char *text, size_t len, const char *name,
			       struct error *err);
int json_get_object(struct json_object *obj, const char *key, const char *name,
		    struct json_object **out, struct error *err);
int json_get_string(struct json_object *obj, const char *key, const char *name,
		    bool required, const char **out, struct error *err);
int json_get_bool(struct json_object *obj, const char *key, const char *name,
		  bool *out, struct error *err);
int json_get_number(struct json_object *obj, const char *key, const char *name,
		    unsigned int min, unsigned int max, unsigned int *out,
		    struct error *err);
int json_only_keys(struct json_object *obj, const char *name,
		   const char *const *keys, struct error *err);

#endif
