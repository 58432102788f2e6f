// SPDX-License-Identifier: GPL-2.0-or-later
/* The model: what makes durable, and what only looks like it. */
#define _GNU_SOURCE
#include "model.h"
#include <string.h>

/* Of a mount point, /mnt/a; or -1 */
static int overlay_at(const char *path)
{
	if (strncmp(path, "/mnt/", 5) || strlen(path) != 6)
		return -1;
	return path[5] >= 'a' && path[5] < 'a' + OVERLAYS ? path[5] - 'a' : -1;
}

static bool busy(struct model *m, int overlay)
{
	for (const struct handle *h = m->handles; h; h = h->next)
		if (h->inode && h->inode->overlay == overlay)
			return true;
	return false;
}

/* What was before this command is there once the next may begin. */
static void synced(struct model *m, int overlay)
{
	m->syncs[m->sync_count++] = (struct sync){
		.overlay = overlay,
		.when = m->now - 1,
		.done = m->now + 1,
	};
}

static int do_syncfs(struct model *m, char **w)
{
	int o = overlay_at(w[0]);

	if (o < 0 || !m->mounted[o] || m->read_only[o])
		return -1;
	synced(m, o);
	return 0;
}

static int do_umount(struct model *m, char **w)
{
	int o = overlay_at(w[0]);

	if (o < 0 || !m->mounted[o] || busy(m, o))
		return -1;
	if (!m->read_only[o])
		synced(m, o);
	m->mounted[o] = false;
	m->read_only[o] = false;
	return 0;
}

/* Whatever the options are: mounts of the same layers are the same. */
static int do_overlay(struct model *m, char **w)
{
	int o = overlay_at(w[0]);

	if (o < 0 || m->mounted[o])
		return -1;
	m->mounted[o] = true;
	return 0;
}

static int do_remount(struct model *m, char **w)
{
	int o = overlay_at(w[0]);
	bool ro = !strcmp(w[1], "ro");

	if (o < 0 || !m->mounted[o] || m->read_only[o] == ro || busy(m, o))
		return -1;
	if (ro)
		synced(m, o);
	m->read_only[o] = ro;
	return 0;
}

static int do_fsync(struct model *m, char **w)
{
	const struct handle *h = find_handle(m, w[0]);

	return h && !h->map && h->inode ? 0 : -1;
}

static int do_evict(struct model *m, char **w)
{
	(void)m;
	(void)w;
	return 0;
}

const struct model_command model_sync_commands[] = {
	{ "syncfs", 1, do_syncfs },   { "umount", 1, do_umount },
	{ "overlay", 2, do_overlay }, { "remount", 2, do_remount },
	{ "fsync", 1, do_fsync },     { "writeback", 1, do_fsync },
	{ "evict", 0, do_evict },     { 0 },
};
