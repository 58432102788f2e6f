// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json-c, used so that nothing but one well-formed object gets past it.
 */
#include "json.h"

#include <errno.h>
#include <json-c/json_tokener.h>
#include <json-c/linkhash.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/*
 * An object of json-c takes some 800 bytes, were it empty: 1 MiB of them would
 * take 270 MiB, and its time to make. A config.json has a few hundred.
 */
#define OBJECTS_MAX 20000

static void cleanup_tokener_fn(struct json_tokener **tok)
{
	if (*tok)
		json_tokener_free(*tok);
}

#define cleanup_tokener __attribute__((cleanup(cleanup_tokener_fn)))

static bool is_json_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One pass of json-c over a text without blanks at its end. */
static struct json_object *parse_pass(const char *text, size_t len, int flags,
				      const char *name, struct error *err)
{
	cleanup_tokener struct json_tokener *tok = NULL;
	struct json_object *obj;
	enum json_tokener_error why;
	size_t end;

	tok = json_tokener_new_ex(JSON_DEPTH_MAX);
	if (!tok) {
		error_set(err, 0, "cannot parse %s: out of memory", name);
		return NULL;
	}
	json_tokener_set_flags(tok, flags);
	obj = json_tokener_parse_ex(tok, text, (int)len);
	why = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	if (why == json_tokener_success && end == len)
		return obj;
	if (why == json_tokener_success)
		error_set(err, 0, "%s has something after its JSON at byte %zu",
			  name, end);
	else if (why == json_tokener_continue)
		error_set(err, 0,
			  "%s is truncated: JSON ends early at byte %zu", name,
			  len);
	else if (why == json_tokener_error_depth)
		error_set(err, 0, "%s is nested deeper than %d levels: refused",
			  name, JSON_DEPTH_MAX);
	else
		error_set(err, 0, "%s is not valid JSON at byte %zu: %s", name,
			  end, json_tokener_error_desc(why));
	json_object_put(obj);
	return NULL;
}

/*
 * Whether the grammar is right. json-c's strict mode takes every byte over
 * 0x7f in a string for a control character (json-c issue 892; 0.18 at least),
 * so it is shown the text without them; no such byte belongs anywhere else,
 * and neither does what it is replaced by.
 */
static int check_grammar(const char *text, size_t len, const char *name,
			 struct error *err)
{
	cleanup_free char *ascii = malloc(len);
	cleanup_json struct json_object *obj = NULL;
	size_t i;

	if (!ascii)
		return error_set(err, ENOMEM, "cannot parse %s", name);
	for (i = 0; i < len; i++)
		ascii[i] = text[i] & 0x80 ? '?' : text[i];
	obj = parse_pass(ascii, len, JSON_TOKENER_STRICT, name, err);
	return obj ? 0 : -1;
}

/**
 * json_parse() - parse a text that has to be exactly one JSON object.
 * @text: the text; need not be terminated
 * @len: its length, at most INPUT_MAX
 * @name: what it is, for messages
 * @err: why it is not such a text, with the place
 *
 * Of duplicate keys the last one counts, as with most parsers; which is why
 * everything is taken from the parsed tree and nothing from the text. What
 * json-c lets pass even when it is strict: 'single quotes', NaN, Infinity.
 *
 * Return: the object, to be put by the caller, or NULL.
 */
struct json_object *json_parse(const char *text, size_t len, const char *name,
			       struct error *err)
{
	const char *nul, *p;
	size_t objects = 0;

	while (len && is_json_space(text[len - 1]))
		len--;
	while (len && is_json_space(text[0])) {
		text++;
		len--;
	}
	if (!len) {
		error_set(err, 0, "%s is empty", name);
		return NULL;
	}
	if (text[0] != '{') {
		error_set(err, 0, "%s is not a JSON object", name);
		return NULL;
	}
	/* json-c takes a NUL for the end and would ignore what follows. */
	nul = memchr(text, '\0', len);
	if (nul) {
		error_set(err, 0, "%s has a NUL byte at offset %zu", name,
			  (size_t)(nul - text));
		return NULL;
	}
	/* Those in strings count as well, as that is simple. */
	for (p = text; (p = memchr(p, '{', len - (size_t)(p - text))); p++)
		objects++;
	if (objects > OBJECTS_MAX) {
		error_set(err, 0, "%s has more than %d objects: refused", name,
			  OBJECTS_MAX);
		return NULL;
	}
	if (check_grammar(text, len, name, err) < 0)
		return NULL;
	return parse_pass(text, len, JSON_TOKENER_VALIDATE_UTF8, name, err);
}

/**
 * json_get_object() - a member that has to be an object.
 * @obj: the object it is a member of
 * @key: its name
 * @name: what @obj is, for messages
 * @out: where to put it; borrowed from @obj
 * @err: why there is none
 *
 * Return: 0 or -1.
 */
int json_get_object(struct json_object *obj, const char *key, const char *name,
		    struct json_object **out, struct error *err)
{
	struct json_object *member;

	if (!json_object_object_get_ex(obj, key, &member))
		return error_set(err, 0, "%s has no \"%s\"", name, key);
	if (!json_object_is_type(member, json_type_object))
		return error_set(err, 0, "\"%s\" in %s is not an object", key,
				 name);
	*out = member;
	return 0;
}

/**
 * json_get_string() - a member that has to be a string of some length.
 * @obj: the object it is a member of
 * @key: its name
 * @name: what @obj is, for messages
 * @required: whether it is an error that there is none
 * @out: where to put it; borrowed from @obj; NULL if there is none
 * @err: why it cannot be used
 *
 * Return: 0 or -1.
 */
int json_get_string(struct json_object *obj, const char *key, const char *name,
		    bool required, const char **out, struct error *err)
{
	struct json_object *member;
	const char *s;

	*out = NULL;
	if (!json_object_object_get_ex(obj, key, &member)) {
		if (!required)
			return 0;
		return error_set(err, 0, "%s has no \"%s\"", name, key);
	}
	if (!json_object_is_type(member, json_type_string))
		return error_set(err, 0, "\"%s\" in %s is not a string", key,
				 name);
	s = json_object_get_string(member);
	/* "\u0000": what a C string shows of it is not what was written. */
	if (strlen(s) != (size_t)json_object_get_string_len(member))
		return error_set(err, 0, "\"%s\" in %s contains a NUL", key,
				 name);
	if (!*s)
		return error_set(err, 0, "\"%s\" in %s is empty", key, name);
	*out = s;
	return 0;
}

/**
 * json_get_bool() - a member that has to be true or false, if there is one.
 * @obj: the object it is a member of
 * @key: its name
 * @name: what @obj is, for messages
 * @out: where to put it; unchanged if there is none
 * @err: why it cannot be used
 *
 * Return: 0 or -1.
 */
int json_get_bool(struct json_object *obj, const char *key, const char *name,
		  bool *out, struct error *err)
{
	struct json_object *member;

	if (!json_object_object_get_ex(obj, key, &member))
		return 0;
	if (!json_object_is_type(member, json_type_boolean))
		return error_set(err, 0, "\"%s\" in %s is not true or false",
				 key, name);
	*out = json_object_get_boolean(member);
	return 0;
}

/**
 * json_get_number() - a member that has to be an integer, if there is one.
 * @obj: the object it is a member of
 * @key: its name
 * @name: what @obj is, for messages
 * @min: the least that it can be
 * @max: the most
 * @out: where to put it; unchanged if there is none
 * @err: why it cannot be used
 *
 * Return: 0 or -1.
 */
int json_get_number(struct json_object *obj, const char *key, const char *name,
		    unsigned int min, unsigned int max, unsigned int *out,
		    struct error *err)
{
	struct json_object *member;
	int64_t value;

	if (!json_object_object_get_ex(obj, key, &member))
		return 0;
	value = json_object_get_int64(member);
	if (!json_object_is_type(member, json_type_int) || value < min ||
	    value > max)
		return error_set(err, 0,
				 "\"%s\" in %s is not a number from %u to %u",
				 key, name, min, max);
	*out = (unsigned int)value;
	return 0;
}

/**
 * json_only_keys() - make sure that an object has no other members.
 * @obj: the object
 * @name: what it is, for messages
 * @keys: the names it may have; NULL at the end
 * @err: which one is none of them
 *
 * Return: 0 or -1.
 */
int json_only_keys(struct json_object *obj, const char *name,
		   const char *const *keys, struct error *err)
{
	json_object_object_foreach(obj, key, member)
	{
		const char *const *k = keys;

		(void)member;
		while (*k && strcmp(*k, key) != 0)
			k++;
		if (!*k)
			return error_set(err, 0, "%s has an unknown \"%s\"",
					 name, key);
	}
	return 0;
}
