// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the sync of each overlay would write. Only looks: no overlay is opened.
 */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json_object.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "confine.h"
#include "json.h"
#include "overlay.h"
#include "policy.h"
#include "text.h"

/**
 * struct table - the output.
 * @array: of objects, for JSON; NULL for a table
 * @parameter: where the kernel announces the feature
 */
struct table {
	struct json_object *array;
	const char *parameter;
};

static int complain(const char *what, const char *path, int errnum)
{
	struct error err;
	char line[4 * ERROR_TEXT_MAX];

	error_set(&err, errnum, "%s%s%s", what, path ? " " : "",
		  path ? path : "");
	text_escape(line, sizeof(line), err.text, "");
	fprintf(stderr, "oci-syncfs-hook: %s\n", line);
	return HOOK_EXIT_FAILED;
}

/* What the kernel would write. */
static const char *sync_name(const struct overlay *o)
{
	if (o->is_volatile || o->read_only)
		return "nothing";
	if (o->unknown)
		return "unknown";
	return o->per_overlay ? "per-overlay" : "whole-upper";
}

static const char *flags_name(const struct overlay *o)
{
	if (o->is_volatile)
		return o->read_only ? "volatile,read-only" : "volatile";
	return o->read_only ? "read-only" : "-";
}

static void add_row(const char *mount, const struct overlay *o)
{
	printf("%-11s  %-8s  %-18s  %s\n", sync_name(o),
	       *o->upper_fs ? o->upper_fs : "-", flags_name(o), mount);
}

static struct json_object *escaped(const char *s)
{
	char out[4 * 4096];

	if (!s)
		return NULL;
	text_escape(out, sizeof(out), s, "");
	return json_object_new_string(out);
}

static void add_object(struct json_object *array, const char *mount,
		       const struct overlay *o)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "mount", json_object_new_string(mount));
	json_object_object_add(obj, "sync",
			       json_object_new_string(sync_name(o)));
	json_object_object_add(obj, "upper",
			       escaped(*o->upper_fs ? o->upper_fs : NULL));
	json_object_object_add(obj, "upperdir", escaped(o->upper));
	json_object_object_add(obj, "volatile",
			       json_object_new_boolean(o->is_volatile));
	json_object_object_add(obj, "read_only",
			       json_object_new_boolean(o->read_only));
	json_object_array_add(array, obj);
}

static void add(const struct table *t, const struct mountinfo *m)
{
	cleanup_overlay struct overlay o = { 0 };
	char mount[4 * 4096];

	overlay_look(m, t->parameter, &o);
	text_escape(mount, sizeof(mount), m->point, "");
	if (t->array)
		add_object(t->array, mount, &o);
	else
		add_row(mount, &o);
}

static int add_all(const struct table *t)
{
	cleanup_mountinfo struct mountinfo m = { 0 };
	cleanup_fclose FILE *f = fopen(MOUNTINFO, "re");

	if (!f)
		return complain("cannot open", MOUNTINFO, errno);
	while (mountinfo_next(f, &m))
		if (!strcmp(m.type, "overlay"))
			add(t, &m);
	return HOOK_EXIT_OK;
}

static int add_path(const struct table *t, const char *path)
{
	cleanup_mountinfo struct mountinfo m = { 0 };
	cleanup_fclose FILE *f = NULL;
	struct statx stx;

	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_MNT_ID, &stx) < 0)
		return complain("cannot look at", path, errno);
	f = fopen(MOUNTINFO, "re");
	if (!f)
		return complain("cannot open", MOUNTINFO, errno);
	if (!mountinfo_find(f, stx.stx_mnt_id, &m) ||
	    strcmp(m.type, "overlay") != 0)
		return complain("not on an overlay:", path, 0);
	add(t, &m);
	return HOOK_EXIT_OK;
}

/**
 * status_print() - print what the sync of overlays would write.
 * @paths: which ones, NULL at the end; all if there are none
 * @json: whether as JSON
 * @parameter: where the kernel announces the feature: OVERLAY_PARAMETER
 *
 * Return: the exit status.
 */
int status_print(char *const *paths, bool json, const char *parameter)
{
	cleanup_json struct json_object *array = NULL;
	struct table t = { .parameter = parameter };
	int status = HOOK_EXIT_OK;
	bool bounding_kept;
	struct error err;

	if (confine_prepare(false, &bounding_kept, &err) < 0)
		return complain(err.text, NULL, 0);
	if (json)
		t.array = array = json_object_new_array();
	else
		printf("%-11s  %-8s  %-18s  %s\n", "SYNC", "UPPER", "FLAGS",
		       "MOUNT");
	if (!*paths)
		status = add_all(&t);
	for (; *paths; paths++)
		if (add_path(&t, *paths) != HOOK_EXIT_OK)
			status = HOOK_EXIT_FAILED;
	if (array)
		puts(json_object_to_json_string_ext(
			array, JSON_C_TO_STRING_PRETTY |
				       JSON_C_TO_STRING_SPACED |
				       JSON_C_TO_STRING_NOSLASHESCAPE));
	if (fflush(stdout) || ferror(stdout))
		return complain("cannot write to standard output", NULL, errno);
	return status;
}
