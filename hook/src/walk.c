// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sync of an upper directory from user space, where the kernel would sync
 * the whole upper file system: what it is on is everybody's, what is in it is
 * this container's.
 *
 * All dirty files are submitted first, so that the device can choose an order,
 * and waited for, so that no journal is committed for each of them; then each
 * file and directory is fsynced, clean ones as well: nothing but fsync tells
 * whether its size, its attributes or its names are durable.
 *
 * What this cannot do: see files that are made, or renamed into a directory
 * that was passed, while it is under way; tell of errors that were told to
 * somebody else before; sync what has no fsync: symbolic links, FIFOs, sockets
 * and devices (whiteouts) get as far as the fsync of their directory does.
 */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache.h"
#include "cleanup.h"
#include "sync.h"
#include "text.h"

typedef void (*visit_fn)(struct walk *w, int fd, const char *path);

/* The first error is told, with its @path relative to the upper directory. */
static void fail(struct walk *w, const char *path, int errnum)
{
	if (w->errnum)
		return;
	w->errnum = errnum;
	text_elide(w->failed, sizeof(w->failed), path);
}

static void keep_error(struct walk *w, const char *path, int errnum)
{
	/* Removed since: there is nothing left to be synced. */
	if (errnum != ENOENT)
		fail(w, path, errnum);
}

static bool is_file(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode);
}

/*
 * Start writing, wait for nothing. Where blocks cannot be allocated, ext4 throws
 * the pages away and tells nobody but this caller: no fsync hears of it. Those
 * that lack memory only stay dirty.
 */
static void submit(struct walk *w, int fd, const char *path)
{
	bool dirty = false, writeback;

	if (is_file(fd))
		cache_look(fd, &dirty, &writeback);
	if (dirty) {
		if (sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) < 0 &&
		    errno != ENOMEM)
			keep_error(w, path, errno);
		w->submitted++;
	}
	close(fd);
}

/*
 * Wait for what was started. An error that is told here is told by no fsync
 * any more, as that has a descriptor of its own.
 */
static void wait_written(struct walk *w, int fd, const char *path)
{
	bool dirty, writeback = false;

	if (is_file(fd))
		cache_look(fd, &dirty, &writeback);
	if (writeback &&
	    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) < 0)
		keep_error(w, path, errno);
	close(fd);
}

static void queue_fsync(struct walk *w, int fd, const char *path)
{
	pool_put(w->pool, fd, path);
}

/*
 * A regular file or directory, by its name in the working directory. What it is
 * is asked before it is opened: opening a FIFO or a device has effects. -1 with
 * errno; ENOENT if it is something else by now.
 */
static int open_entry(const char *name)
{
	cleanup_close int path_fd = -1;
	char self[32];
	struct stat st;

	path_fd = openat(AT_FDCWD, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (path_fd < 0 || fstat(path_fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		errno = ENOENT;
		return -1;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	return openat(AT_FDCWD, self,
		      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void visit_entry(struct walk *w, const FTSENT *e, visit_fn visit)
{
	int fd;

	switch (e->fts_info) {
	case FTS_F:
	case FTS_DP:
		/* fts has left a directory when it shows it again. */
		fd = open_entry(e->fts_accpath);
		if (fd < 0)
			keep_error(w, e->fts_path, errno);
		else
			visit(w, fd, e->fts_path);
		return;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		keep_error(w, e->fts_path, e->fts_errno);
		return;
	default:
		/* Shown again, or without fsync. */
		return;
	}
}

/* Visit everything below the upper directory, and that itself. */
static void visit_all(struct walk *w, visit_fn visit)
{
	static char here[] = ".";
	char *const roots[] = { here, NULL };
	FTSENT *e;
	FTS *fts;

	if (fchdir(w->fd) < 0) {
		keep_error(w, here, errno);
		return;
	}
	/*
	 * With its changes of directory fts finds out when one was replaced;
	 * it crosses neither symbolic links nor mount points.
	 */
	fts = fts_open(roots, FTS_PHYSICAL | FTS_XDEV, NULL);
	if (!fts) {
		keep_error(w, here, errno);
		return;
	}
	for (errno = 0; (e = fts_read(fts)); errno = 0)
		visit_entry(w, e, visit);
	/*
	 * ENOENT: a directory that fts was in was moved, and it has given up. What
	 * it did not get to matters in the pass that everything depends on.
	 */
	if (errno == ENOENT && visit == queue_fsync)
		fail(w, here, EAGAIN);
	else if (errno)
		keep_error(w, here, errno);
	fts_close(fts);
}

/**
 * walk_prepare() - get ready to walk.
 * @w: zeroed by the caller; walk_clear() in any case
 * @o: the overlay whose upper directory it is to be
 * @err: why it cannot be
 *
 * Starts threads, with the capabilities that the caller has now.
 *
 * Return: 0 or -1.
 */
int walk_prepare(struct walk *w, const struct overlay *o, struct error *err)
{
	w->fd = overlay_open_upper(o);
	if (w->fd < 0)
		return error_set(
			err, errno,
			"cannot walk: no way to upper directory \"%s\"",
			o->upper ? o->upper : "");
	w->upper = strdup(o->upper);
	if (!w->upper)
		return error_set(err, ENOMEM, "cannot walk");
	w->pool = pool_new(err);
	return w->pool ? 0 : -1;
}

/**
 * walk_sync() - make durable what is in the upper directory.
 * @w: the walk
 * @err: the first error; others may have followed, the walk goes on
 *
 * Return: 0 or -1.
 */
int walk_sync(struct walk *w, struct error *err)
{
	char what[1600], path[512];
	int errnum;

	visit_all(w, submit);
	visit_all(w, wait_written);
	visit_all(w, queue_fsync);
	pool_wait(w->pool);
	errnum = pool_error(w->pool, path, sizeof(path));
	if (!errnum) {
		errnum = w->errnum;
		text_elide(path, sizeof(path), w->failed);
	}
	if (!errnum)
		return 0;
	snprintf(what, sizeof(what), "\"%s\" in upper directory \"%.1000s\"",
		 path, w->upper);
	return sync_error(errnum, what, MODE_WALK, err);
}

/**
 * walk_note() - say what was done, and what that is worth.
 * @w: the walk, after walk_sync()
 * @writers: whether the container's tasks may have written meanwhile
 * @note: where to
 */
void walk_note(const struct walk *w, bool writers, struct note *note)
{
	note_add(
		note,
		"%lu files and directories fsynced, %lu submitted before; errors told to others before are not known",
		pool_count(w->pool), w->submitted);
	if (writers)
		note_add(
			note,
			"what was written or moved meanwhile may have been missed");
}

/**
 * walk_clear() - end a walk.
 * @w: after walk_prepare(), whatever that returned; or with @fd -1
 */
void walk_clear(struct walk *w)
{
	pool_free(&w->pool);
	if (w->fd >= 0)
		close(w->fd);
	free(w->upper);
	memset(w, 0, sizeof(*w));
	w->fd = -1;
}
