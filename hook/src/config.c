// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The administrator's configuration file: one JSON object.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "json.h"

static const char *const KEYS[] = { "enable",	   "timeout",	 "strict",
				    "fallback",	   "log-format", "ceiling",
				    "annotations", NULL };
static const char *const CEILING_KEYS[] = { "timeout", "strict", "fallback",
					    NULL };

static int take_enable(struct json_object *obj, const char *name,
		       enum enable *enable, struct error *err)
{
	const char *s;

	if (json_get_string(obj, "enable", name, false, &s, err) < 0)
		return -1;
	if (!s)
		return 0;
	if (!strcmp(s, "always"))
		*enable = ENABLE_ALWAYS;
	else if (!strcmp(s, "annotation"))
		*enable = ENABLE_ANNOTATION;
	else if (!strcmp(s, "never"))
		*enable = ENABLE_NEVER;
	else
		return error_set(
			err, 0,
			"\"enable\" in %s is \"%s\": it can be always, annotation or never",
			name, s);
	return 0;
}

static int take_format(struct json_object *obj, const char *name,
		       enum log_format *format, struct error *err)
{
	const char *s;

	if (json_get_string(obj, "log-format", name, false, &s, err) < 0)
		return -1;
	if (!s)
		return 0;
	*format = format_from_name(s);
	if (*format == FORMAT_UNSET)
		return error_set(
			err, 0,
			"\"log-format\" in %s is \"%s\": it can be text or json",
			name, s);
	return 0;
}

static int take_fallback(struct json_object *obj, const char *name,
			 enum fallback *fallback, struct error *err)
{
	const char *s;

	if (json_get_string(obj, "fallback", name, false, &s, err) < 0)
		return -1;
	if (!s)
		return 0;
	*fallback = fallback_from_name(s);
	if (*fallback == FALLBACK_UNSET)
		return error_set(
			err, 0,
			"\"fallback\" in %s is \"%s\": it can be skip, walk or sync",
			name, s);
	return 0;
}

static int take_timeout(struct json_object *obj, const char *name,
			unsigned int *timeout, struct error *err)
{
	return json_get_number(obj, "timeout", name, 1, TIMEOUT_MAX, timeout,
			       err);
}

static int take_ceiling(struct json_object *obj, const char *name,
			struct ceiling *c, struct error *err)
{
	struct json_object *member;

	if (!json_object_object_get_ex(obj, "ceiling", &member))
		return 0;
	if (json_get_object(obj, "ceiling", name, &member, err) < 0 ||
	    json_only_keys(member, name, CEILING_KEYS, err) < 0 ||
	    take_timeout(member, name, &c->timeout, err) < 0 ||
	    json_get_bool(member, "strict", name, &c->strict, err) < 0)
		return -1;
	return take_fallback(member, name, &c->fallback, err);
}

/**
 * config_parse() - what a configuration file makes of a policy.
 * @text: its bytes; need not be terminated
 * @len: their number
 * @name: what it is, for messages
 * @p: the defaults; changed where the file says something else
 * @err: what is wrong with it
 *
 * A member that there is not is an error: it may be a misspelt limit.
 *
 * Return: 0 or -1.
 */
int config_parse(const char *text, size_t len, const char *name,
		 struct policy *p, struct error *err)
{
	cleanup_json struct json_object *obj = NULL;

	obj = json_parse(text, len, name, err);
	if (!obj)
		return -1;
	if (json_only_keys(obj, name, KEYS, err) < 0 ||
	    take_enable(obj, name, &p->enable, err) < 0 ||
	    take_timeout(obj, name, &p->timeout, err) < 0 ||
	    json_get_bool(obj, "strict", name, &p->strict, err) < 0 ||
	    take_fallback(obj, name, &p->fallback, err) < 0 ||
	    take_format(obj, name, &p->format, err) < 0 ||
	    json_get_bool(obj, "annotations", name, &p->annotations, err) < 0)
		return -1;
	if (p->enable == ENABLE_ANNOTATION && !p->annotations)
		return error_set(
			err, 0,
			"%s has \"enable\": \"annotation\" and \"annotations\": false: no container could ask for its sync",
			name);
	return take_ceiling(obj, name, &p->ceiling, err);
}

/* What root's files belong to in a user namespace that root is not mapped in. */
#define OVERFLOW_UID 65534

/* Elsewhere that one is nobody's, who is somebody. /proc/sys is always root's. */
static bool root_is_unmapped(void)
{
	struct stat st;

	return !stat("/proc/sys", &st) && st.st_uid == OVERFLOW_UID;
}

/* Whoever can write the file decides for root what is synced. */
static int check_owner(const struct stat *st, const char *path,
		       struct error *err)
{
	bool ours = st->st_uid == 0 || st->st_uid == geteuid() ||
		    (st->st_uid == OVERFLOW_UID && root_is_unmapped());

	if (!ours || (st->st_mode & (S_IWGRP | S_IWOTH)))
		return error_set(
			err, 0,
			"\"%s\" can be written by others than its administrator: chown it to root, chmod it to 644",
			path);
	return 0;
}

/**
 * config_load() - read the configuration file.
 * @path: its path
 * @required: whether it is an error that there is none
 * @deadline: until when it may be read
 * @p: as for config_parse()
 * @err: why it cannot be used
 *
 * Return: 0 or -1.
 */
int config_load(const char *path, bool required,
		const struct deadline *deadline, struct policy *p,
		struct error *err)
{
	cleanup_free char *text = NULL;
	struct stat st;
	size_t len;

	if (file_read(AT_FDCWD, path, path, deadline, &text, &len, &st, err) <
	    0)
		return !required && err->errnum == ENOENT ? 0 : -1;
	if (check_owner(&st, path, err) < 0)
		return -1;
	return config_parse(text, len, path, p, err);
}
