// SPDX-License-Identifier: GPL-2.0-or-later
/* The model: cells, inodes, names, and which command is which. */
#define _GNU_SOURCE
#include "model.h"
#include "../../tools/ovlio.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 5

static void *allocate(size_t n)
{
	void *p = calloc(1, n);

	if (!p)
		abort();
	return p;
}

const struct version *cell_now(const struct cell *c)
{
	return &c->v[c->count - 1];
}

const struct version *cell_at(const struct cell *c, int when)
{
	int i = c->count - 1;

	while (i > 0 && c->v[i].when > when)
		i--;
	return &c->v[i];
}

void cell_set(struct model *m, struct cell *c, long long n, void *p)
{
	/* Powers of two */
	if (!(c->count & (c->count - 1))) {
		size_t room = c->count ? 2 * (size_t)c->count : 1;

		c->v = realloc(c->v, room * sizeof(*c->v));
		if (!c->v)
			abort();
	}
	c->v[c->count++] = (struct version){ m->now, n, p };
}

void inode_touched(struct model *m, struct inode *i)
{
	cell_set(m, &i->touched, 0, NULL);
}

struct inode *inode_new(struct model *m, char type, int overlay, int mode)
{
	struct inode *i = allocate(sizeof(*i));

	i->type = type;
	i->overlay = overlay;
	i->copied_up = m->now > 0;
	cell_set(m, &i->mode, mode, NULL);
	cell_set(m, &i->owner, 0, NULL);
	cell_set(m, &i->size, 0, NULL);
	cell_set(m, &i->links, 0, NULL);
	cell_set(m, &i->mtime, -1, NULL);
	cell_set(m, &i->shifted, MAX_SIZE, NULL);
	inode_touched(m, i);
	if (type == 'f') {
		i->data = allocate((size_t)MAX_SIZE);
		i->blocks = allocate(MAX_BLOCKS * sizeof(*i->blocks));
		for (int b = 0; b < MAX_BLOCKS; b++)
			cell_set(m, &i->blocks[b], 0, NULL);
	}
	i->next = m->inodes;
	m->inodes = i;
	return i;
}

static void *copy_of_block(const char *data)
{
	static const char zeroes[BLOCK];
	void *p;

	if (!memcmp(data, zeroes, BLOCK))
		return NULL;
	p = malloc(BLOCK);
	if (!p)
		abort();
	return memcpy(p, data, BLOCK);
}

void inode_attribute_changed(struct model *m, struct inode *i)
{
	if (cell_now(&i->mtime)->n != -1)
		cell_set(m, &i->mtime, -1, NULL);
}

/*
 * What is opened for write gets its data with the time of then, if the upper had its
 * attributes only (metacopy); a time that was set is gone, by either module.
 */
void inode_data_copied_up(struct model *m, struct inode *i)
{
	if (i->copied_up || !m->now)
		return;
	i->copied_up = true;
	inode_attribute_changed(m, i);
}

void inode_changed(struct model *m, struct inode *i, long long from,
		   long long to)
{
	for (long long b = from / BLOCK; b * BLOCK < to; b++)
		cell_set(m, &i->blocks[b], 0,
			 copy_of_block(i->data + b * BLOCK));
	inode_touched(m, i);
	inode_attribute_changed(m, i);
}

/* What is cut off is 0 if the file grows again. */
void inode_resize(struct model *m, struct inode *i, long long size)
{
	long long old = cell_now(&i->size)->n;

	if (size < old) {
		memset(i->data + size, 0, (size_t)(old - size));
		inode_changed(m, i, size, old);
	} else if (size > old) {
		/* The block that held the end may be written anew. */
		inode_changed(m, i, old, size);
	}
	cell_set(m, &i->size, size, NULL);
	inode_touched(m, i);
	inode_attribute_changed(m, i);
}

struct inode *name_now(const struct name *n)
{
	return n ? cell_now(&n->inode)->p : NULL;
}

struct name *find_name(const struct inode *folder, const char *text)
{
	for (struct name *n = folder->names; n; n = n->next)
		if (!strcmp(n->text, text))
			return n;
	return NULL;
}

void set_name(struct model *m, struct inode *folder, const char *leaf,
	      struct inode *i)
{
	struct name *n = find_name(folder, leaf);
	int now = m->now;

	if (!n) {
		n = allocate(sizeof(*n));
		n->text = strdup(leaf);
		n->next = folder->names;
		folder->names = n;
		m->now = -1;
		cell_set(m, &n->inode, 0, NULL);
		m->now = now;
	}
	if (name_now(n))
		inode_touched(m, name_now(n));
	if (i)
		inode_touched(m, i);
	cell_set(m, &n->inode, 0, i);
	inode_attribute_changed(m, folder);
}

/* /mnt/a/... or, for the base, /up/a/lower/... */
static int overlay_of(const char **path)
{
	char letter = 0;
	int end = 0;

	if (sscanf(*path, "/mnt/%c%n", &letter, &end) != 1 || !end)
		if (sscanf(*path, "/up/%c/lower%n", &letter, &end) != 1 || !end)
			return -1;
	*path += end;
	if (letter < 'a' || letter >= 'a' + OVERLAYS)
		return -1;
	return letter - 'a';
}

static void copy_up(struct model *m, struct inode *folder)
{
	/* The base is below. */
	if (folder->copied_up || !m->now)
		return;
	folder->copied_up = true;
	inode_touched(m, folder);
}

static int walk(struct model *m, const char *path, struct place *at,
		bool writable)
{
	int overlay = overlay_of(&path);
	const char *end;

	*at = (struct place){ 0 };
	if (overlay < 0 || !m->mounted[overlay])
		return -1;
	at->inode = m->root[overlay];
	while (*path == '/') {
		at->folder = at->inode;
		end = strchrnul(++path, '/');
		if (!at->folder || at->folder->type != 'd' || end == path ||
		    (size_t)(end - path) >= sizeof(at->leaf))
			return -1;
		if (writable)
			copy_up(m, at->folder);
		memcpy(at->leaf, path, (size_t)(end - path));
		at->leaf[end - path] = '\0';
		at->inode = name_now(find_name(at->folder, at->leaf));
		path = end;
	}
	if (writable && at->inode && at->inode->type == 'd')
		copy_up(m, at->inode);
	return *path ? -1 : 0;
}

int lookup(struct model *m, const char *path, struct place *at)
{
	return walk(m, path, at, false);
}

int lookup_writable(struct model *m, const char *path, struct place *at)
{
	const char *p = path;
	int overlay = overlay_of(&p);

	if (overlay < 0 || m->read_only[overlay])
		return -1;
	return walk(m, path, at, true);
}

struct handle *find_handle(struct model *m, const char *name)
{
	for (struct handle *h = m->handles; h; h = h->next)
		if (!strcmp(h->name, name))
			return h;
	return NULL;
}

long long model_size(const char *s)
{
	char *end;
	long long n = strtoll(s, &end, 0);

	if (*end == 'K' || *end == 'M')
		n <<= *end++ == 'K' ? 10 : 20;
	return *end || end == s || n < 0 ? -1 : n;
}

static const struct model_command *const tables[] = {
	model_file_commands,
	model_data_commands,
	model_name_commands,
	model_sync_commands,
};

static const struct model_command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct model_command *c = tables[i]; c->name; c++)
			if (!strcmp(c->name, name))
				return c;
	return NULL;
}

/* As ovlio's run() */
static int run_words(struct model *m, char *line)
{
	char *words[MAX_WORDS + 1] = { 0 }, *rest = line;
	const struct model_command *c = find_command(strsep(&rest, " "));
	int n = 0, want;

	if (!c)
		return -1;
	want = abs(c->words);
	while (rest && n < MAX_WORDS)
		if (c->words < 0 && n == want - 1) {
			words[n++] = rest;
			rest = NULL;
		} else {
			words[n++] = strsep(&rest, " ");
		}
	if (n != want || rest)
		return -1;
	return c->run(m, words);
}

int model_run(struct model *m, const char *command)
{
	char *line = strdup(command);
	int ret = -1;

	if (m->now < MAX_COMMANDS - 1) {
		m->now++;
		ret = run_words(m, line);
		if (ret)
			m->now--;
		else
			m->commands[m->now] = strdup(command);
	}
	free(line);
	return ret;
}

const char *const *model_base(void)
{
	static const char *const base[] = {
		"seed 1",
#define FILL(path, len) "open f rwc " path, "write f 0 " len, "close f"
#define BASE(o)                                                                \
	"mkdir " o "/dir", "mkdir " o "/dir/sub", "mkdir " o "/other",         \
		FILL(o "/l1", "20000"), FILL(o "/l2", "8192"),                 \
		FILL(o "/l3", "40960"), FILL(o "/l4", "5000"),                 \
		FILL(o "/dir/l5", "12288"), FILL(o "/dir/l6", "100"),          \
		FILL(o "/dir/sub/l7", "9000"), FILL(o "/other/l8", "16384"),   \
		"link " o "/l4 " o "/other/l9", "symlink l1 " o "/l10",        \
		"open f rwc " o "/other/l11", "close f"
		BASE("/up/a/lower"),
		BASE("/up/b/lower"),
		NULL,
	};

	return base;
}

struct model *model_new(void)
{
	struct model *m = allocate(sizeof(*m));

	for (int o = 0; o < OVERLAYS; o++) {
		m->root[o] = inode_new(m, 'd', o, 0755);
		cell_set(m, &m->root[o]->links, 1, NULL);
		m->root[o]->copied_up = true;
		m->mounted[o] = true;
	}
	for (const char *const *c = model_base(); *c; c++) {
		char *line = strdup(*c);

		if (run_words(m, line)) {
			fprintf(stderr, "crash: error: the base: '%s'\n", *c);
			abort();
		}
		free(line);
	}
	fill_seed(0);
	return m;
}

static void cell_free(struct cell *c, bool values)
{
	for (int i = 0; values && i < c->count; i++)
		free(c->v[i].p);
	free(c->v);
}

static void inode_free(struct inode *i)
{
	struct name *n;
	struct xattr *x;

	cell_free(&i->mode, false);
	cell_free(&i->owner, false);
	cell_free(&i->size, false);
	cell_free(&i->links, false);
	cell_free(&i->mtime, false);
	cell_free(&i->touched, false);
	cell_free(&i->shifted, false);
	for (int b = 0; i->blocks && b < MAX_BLOCKS; b++)
		cell_free(&i->blocks[b], true);
	while ((n = i->names)) {
		i->names = n->next;
		cell_free(&n->inode, false);
		free(n->text);
		free(n);
	}
	while ((x = i->xattrs)) {
		i->xattrs = x->next;
		cell_free(&x->value, true);
		free(x->name);
		free(x);
	}
	free(i->blocks);
	free(i->data);
	free(i->target);
	free(i);
}

void model_free(struct model *m)
{
	struct inode *i;
	struct handle *h;

	while ((i = m->inodes)) {
		m->inodes = i->next;
		inode_free(i);
	}
	while ((h = m->handles)) {
		m->handles = h->next;
		free(h->command);
		free(h);
	}
	for (int c = 0; c <= MAX_COMMANDS; c++)
		free(m->commands[c]);
	free(m);
}
