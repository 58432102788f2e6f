// SPDX-License-Identifier: GPL-2.0-or-later
/* The model: descriptors, mappings and sizes. */
#define _GNU_SOURCE
#include "../../tools/ovlio.h"
#include "model.h"
#include <stdlib.h>
#include <string.h>

static struct handle *handle_new(struct model *m, const char *name,
				 struct inode *i)
{
	struct handle *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	strcpy(h->name, name);
	h->inode = i;
	if (i)
		i->open++;
	h->next = m->handles;
	m->handles = h;
	return h;
}

static bool usable(struct model *m, const char *name)
{
	return strlen(name) < sizeof(m->handles->name) && !find_handle(m, name);
}

static void handle_free(struct model *m, struct handle *h)
{
	struct handle **p = &m->handles;

	while (*p != h)
		p = &(*p)->next;
	*p = h->next;
	if (h->inode)
		h->inode->open--;
	free(h->command);
	free(h);
}

static int do_open(struct model *m, char **w)
{
	bool write = strchr(w[1], 'w');
	struct handle *h;
	struct place at;

	if (!usable(m, w[0]) || strspn(w[1], "rwcxatds") != strlen(w[1]) ||
	    (write ? lookup_writable(m, w[2], &at) : lookup(m, w[2], &at)) ||
	    !at.folder)
		return -1;
	if (!at.inode) {
		if (!write || !strchr(w[1], 'c'))
			return -1;
		at.inode = inode_new(m, 'f', at.folder->overlay, 0644);
		cell_set(m, &at.inode->links, 1, NULL);
		set_name(m, at.folder, at.leaf, at.inode);
	} else if (at.inode->type != 'f' || strchr(w[1], 'x')) {
		return -1;
	} else if (strchr(w[1], 't')) {
		inode_resize(m, at.inode, 0);
	}
	h = handle_new(m, w[0], at.inode);
	h->readable = !write || strchr(w[1], 'r');
	h->writable = write;
	h->append = strchr(w[1], 'a');
	if (write) {
		inode_touched(m, at.inode);
		inode_data_copied_up(m, at.inode);
	}
	return 0;
}

static int do_tmpfile(struct model *m, char **w)
{
	struct handle *h;
	struct place at;

	if (!usable(m, w[0]) || lookup_writable(m, w[1], &at) || !at.inode ||
	    at.inode->type != 'd')
		return -1;
	h = handle_new(m, w[0], inode_new(m, 'f', at.inode->overlay, 0644));
	h->readable = true;
	h->writable = true;
	return 0;
}

/* Of what has lost its last name there is no link to be had. */
static int do_linkat(struct model *m, char **w)
{
	struct handle *h = find_handle(m, w[0]);
	struct place at;

	if (!h || !h->inode || h->map || lookup_writable(m, w[1], &at) ||
	    at.inode || !at.folder || at.folder->overlay != h->inode->overlay)
		return -1;
	if (!cell_now(&h->inode->links)->n && h->inode->links.count > 1)
		return -1;
	cell_set(m, &h->inode->links, cell_now(&h->inode->links)->n + 1, NULL);
	set_name(m, at.folder, at.leaf, h->inode);
	return 0;
}

static int do_close(struct model *m, char **w)
{
	struct handle *h = find_handle(m, w[0]);

	if (!h || h->map || !h->inode)
		return -1;
	handle_free(m, h);
	return 0;
}

static int do_ftruncate(struct model *m, char **w)
{
	struct handle *h = find_handle(m, w[0]);
	long long size = model_size(w[1]);

	if (!h || h->map || !h->writable || size < 0 || size > MAX_SIZE)
		return -1;
	inode_resize(m, h->inode, size);
	return 0;
}

static int do_truncate(struct model *m, char **w)
{
	long long size = model_size(w[1]);
	struct place at;

	if (lookup_writable(m, w[0], &at) || !at.inode ||
	    at.inode->type != 'f' || size < 0 || size > MAX_SIZE)
		return -1;
	inode_resize(m, at.inode, size);
	return 0;
}

static bool aligned(long long off, long long len)
{
	return !(off % BLOCK) && !(len % BLOCK);
}

static int do_collapse(struct model *m, struct inode *i, long long off,
		       long long len)
{
	long long size = cell_now(&i->size)->n;

	if (!aligned(off, len) || off + len >= size)
		return -1;
	memmove(i->data + off, i->data + off + len, (size_t)(size - off - len));
	inode_changed(m, i, off, size);
	inode_resize(m, i, size - len);
	cell_set(m, &i->shifted, off, NULL);
	return 0;
}

static int do_insert(struct model *m, struct inode *i, long long off,
		     long long len)
{
	long long size = cell_now(&i->size)->n;

	if (!aligned(off, len) || off >= size || size + len > MAX_SIZE)
		return -1;
	inode_resize(m, i, size + len);
	memmove(i->data + off + len, i->data + off, (size_t)(size - off));
	memset(i->data + off, 0, (size_t)len);
	inode_changed(m, i, off, size + len);
	cell_set(m, &i->shifted, off, NULL);
	return 0;
}

static int do_fallocate(struct model *m, char **w)
{
	struct handle *h = find_handle(m, w[0]);
	long long off = model_size(w[2]), len = model_size(w[3]), size, end;
	bool zero = !strcmp(w[1], "zero");

	if (!h || h->map || !h->writable || off < 0 || len <= 0 ||
	    off + len > MAX_SIZE)
		return -1;
	if (!strcmp(w[1], "collapse"))
		return do_collapse(m, h->inode, off, len);
	if (!strcmp(w[1], "insert"))
		return do_insert(m, h->inode, off, len);
	size = cell_now(&h->inode->size)->n;
	if (!strcmp(w[1], "keep")) {
		inode_attribute_changed(m, h->inode);
		return 0;
	}
	if ((zero || !strcmp(w[1], "plain")) && off + len > size)
		inode_resize(m, h->inode, off + len);
	else if (!zero && strcmp(w[1], "plain") && strcmp(w[1], "punch"))
		return -1;
	end = off + len < size ? off + len : size;
	if (strcmp(w[1], "plain") && off < end) {
		memset(h->inode->data + off, 0, (size_t)(end - off));
		inode_changed(m, h->inode, off, end);
	}
	inode_attribute_changed(m, h->inode);
	return 0;
}

static int map(struct model *m, char **w, bool write)
{
	struct handle *fd = find_handle(m, w[1]), *h;
	long long len = model_size(w[2]);

	if (!usable(m, w[0]) || !fd || fd->map || !fd->inode || len <= 0 ||
	    !fd->readable || !fd->writable)
		return -1;
	h = handle_new(m, w[0], fd->inode);
	h->map = true;
	h->len = len;
	h->writable = write;
	return 0;
}

static int do_mmap(struct model *m, char **w)
{
	return map(m, w, true);
}

static int do_mmapread(struct model *m, char **w)
{
	return map(m, w, false);
}

static struct handle *find_map(struct model *m, const char *name)
{
	struct handle *h = find_handle(m, name);

	return h && h->map && !h->command ? h : NULL;
}

static int do_mprotect(struct model *m, char **w)
{
	struct handle *h = find_map(m, w[0]);

	if (!h)
		return -1;
	h->writable = strchr(w[1], 'w');
	return 0;
}

static int store(struct model *m, const struct handle *h, const char *where,
		 const char *length)
{
	long long off = model_size(where), len = model_size(length);
	uint64_t seed = fill_seed(0);

	fill_seed(seed);
	if (!h || !h->writable || off < 0 || len <= 0 || !seed ||
	    off + len > h->len || off + len > cell_now(&h->inode->size)->n)
		return -1;
	fill(h->inode->data + off, (size_t)len);
	inode_changed(m, h->inode, off, off + len);
	return 0;
}

static int do_store(struct model *m, char **w)
{
	return store(m, find_map(m, w[0]), w[1], w[2]);
}

static int do_munmap(struct model *m, char **w)
{
	struct handle *h = find_map(m, w[0]);

	if (!h)
		return -1;
	handle_free(m, h);
	return 0;
}

/* Only a store, which is what a child is for: on a mapping that it has too. */
static int do_fork(struct model *m, char **w)
{
	char name[32];
	const struct handle *map;
	struct handle *h;

	if (!usable(m, w[0]) || strncmp(w[1], "store ", 6))
		return -1;
	for (h = m->handles; h; h = h->next)
		if (h->command)
			return -1;
	*name = '\0';
	strncat(name, w[1] + 6, strcspn(w[1] + 6, " ") % sizeof(name));
	map = find_map(m, name);
	if (!map)
		return -1;
	h = handle_new(m, w[0], map->inode);
	h->map = true;
	h->len = map->len;
	h->writable = map->writable;
	h->command = strdup(w[1] + 6);
	h->seed = fill_seed(0);
	fill_seed(h->seed);
	return 0;
}

static int do_join(struct model *m, char **w)
{
	struct handle *h = find_handle(m, w[0]);
	char *where, *rest, *line;
	uint64_t seed;
	int ret;

	if (!h || !h->command)
		return -1;
	/* The mapping that it has inherited, whatever became of the parent's. */
	line = rest = strdup(h->command);
	strsep(&rest, " ");
	where = strsep(&rest, " ");
	seed = fill_seed(h->seed);
	ret = where && rest ? store(m, h, where, rest) : -1;
	fill_seed(seed);
	free(line);
	if (!ret)
		handle_free(m, h);
	return ret;
}

const struct model_command model_file_commands[] = {
	{ "open", 3, do_open },
	{ "tmpfile", 2, do_tmpfile },
	{ "linkat", 2, do_linkat },
	{ "close", 1, do_close },
	{ "ftruncate", 2, do_ftruncate },
	{ "truncate", 2, do_truncate },
	{ "fallocate", 4, do_fallocate },
	{ "mmap", 3, do_mmap },
	{ "mmapread", 3, do_mmapread },
	{ "mprotect", 2, do_mprotect },
	{ "store", 3, do_store },
	{ "munmap", 1, do_munmap },
	{ "fork", -2, do_fork },
	{ "join", 1, do_join },
	{ 0 },
};
