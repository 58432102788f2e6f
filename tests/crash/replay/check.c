// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An overlay, compared with what the model allows. A value that has not changed
 * since the sync has one version, and must be that. A name that has changed may
 * belong to any of the inodes that it belonged to; whichever matches is taken.
 */
#define _GNU_SOURCE
#include "check.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

struct check {
	struct model *m;
	const struct window *w;
	char *why;
	size_t len;
	/* Of the name that is looked at */
	char path[1024];
};

__attribute__((format(printf, 2, 3))) static int wrong(struct check *c,
						       const char *format, ...)
{
	int n = snprintf(c->why, c->len, "%s: ", c->path);
	va_list ap;

	va_start(ap, format);
	if (n >= 0 && (size_t)n < c->len)
		vsnprintf(c->why + n, c->len - (size_t)n, format, ap);
	va_end(ap);
	return -1;
}

/* Runs over the versions of a cell in the window. */
#define for_each_version(v, cell, w)                                           \
	for (const struct version *v = cell_at(cell, (w)->from),               \
				  *end_ = (cell)->v + (cell)->count;           \
	     v < end_ && (v->when <= (w)->to || v->when <= (w)->from); v++)

static bool has_changed(const struct cell *cell, const struct window *w)
{
	const struct version *next = cell_at(cell, w->from) + 1;

	return next < cell->v + cell->count && next->when <= w->to;
}

static int check_number(struct check *c, const char *what,
			const struct cell *cell, long long found)
{
	for_each_version(v, cell,
			 c->w) if (v->n == found || v->n == -1) return 0;
	return wrong(c, "%s %lld, was to be %lld%s", what, found,
		     cell_at(cell, c->w->from)->n,
		     has_changed(cell, c->w) ? ", or as changed later" : "");
}

/* What grows may have grown in part. */
static int check_size(struct check *c, const struct inode *i, long long found)
{
	long long low = cell_at(&i->size, c->w->from)->n, high = low;

	for_each_version(v, &i->size, c->w)
	{
		low = v->n < low ? v->n : low;
		high = v->n > high ? v->n : high;
	}
	if (found >= low && found <= high)
		return 0;
	return wrong(c, "size %lld, was to be %lld to %lld", found, low, high);
}

/* The least that the file had, behind which there may be a hole. */
static long long least_size(const struct inode *i, const struct window *w)
{
	long long low = cell_at(&i->size, w->from)->n;

	for_each_version(v, &i->size, w) low = v->n < low ? v->n : low;
	return low;
}

static char byte_of(const struct version *v, long long n)
{
	return v->p ? ((const char *)v->p)[n] : 0;
}

static bool byte_allowed(const struct cell *block, const struct window *w,
			 long long n, char found)
{
	for_each_version(v, block, w) if (byte_of(v, n) == found) return true;
	return false;
}

/* @n: in the block; @found: what is there, which is no version since the sync */
static bool cut_off_is_back(const struct check *c, const struct inode *i,
			    long long b, long long n, char found)
{
	long long least = least_size(i, c->w), at = b * BLOCK + n;
	const struct window ever = { .to = c->w->to };

	return c->w->tail_returns && has_changed(&i->size, c->w) &&
	       at >= least && at / BLOCK == least / BLOCK &&
	       byte_allowed(&i->blocks[b], &ever, n, found);
}

/* Whether something since the sync moves what is behind @at. */
static bool half_shifted(const struct check *c, const struct inode *i,
			 long long at)
{
	if (!c->w->half_shifts)
		return false;
	for_each_version(v, &i->shifted, c->w) if (v->when > c->w->from &&
						   at >= v->n) return true;
	return false;
}

static int check_block(struct check *c, const struct inode *i, long long b,
		       const char *found, long long len)
{
	static const char zeroes[BLOCK];
	const struct cell *block = &i->blocks[b];
	const struct version *v = cell_at(block, c->w->from);
	long long hole;

	if (!memcmp(found, v->p ? v->p : zeroes, (size_t)len))
		return 0;
	hole = has_changed(block, c->w) ? least_size(i, c->w) : MAX_SIZE;
	for (long long n = 0; n < len; n++)
		if (!byte_allowed(block, c->w, n, found[n]) &&
		    (found[n] || (b * BLOCK + n < hole &&
				  !half_shifted(c, i, b * BLOCK + n))) &&
		    !cut_off_is_back(c, i, b, n, found[n]))
			return wrong(
				c, "data at %lld%s%s", b * BLOCK + n,
				found[n] ? "" : " is 0",
				has_changed(block, c->w)
					? ", neither as synced nor as changed later"
					: ", not as synced");
	return 0;
}

static int check_data(struct check *c, const struct inode *i, long long size)
{
	static char data[MAX_SIZE + 1];
	int fd = open(c->path, O_RDONLY | O_CLOEXEC), ret = 0;
	long long done = 0;

	if (fd < 0)
		return wrong(c, "open: %s", strerror(errno));
	while (done < size) {
		ssize_t n = pread(fd, data + done, (size_t)(size - done), done);

		if (n <= 0) {
			ret = wrong(c, "read at %lld: %s", done,
				    n ? strerror(errno) : "ends");
			break;
		}
		done += n;
	}
	close(fd);
	for (long long b = 0; !ret && b * BLOCK < size; b++)
		ret = check_block(c, i, b, data + b * BLOCK,
				  size - b * BLOCK < BLOCK ? size - b * BLOCK
							   : BLOCK);
	return ret;
}

static int check_xattr(struct check *c, const struct xattr *x,
		       const char *found, ssize_t len)
{
	if (len < 0 && errno != ENODATA)
		return wrong(c, "extended attribute %s: %s", x->name,
			     strerror(errno));
	for_each_version(v, &x->value,
			 c->w) if (v->p ? v->n == len && !memcmp(v->p, found,
								 (size_t)len)
					: len < 0) return 0;
	return wrong(c, "extended attribute %s %s", x->name,
		     len < 0 ? "is missing" : "is not as it was to be");
}

static int check_xattrs(struct check *c, const struct inode *i)
{
	char names[1024], value[BLOCK] = "";
	ssize_t len = llistxattr(c->path, names, sizeof(names));
	const struct xattr *x;

	if (len < 0)
		return wrong(c, "listxattr: %s", strerror(errno));
	for (char *n = names; n < names + len; n += strlen(n) + 1) {
		if (strncmp(n, "user.", 5))
			continue;
		for (x = i->xattrs; x && strcmp(x->name, n); x = x->next)
			;
		if (!x)
			return wrong(c, "extended attribute %s was never set",
				     n);
	}
	for (x = i->xattrs; x; x = x->next)
		if (check_xattr(c, x, value,
				lgetxattr(c->path, x->name, value,
					  sizeof(value))))
			return -1;
	return 0;
}

static bool stood_for(const struct check *c, const struct name *n,
		      const struct inode *i)
{
	for_each_version(v, &n->inode, c->w) if (v->p == i) return true;
	return false;
}

/* Has it got or lost a name? */
static bool names_have_changed(struct check *c, const struct inode *i)
{
	for (const struct inode *f = c->m->inodes; f; f = f->next)
		for (const struct name *n = f->names; n; n = n->next)
			if (has_changed(&n->inode, c->w) && stood_for(c, n, i))
				return true;
	return false;
}

/* Have its names changed, or those of a folder that it was in? */
static bool has_moved(struct check *c, const struct inode *i, int depth)
{
	if (depth == 16)
		return true;
	for (const struct inode *f = c->m->inodes; f; f = f->next)
		for (const struct name *n = f->names; n; n = n->next)
			if (stood_for(c, n, i) &&
			    (has_changed(&n->inode, c->w) ||
			     has_moved(c, f, depth + 1)))
				return true;
	return false;
}

/* The last part of the one that it had at the sync, or in a folder later */
static const char *name_of(const struct check *c, const struct inode *i)
{
	for (const struct inode *f = c->m->inodes; f; f = f->next)
		for (const struct name *n = f->names; n; n = n->next)
			if (stood_for(c, n, i))
				return n->text;
	return "?";
}

/*
 * Without a journal, a name that has changed may be neither the old nor the new
 * one: e2fsck removes one that leads to no inode, or to a folder that has another.
 */
static bool any_name_goes(const struct name *n, const struct window *w)
{
	return !w->atomic && has_changed(&n->inode, w);
}

static bool made_since(const struct inode *i, const struct window *w)
{
	return i->mode.v->when > w->from;
}

/*
 * Without a journal, an inode that was made, freed or copied up, and blocks that
 * were freed with it, may have been something else when the power was cut.
 */
static bool anything_goes(const struct check *c, const struct inode *i)
{
	return !c->w->atomic &&
	       (has_changed(&i->touched, c->w) || made_since(i, c->w));
}

static int check_links(struct check *c, const struct inode *i, long long found)
{
	/* While links come and go, overlayfs counts them in several steps. */
	if (has_changed(&i->links, c->w))
		return 0;
	return check_number(c, "links", &i->links, found);
}

/*
 * EUCLEAN: see window.early_names. ESTALE: two names of one lower folder, by a
 * redirect and by its old name, of which overlayfs takes but one.
 */
static bool may_be_unreadable(struct check *c, const struct inode *i, int error)
{
	return (error == EUCLEAN && c->w->early_names && made_since(i, c->w)) ||
	       (error == ESTALE && c->w->half_renames && i->type == 'd' &&
		names_have_changed(c, i));
}

static int check_folder(struct check *c, const struct inode *folder);

static int check_inode(struct check *c, struct inode *i)
{
	static const char types[] = "fdlc";
	static const mode_t modes[] = { S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR };
	char target[2048];
	struct stat st;
	ssize_t len;

	if (anything_goes(c, i))
		return 0;
	if (lstat(c->path, &st)) {
		if (may_be_unreadable(c, i, errno))
			return 0;
		return wrong(c, "stat: %s", strerror(errno));
	}
	if ((st.st_mode & S_IFMT) != modes[strchr(types, i->type) - types])
		return wrong(c, "not of the type that it was to be");
	if ((i->type != 'l' &&
	     check_number(c, "mode", &i->mode, st.st_mode & 07777)) ||
	    check_number(c, "owner", &i->owner, st.st_uid) ||
	    check_number(c, "group", &i->owner, st.st_gid))
		return -1;
	switch (i->type) {
	case 'c':
		return st.st_rdev == makedev(1, 3)
			       ? 0
			       : wrong(c, "not the device that it was to be");
	case 'l':
		len = readlink(c->path, target, sizeof(target) - 1);
		if (len < 0)
			return wrong(c, "readlink: %s", strerror(errno));
		target[len] = '\0';
		return strcmp(target, i->target)
			       ? wrong(c, "not the target that it was to be")
			       : 0;
	case 'd':
		return check_xattrs(c, i) || check_folder(c, i) ? -1 : 0;
	}
	/* Names of one inode that stay are names of one inode. */
	if (i->ino && i->ino != st.st_ino && !names_have_changed(c, i))
		return wrong(c, "not the inode of its other name");
	i->ino = st.st_ino;
	if (check_links(c, i, (long long)st.st_nlink) ||
	    check_number(c, "time", &i->mtime, (long long)st.st_mtime) ||
	    check_size(c, i, st.st_size) || check_xattrs(c, i))
		return -1;
	return check_data(c, i, st.st_size);
}

/* 0 if one of the inodes that it may belong to is what is there. */
static int check_name(struct check *c, const struct name *n)
{
	bool found = false, any = false;

	if (any_name_goes(n, c->w))
		return 0;
	for_each_version(v, &n->inode, c->w)
	{
		struct inode *i = v->p;

		if (!i)
			continue;
		any = true;
		if (!check_inode(c, i)) {
			i->seen = c->w->to;
			found = true;
		}
	}
	if (!any)
		return wrong(c, "is there, but was not to be");
	return found ? 0 : -1;
}

/*
 * An inode that may be anything may be a whiteout, or have attributes with which
 * overlayfs does not look it up: then it lists no such name.
 */
static bool may_be_absent(const struct check *c, const struct name *n)
{
	for_each_version(v, &n->inode, c->w)
	{
		if (!v->p || anything_goes(c, v->p))
			return true;
	}
	return any_name_goes(n, c->w);
}

static int check_folder(struct check *c, const struct inode *folder)
{
	DIR *dir = opendir(c->path);
	size_t len = strlen(c->path);
	const struct name *n;
	const struct name *there[512];
	int ret = 0, count = 0;
	bool listed = true;
	struct dirent *e;

	if (!dir)
		return wrong(c, "opendir: %s", strerror(errno));
	while (!ret) {
		errno = 0;
		e = readdir(dir);
		if (!e) {
			/* Overlayfs stops at a name that cannot be looked up. */
			listed = !errno;
			if (errno && c->w->atomic &&
			    (errno != EUCLEAN || !c->w->early_names))
				ret = wrong(c, "readdir: %s", strerror(errno));
			break;
		}
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(c->path + len, sizeof(c->path) - len, "/%s",
			 e->d_name);
		n = find_name(folder, e->d_name);
		if (!n || count == 512) {
			ret = wrong(c, "is there, but was never to be");
		} else {
			ret = check_name(c, n);
			there[count++] = n;
		}
	}
	closedir(dir);
	for (n = folder->names; !ret && n; n = n->next) {
		int k = 0;

		while (k < count && there[k] != n)
			k++;
		snprintf(c->path + len, sizeof(c->path) - len, "/%s", n->text);
		if (k == count && !may_be_absent(c, n))
			ret = listed ? wrong(c, "is missing")
				     : check_name(c, n);
	}
	c->path[len] = '\0';
	return ret;
}

static bool always_linked(const struct inode *i, const struct window *w)
{
	if (made_since(i, w))
		return false;
	for_each_version(v, &i->links, w) if (v->n < 1) return false;
	return true;
}

int check_overlay(struct model *m, int overlay, const char *path,
		  const struct window *w, char *why, size_t len)
{
	struct check c = { .m = m, .w = w, .why = why, .len = len };

	for (struct inode *i = m->inodes; i; i = i->next) {
		i->seen = -1;
		i->ino = 0;
	}
	snprintf(c.path, sizeof(c.path), "%s", path);
	if (check_folder(&c, m->root[overlay]))
		return -1;
	/* A name that has changed may be the old or the new one, not none. */
	for (struct inode *i = m->inodes; w->atomic && i; i = i->next)
		if (i->overlay == overlay && i != m->root[overlay] &&
		    always_linked(i, w) && i->seen < 0 &&
		    !(w->half_renames && has_moved(&c, i, 0))) {
			strcpy(c.path, path);
			return wrong(
				&c,
				"an inode of type %c has none of its names, %s for one",
				i->type, name_of(&c, i));
		}
	return 0;
}

int check_mounted(struct model *m, const struct window *w, char *why,
		  size_t len)
{
	char path[] = "/mnt/?";

	for (int o = 0; o < OVERLAYS; o++) {
		path[5] = (char)('a' + o);
		if (m->mounted[o] && check_overlay(m, o, path, w, why, len))
			return -1;
	}
	return 0;
}
