// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The steps: each a way to modify something, or to sync it, or to get in between.
 * One that cannot be done is left out, wholly or in part.
 */
#define _GNU_SOURCE
#include "steps.h"
#include <stdlib.h>
#include <string.h>

#define OPTIONS "metacopy=on,redirect_dir=on,index=on,xino=on"

/* Some way to write to it; d... is for direct I/O. */
static bool write_somehow(struct generator *g, const struct handle *h)
{
	static const char *const buffered[] = { "write", "writev", "splice",
						"aiowrite", "uringwrite" };
	static const char *const direct[] = { "write", "aiowrite",
					      "uringwrite" };
	bool aligned = *h->name == 'd';
	long long off = offset(g, h->inode, aligned), len = length(g, aligned);

	if (h->append)
		return emit(g, "write %s 0 %lld", h->name, len);
	if (aligned)
		return emit(g, "%s %s %lld %lld",
			    direct[random_below(&g->random, 3)], h->name, off,
			    len);
	if (one_in(g, 6))
		return emit(g, "pwritev2 %s %lld %lld %s", h->name, off, len,
			    one_in(g, 2) ? "append" : "plain");
	return emit(g, "%s %s %lld %lld", buffered[random_below(&g->random, 5)],
		    h->name, off, len);
}

static bool do_write(struct generator *g)
{
	const char *path = one_in(g, 3) ? new_path(g) : path_of(g, "f");
	bool direct = one_in(g, 8);
	char name[16];

	snprintf(name, sizeof(name), "%c%d", direct ? 'd' : 'f', ++g->serial);
	/* Where the end of a file is, direct I/O may not be able to append. */
	if (!emit(g, "open %s rwc%s%s%s%s %s", name, direct ? "d" : "",
		  one_in(g, 8) ? "t" : "", one_in(g, 16) && !direct ? "a" : "",
		  one_in(g, 30) ? "s" : "", path))
		return false;
	if (!one_in(g, 10))
		write_somehow(g, find_handle(g->m, name));
	return one_in(g, 4) || emit(g, "close %s", name);
}

static bool do_write_again(struct generator *g)
{
	const struct handle *h = any_handle(g, false);

	return h && h->writable && write_somehow(g, h);
}

static bool do_truncate(struct generator *g)
{
	const struct handle *h = any_handle(g, false);
	const char *path;

	if (h && h->writable && one_in(g, 3))
		return emit(g, "ftruncate %s %lld", h->name,
			    offset(g, h->inode, false));
	path = path_of(g, "f");
	if (!emit(g, "truncate %s %u", path, random_below(&g->random, 50000)))
		return false;
	/* What was cut off must be 0 when it grows again. */
	return !one_in(g, 3) || emit(g, "truncate %s 60000", path);
}

static bool do_fallocate(struct generator *g)
{
	static const char *const modes[] = { "plain", "keep",	  "punch",
					     "zero",  "collapse", "insert" };
	unsigned int mode = random_below(&g->random, has(g, "shift") ? 6 : 4);
	int serial = ++g->serial;
	struct handle *h;

	if (mode == 3 && !has(g, "zero"))
		mode = 2;
	if (!emit(g, "open f%d rw %s", serial, path_of(g, "f")))
		return false;
	h = g->m->handles;
	emit(g, "fallocate f%d %s %lld %lld", serial, modes[mode],
	     offset(g, h->inode, mode > 3), length(g, mode > 3));
	return one_in(g, 4) || emit(g, "close f%d", serial);
}

static bool do_copy(struct generator *g)
{
	const char *from = path_of(g, "f");
	const char *to = one_in(g, 2) ? new_path(g) : path_of(g, "f");
	int in = ++g->serial, out = ++g->serial;
	unsigned int way = random_below(&g->random, has(g, "clone") ? 4 : 2);
	long long size;

	if (!emit(g, "open f%d r %s", in, from))
		return false;
	size = cell_now(&g->m->handles->inode->size)->n;
	if (emit(g, "open f%d rwc%s %s", out, way == 2 ? "t" : "", to)) {
		if (way == 0)
			emit(g, "sendfile f%d f%d %lld", out, in, size);
		else if (way == 1)
			emit(g, "copy f%d %u f%d 0 %lld", out,
			     random_below(&g->random, 9000), in, size);
		else if (way == 2)
			emit(g, "clone f%d f%d", out, in);
		else
			emit(g, "clonerange f%d %u f%d 0 %lld", out,
			     random_below(&g->random, 4) * BLOCK, in,
			     size / BLOCK * BLOCK);
		if (!one_in(g, 4))
			emit(g, "close f%d", out);
	}
	return emit(g, "close f%d", in);
}

static bool store_somewhere(struct generator *g, const struct handle *h,
			    const char *child)
{
	long long size = cell_now(&h->inode->size)->n, off;

	if (size > h->len)
		size = h->len;
	if (size < 2)
		return false;
	off = random_below(&g->random, (unsigned int)size - 1);
	size -= off;
	if (size > 200 && one_in(g, 2))
		size = 200;
	return child ? emit(g, "fork %s store %s %lld %lld", child, h->name,
			    off, size)
		     : emit(g, "store %s %lld %lld", h->name, off, size);
}

static bool do_map(struct generator *g)
{
	int fd = ++g->serial, map = ++g->serial;
	bool read_only = one_in(g, 4);
	char name[16];

	if (!emit(g, "open f%d rw %s", fd, path_of(g, "f")))
		return false;
	if (cell_now(&g->m->handles->inode->size)->n < BLOCK)
		emit(g, "ftruncate f%d %d", fd, 2 * BLOCK);
	emit(g, "%s m%d f%d %d", read_only ? "mmapread" : "mmap", map, fd,
	     16 * BLOCK);
	if (!one_in(g, 4))
		emit(g, "close f%d", fd);
	if (read_only)
		emit(g, "mprotect m%d rw", map);
	snprintf(name, sizeof(name), "m%d", map);
	if (one_in(g, 5)) {
		snprintf(name, sizeof(name), "c%d", map);
		if (store_somewhere(g,
				    g->m->handles->map ? g->m->handles
						       : any_handle(g, true),
				    name) &&
		    one_in(g, 2)) {
			emit(g, "munmap m%d", map);
			return emit(g, "join c%d", map);
		}
		emit(g, "join c%d", map);
	} else {
		store_somewhere(g, find_handle(g->m, name), NULL);
	}
	return !one_in(g, 3) || emit(g, "munmap m%d", map);
}

static bool do_store_again(struct generator *g)
{
	const struct handle *h = any_handle(g, true);

	return h && h->writable && store_somewhere(g, h, NULL);
}

static bool release(struct generator *g, const struct handle *h)
{
	if (h->command)
		return emit(g, "join %s", h->name);
	return emit(g, "%s %s", h->map ? "munmap" : "close", h->name);
}

static bool do_release(struct generator *g)
{
	const struct handle *h = any_handle(g, one_in(g, 2));

	return h && release(g, h);
}

static bool do_tmpfile(struct generator *g)
{
	int fd = ++g->serial;

	if (!has(g, "tmpfile") ||
	    !emit(g, "tmpfile t%d /mnt/%c", fd, 'a' + g->overlay))
		return false;
	write_somehow(g, g->m->handles);
	if (!one_in(g, 4))
		emit(g, "linkat t%d %s", fd, new_path(g));
	return one_in(g, 3) || emit(g, "close t%d", fd);
}

/* One that is open and has no name yet gets one, perhaps after a sync. */
static bool do_linkat(struct generator *g)
{
	const struct handle *h = any_handle(g, false);

	return h && *h->name == 't' &&
	       emit(g, "linkat %s %s", h->name, new_path(g));
}

static bool do_new_name(struct generator *g)
{
	switch (random_below(&g->random, 5)) {
	case 0:
		return emit(g, "mkdir %s", new_path(g));
	case 1:
		return emit(g, "symlink target%d%0*d %s", g->serial,
			    one_in(g, 3) ? 300 : 1, 0, new_path(g));
	case 2:
		return emit(g, "mknod %s", new_path(g));
	default:
		return emit(g, "link %s %s", path_of(g, "f"), new_path(g));
	}
}

static bool do_rename(struct generator *g)
{
	if (one_in(g, 4))
		return emit(g, "exchange %s %s", path_of(g, "fdl"),
			    path_of(g, "fdl"));
	return emit(g, "rename %s %s", path_of(g, "fdlc"),
		    one_in(g, 3) ? path_of(g, "flc") : new_path(g));
}

static bool do_remove(struct generator *g)
{
	if (one_in(g, 4))
		return emit(g, "rmdir %s", path_of(g, "d"));
	return emit(g, "unlink %s", path_of(g, "flc"));
}

/* A folder and all that is in it, and another one of that name */
static bool do_remove_tree(struct generator *g)
{
	char *folder = strdup(path_of(g, "d"));
	size_t len;
	bool done;

	if (!folder)
		abort();
	len = strlen(folder);
	for (int p = g->count; len && p--;)
		if (!strncmp(g->paths[p].text, folder, len) &&
		    g->paths[p].text[len] == '/')
			emit(g, "%s %s",
			     g->paths[p].inode->type == 'd' ? "rmdir"
							    : "unlink",
			     g->paths[p].text);
	done = len && emit(g, "rmdir %s", folder);
	if (done && one_in(g, 2))
		emit(g, "mkdir %s", folder);
	free(folder);
	return done;
}

static bool remove_xattr(struct generator *g)
{
	for (int tries = 0; g->count && tries < 50; tries++) {
		unsigned int n =
			random_below(&g->random, (unsigned int)g->count);
		const struct xattr *x = g->paths[n].inode->xattrs;

		if (x && cell_now(&x->value)->p)
			return emit(g, "removexattr %s %s", x->name,
				    g->paths[n].text);
	}
	return false;
}

static bool do_attribute(struct generator *g)
{
	switch (random_below(&g->random, 6)) {
	case 0:
		return emit(g, "chmod 0%o %s",
			    0400 | random_below(&g->random, 0400),
			    path_of(g, "fdc"));
	case 1:
		return emit(g, "chown %u %s", random_below(&g->random, 9),
			    path_of(g, "fdlc"));
	case 2:
		return emit(g, "utime %u %s",
			    1000000000 + random_below(&g->random, 1000000),
			    path_of(g, "f"));
	case 3:
		return remove_xattr(g);
	default:
		return emit(g, "setxattr user.x%u %u %s",
			    random_below(&g->random, 2),
			    one_in(g, 4) ? 1500 : 20, path_of(g, "fd"));
	}
}

/* What cleans or forgets, but does not make durable what it should not */
static bool do_disturb(struct generator *g)
{
	const struct handle *h = any_handle(g, false);

	switch (random_below(&g->random, 5)) {
	case 0:
		return h && emit(g, "fsync %s", h->name);
	case 1:
	case 2:
		return h && emit(g, "writeback %s", h->name);
	default:
		return emit(g, "evict");
	}
}

/*
 * What is clean now, and still open, changes once more. After a sync of the other
 * overlay, which makes its inode durable, nothing but data is left to be synced.
 */
static bool change_again(struct generator *g)
{
	bool changed = false;

	for (int n = 0; n < 2 && one_in(g, 2); n++)
		changed |= one_in(g, 2) ? do_write_again(g) : do_store_again(g);
	if (!changed || !one_in(g, 3))
		return true;
	return emit(g, "syncfs /mnt/%c", 'a' + (g->overlay + 1) % OVERLAYS) &&
	       emit(g, "syncfs /mnt/%c", 'a' + g->overlay);
}

bool sync_step(struct generator *g)
{
	char path[] = "/mnt/?", release_all = one_in(g, 3);
	struct handle *h, *next;

	path[5] = (char)('a' + g->overlay);
	if (!release_all)
		return emit(g, "syncfs %s", path) && change_again(g);
	for (h = g->m->handles; h; h = next) {
		next = h->next;
		if (h->inode && h->inode->overlay == g->overlay)
			release(g, h);
	}
	if (one_in(g, 2))
		return emit(g, "umount %s", path) &&
		       emit(g,
			    "overlay %s lowerdir=/up/%c/lower,upperdir=/up/%c/upper,workdir=/up/%c/work,%s",
			    path, path[5], path[5], path[5], OPTIONS);
	return emit(g, "remount %s ro", path) && emit(g, "remount %s rw", path);
}

static const struct {
	bool (*run)(struct generator *g);
	unsigned int weight;
} steps_of[] = {
	{ do_write, 20 },      { do_write_again, 8 }, { do_truncate, 4 },
	{ do_fallocate, 5 },   { do_copy, 5 },	      { do_map, 7 },
	{ do_store_again, 5 }, { do_release, 5 },     { do_tmpfile, 4 },
	{ do_linkat, 2 },      { do_new_name, 7 },    { do_rename, 9 },
	{ do_remove, 6 },      { do_remove_tree, 1 }, { do_attribute, 8 },
	{ do_disturb, 6 },     { sync_step, 16 },
};

#define STEPS_OF (sizeof(steps_of) / sizeof(*steps_of))

bool any_step(struct generator *g)
{
	unsigned int total = 0, n;

	for (size_t i = 0; i < STEPS_OF; i++)
		total += steps_of[i].weight;
	n = random_below(&g->random, total);
	for (size_t i = 0; i < STEPS_OF; i++) {
		if (n < steps_of[i].weight)
			return steps_of[i].run(g);
		n -= steps_of[i].weight;
	}
	return false;
}
