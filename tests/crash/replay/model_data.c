// SPDX-License-Identifier: GPL-2.0-or-later
/* The model: data that is written, or goes from file to file. */
#define _GNU_SOURCE
#include "../../tools/ovlio.h"
#include "model.h"
#include <string.h>

static int do_seed(struct model *m, char **w)
{
	long long n = model_size(w[0]);

	(void)m;
	if (n <= 0)
		return -1;
	fill_seed((uint64_t)n);
	return 0;
}

/* Data that is not known beforehand is of no use. */
static bool seeded(void)
{
	uint64_t seed = fill_seed(0);

	fill_seed(seed);
	return seed;
}

/* A descriptor that may be written to. */
static struct inode *target(struct model *m, const char *name)
{
	struct handle *h = find_handle(m, name);

	return h && !h->map && h->writable ? h->inode : NULL;
}

static int written(struct model *m, struct inode *i, long long off,
		   long long len, const char *data)
{
	long long size;

	if (!i || off < 0 || len <= 0 || off + len > MAX_SIZE || !seeded())
		return -1;
	size = cell_now(&i->size)->n;
	if (off + len > size)
		inode_resize(m, i, off + len);
	if (data)
		memmove(i->data + off, data, (size_t)len);
	else
		fill(i->data + off, (size_t)len);
	inode_changed(m, i, off, off + len);
	return 0;
}

static int write_at(struct model *m, char **w, bool append_too, bool append)
{
	const struct handle *h = find_handle(m, w[0]);
	struct inode *i = target(m, w[0]);
	long long off = model_size(w[1]);

	if (!i || off < 0 || (h->append && !append_too))
		return -1;
	if (h->append || append)
		off = cell_now(&i->size)->n;
	return written(m, i, off, model_size(w[2]), NULL);
}

static int do_write(struct model *m, char **w)
{
	return write_at(m, w, true, false);
}

static int do_writev(struct model *m, char **w)
{
	struct handle *h = find_handle(m, w[0]);
	int ret = write_at(m, w, false, false);

	if (!ret)
		h->pos = model_size(w[1]) + model_size(w[2]);
	return ret;
}

static int do_pwritev2(struct model *m, char **w)
{
	return write_at(m, w, false, !strcmp(w[3], "append"));
}

static int do_plain_write(struct model *m, char **w)
{
	return write_at(m, w, false, false);
}

/* A descriptor to read from, of the same overlay, and not the same file */
static const struct handle *source(struct model *m, const char *name,
				   const char *out)
{
	const struct handle *h = find_handle(m, name);
	const struct inode *i = target(m, out);

	return h && i && !h->map && h->inode && h->readable && h->inode != i &&
			       h->inode->overlay == i->overlay &&
			       !find_handle(m, out)->append
		       ? h
		       : NULL;
}

static int do_sendfile(struct model *m, char **w)
{
	const struct handle *in = source(m, w[1], w[0]);
	struct handle *out = find_handle(m, w[0]);
	long long len = model_size(w[2]);

	if (!in || len <= 0 || len > cell_now(&in->inode->size)->n ||
	    written(m, out->inode, out->pos, len, in->inode->data))
		return -1;
	out->pos += len;
	return 0;
}

static int do_copy(struct model *m, char **w)
{
	const struct handle *in = source(m, w[2], w[0]);
	long long from = model_size(w[3]), len = model_size(w[4]);

	if (!in || from < 0 || len <= 0 ||
	    from + len > cell_now(&in->inode->size)->n)
		return -1;
	return written(m, target(m, w[0]), model_size(w[1]), len,
		       in->inode->data + from);
}

static int do_clone(struct model *m, char **w)
{
	const struct handle *in = source(m, w[1], w[0]);
	struct inode *out = target(m, w[0]);
	long long size;

	if (!in)
		return -1;
	size = cell_now(&in->inode->size)->n;
	if (!size || size < cell_now(&out->size)->n)
		return -1;
	return written(m, out, 0, size, in->inode->data);
}

static int do_clonerange(struct model *m, char **w)
{
	const struct handle *in = source(m, w[2], w[0]);
	long long to = model_size(w[1]), from = model_size(w[3]),
		  len = model_size(w[4]);

	if (!in || to % BLOCK || from % BLOCK || len % BLOCK || len <= 0 ||
	    from < 0 || from + len > cell_now(&in->inode->size)->n)
		return -1;
	return written(m, target(m, w[0]), to, len, in->inode->data + from);
}

const struct model_command model_data_commands[] = {
	{ "seed", 1, do_seed },
	{ "write", 3, do_write },
	{ "writev", 3, do_writev },
	{ "pwritev2", 4, do_pwritev2 },
	{ "splice", 3, do_plain_write },
	{ "aiowrite", 3, do_plain_write },
	{ "uringwrite", 3, do_plain_write },
	{ "sendfile", 3, do_sendfile },
	{ "copy", 5, do_copy },
	{ "clone", 2, do_clone },
	{ "clonerange", 5, do_clonerange },
	{ 0 },
};
