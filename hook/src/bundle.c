// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bundle: a directory with a config.json that says where the rootfs is.
 */
#include "bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "json.h"
#include "path.h"

/**
 * bundle_open() - open a bundle's directory.
 * @bundle: its absolute path; symlinks in it are the engine's and are followed
 * @err: why it cannot be opened
 *
 * Return: an O_PATH descriptor, or -1.
 */
int bundle_open(const char *bundle, struct error *err)
{
	int fd = path_open_dir(AT_FDCWD, bundle, false, O_PATH);

	if (fd < 0)
		return error_set(err, errno, "cannot open the bundle \"%s\"",
				 bundle);
	return fd;
}

/**
 * bundle_parse() - take the rootfs path from a config.json.
 * @text: its bytes; need not be terminated
 * @len: their number
 * @name: what it is, for messages
 * @root: where to put root.path as written; the caller frees it
 * @err: why there is none
 *
 * Return: 0 or -1.
 */
int bundle_parse(const char *text, size_t len, const char *name, char **root,
		 struct error *err)
{
	cleanup_json struct json_object *config = NULL;
	struct json_object *member;
	const char *path;

	config = json_parse(text, len, name, err);
	if (!config)
		return -1;
	if (json_get_object(config, "root", name, &member, err) < 0 ||
	    json_get_string(member, "path", name, true, &path, err) < 0)
		return -1;
	*root = strdup(path);
	if (!*root)
		return error_set(err, ENOMEM, "cannot keep the path in %s",
				 name);
	return 0;
}

/**
 * bundle_root() - the rootfs path that a bundle's config.json gives.
 * @bundle_fd: the bundle
 * @bundle: its path, for messages
 * @deadline: until when the file may be read
 * @root: where to put root.path as written; the caller frees it
 * @err: why there is none
 *
 * Return: 0 or -1.
 */
int bundle_root(int bundle_fd, const char *bundle,
		const struct deadline *deadline, char **root, struct error *err)
{
	cleanup_free char *name = NULL;
	cleanup_free char *text = NULL;
	struct stat st;
	size_t len;

	if (asprintf(&name, "\"%s/config.json\"", bundle) < 0) {
		name = NULL;
		return error_set(err, ENOMEM, "cannot open the bundle");
	}
	if (file_read(bundle_fd, "config.json", name, deadline, &text, &len,
		      &st, err) < 0)
		return -1;
	return bundle_parse(text, len, name, root, err);
}
