// SPDX-License-Identifier: GPL-2.0-or-later
/* The model: names, attributes and extended attributes. */
#define _GNU_SOURCE
#include "../../tools/ovlio.h"
#include "model.h"
#include <stdlib.h>
#include <string.h>

/* A place for a new name */
static int vacant(struct model *m, const char *path, struct place *at)
{
	return lookup_writable(m, path, at) || at->inode || !at->folder ? -1
									: 0;
}

static int existing(struct model *m, const char *path, struct place *at)
{
	return lookup_writable(m, path, at) || !at->inode || !at->folder ? -1
									 : 0;
}

static void add_links(struct model *m, struct inode *i, int n)
{
	cell_set(m, &i->links, cell_now(&i->links)->n + n, NULL);
}

static struct inode *create(struct model *m, const char *path, char type,
			    int mode)
{
	struct inode *i;
	struct place at;

	if (vacant(m, path, &at))
		return NULL;
	i = inode_new(m, type, at.folder->overlay, mode);
	add_links(m, i, 1);
	set_name(m, at.folder, at.leaf, i);
	return i;
}

static int do_mkdir(struct model *m, char **w)
{
	return create(m, w[0], 'd', 0755) ? 0 : -1;
}

static int do_mknod(struct model *m, char **w)
{
	return create(m, w[0], 'c', 0600) ? 0 : -1;
}

static int do_symlink(struct model *m, char **w)
{
	struct inode *i = *w[0] ? create(m, w[1], 'l', 0777) : NULL;

	if (!i)
		return -1;
	i->target = strdup(w[0]);
	return 0;
}

static bool is_empty(const struct inode *folder)
{
	for (const struct name *n = folder->names; n; n = n->next)
		if (name_now(n))
			return false;
	return true;
}

static int do_rmdir(struct model *m, char **w)
{
	struct place at;

	if (existing(m, w[0], &at) || at.inode->type != 'd' ||
	    !is_empty(at.inode))
		return -1;
	add_links(m, at.inode, -1);
	set_name(m, at.folder, at.leaf, NULL);
	return 0;
}

static int do_unlink(struct model *m, char **w)
{
	struct place at;

	if (existing(m, w[0], &at) || at.inode->type == 'd')
		return -1;
	add_links(m, at.inode, -1);
	set_name(m, at.folder, at.leaf, NULL);
	return 0;
}

static int do_link(struct model *m, char **w)
{
	struct place from, to;

	if (existing(m, w[0], &from) || vacant(m, w[1], &to) ||
	    from.inode->type != 'f' ||
	    from.inode->overlay != to.folder->overlay)
		return -1;
	add_links(m, from.inode, 1);
	set_name(m, to.folder, to.leaf, from.inode);
	return 0;
}

static bool is_within(const struct inode *i, const struct inode *folder)
{
	if (i == folder)
		return true;
	for (const struct name *n = folder->names; n; n = n->next)
		if (name_now(n) && name_now(n)->type == 'd' &&
		    is_within(i, name_now(n)))
			return true;
	return false;
}

static int do_rename(struct model *m, char **w)
{
	struct place from, to;

	if (existing(m, w[0], &from) || lookup_writable(m, w[1], &to) ||
	    !to.folder || from.inode == to.inode ||
	    from.inode->overlay != to.folder->overlay)
		return -1;
	if (from.inode->type == 'd' &&
	    (to.inode || is_within(to.folder, from.inode)))
		return -1;
	if (to.inode && to.inode->type == 'd')
		return -1;
	if (to.inode)
		add_links(m, to.inode, -1);
	set_name(m, from.folder, from.leaf, NULL);
	set_name(m, to.folder, to.leaf, from.inode);
	return 0;
}

static int do_exchange(struct model *m, char **w)
{
	struct place a, b;

	if (existing(m, w[0], &a) || existing(m, w[1], &b) ||
	    a.inode == b.inode || a.inode->overlay != b.inode->overlay ||
	    (a.inode->type == 'd' && is_within(b.folder, a.inode)) ||
	    (b.inode->type == 'd' && is_within(a.folder, b.inode)))
		return -1;
	set_name(m, a.folder, a.leaf, b.inode);
	set_name(m, b.folder, b.leaf, a.inode);
	return 0;
}

static int do_chmod(struct model *m, char **w)
{
	struct place at;
	long mode = strtol(w[0], NULL, 8);

	if (existing(m, w[1], &at) || at.inode->type == 'l' || mode <= 0 ||
	    mode > 0777)
		return -1;
	cell_set(m, &at.inode->mode, mode, NULL);
	if (at.inode->type != 'd')
		inode_touched(m, at.inode);
	return 0;
}

static int do_chown(struct model *m, char **w)
{
	struct place at;
	long long id = model_size(w[0]);

	if (existing(m, w[1], &at) || id < 0)
		return -1;
	cell_set(m, &at.inode->owner, id, NULL);
	if (at.inode->type != 'd')
		inode_touched(m, at.inode);
	return 0;
}

static int do_utime(struct model *m, char **w)
{
	struct place at;
	long long seconds = model_size(w[0]);

	if (existing(m, w[1], &at) || seconds < 0)
		return -1;
	cell_set(m, &at.inode->mtime, seconds, NULL);
	if (at.inode->type != 'd')
		inode_touched(m, at.inode);
	return 0;
}

static struct xattr *find_xattr(const struct inode *i, const char *name)
{
	for (struct xattr *x = i->xattrs; x; x = x->next)
		if (!strcmp(x->name, name))
			return x;
	return NULL;
}

static int do_setxattr(struct model *m, char **w)
{
	long long len = model_size(w[1]);
	uint64_t seed = fill_seed(0);
	struct xattr *x;
	struct place at;
	char *value;
	int now = m->now;

	fill_seed(seed);
	if (existing(m, w[2], &at) || !seed || len <= 0 || len > BLOCK ||
	    strncmp(w[0], "user.", 5) || !strchr("fd", at.inode->type))
		return -1;
	x = find_xattr(at.inode, w[0]);
	if (!x) {
		x = calloc(1, sizeof(*x));
		if (!x)
			abort();
		x->name = strdup(w[0]);
		x->next = at.inode->xattrs;
		at.inode->xattrs = x;
		m->now = -1;
		cell_set(m, &x->value, 0, NULL);
		m->now = now;
	}
	value = malloc((size_t)len);
	if (!value)
		abort();
	fill(value, (size_t)len);
	cell_set(m, &x->value, len, value);
	if (at.inode->type != 'd')
		inode_touched(m, at.inode);
	return 0;
}

static int do_removexattr(struct model *m, char **w)
{
	struct xattr *x;
	struct place at;

	if (existing(m, w[1], &at))
		return -1;
	x = find_xattr(at.inode, w[0]);
	if (!x || !cell_now(&x->value)->p)
		return -1;
	cell_set(m, &x->value, 0, NULL);
	if (at.inode->type != 'd')
		inode_touched(m, at.inode);
	return 0;
}

const struct model_command model_name_commands[] = {
	{ "mkdir", 1, do_mkdir },
	{ "rmdir", 1, do_rmdir },
	{ "unlink", 1, do_unlink },
	{ "rename", 2, do_rename },
	{ "exchange", 2, do_exchange },
	{ "link", 2, do_link },
	{ "symlink", 2, do_symlink },
	{ "mknod", 1, do_mknod },
	{ "chmod", 2, do_chmod },
	{ "chown", 2, do_chown },
	{ "utime", 2, do_utime },
	{ "setxattr", 3, do_setxattr },
	{ "removexattr", 2, do_removexattr },
	{ 0 },
};
