// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a bundle, a path or a process to an open root directory.
 */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "bundle.h"
#include "cleanup.h"
#include "mountinfo.h"
#include "path.h"
#include "rootfs.h"

static int open_mountinfo(struct opened *o, struct error *err)
{
	o->mountinfo = fopen(MOUNTINFO, "re");
	if (!o->mountinfo)
		return error_set(err, errno, "cannot open %s", MOUNTINFO);
	return 0;
}

static int open_bundle(const char *bundle, const struct deadline *deadline,
		       step_fn step, void *arg, struct opened *o,
		       struct error *err)
{
	cleanup_close int bundle_fd = -1;

	step(arg, "reading the config.json of", bundle);
	bundle_fd = bundle_open(bundle, err);
	if (bundle_fd < 0 ||
	    bundle_root(bundle_fd, bundle, deadline, &o->root, err) < 0)
		return -1;
	step(arg, "opening rootfs", o->root);
	o->fd = rootfs_open(bundle_fd, bundle, o->root, err);
	return o->fd < 0 ? -1 : open_mountinfo(o, err);
}

static int open_path(const char *path, step_fn step, void *arg,
		     struct opened *o, struct error *err)
{
	o->root = strdup(path);
	if (!o->root)
		return error_set(err, ENOMEM, "cannot keep a path");
	step(arg, "opening rootfs", path);
	o->fd = rootfs_open_here(path, err);
	return o->fd < 0 ? -1 : open_mountinfo(o, err);
}

/* /proc/PID; a directory of another file system is not it. */
static int open_process(pid_t pid, struct error *err)
{
	cleanup_close int proc = -1;
	struct statfs fs;
	char name[16];
	int fd;

	proc = path_open_dir(AT_FDCWD, "/proc", false, O_PATH);
	if (proc < 0 || fstatfs(proc, &fs) < 0)
		return error_set(err, errno, "cannot open /proc");
	if ((unsigned long)fs.f_type != PROC_SUPER_MAGIC)
		return error_set(err, 0, "/proc is no proc: mount one there");
	snprintf(name, sizeof(name), "%d", pid);
	fd = path_open_dir(proc, name, true, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return error_set(err, errno, "no process %d", pid);
	return fd;
}

static int open_pid(pid_t pid, step_fn step, void *arg, struct opened *o,
		    struct error *err)
{
	cleanup_close int process = -1;
	cleanup_close int fd = -1;

	if (asprintf(&o->root, "/proc/%d/root", pid) < 0) {
		o->root = NULL;
		return error_set(err, ENOMEM, "cannot keep a path");
	}
	step(arg, "opening rootfs", o->root);
	process = open_process(pid, err);
	if (process < 0)
		return -1;
	/* The one magic link that is followed, in a directory that is proc's. */
	o->fd = openat(process, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->fd < 0)
		return error_set(err, errno, "cannot open rootfs \"%s\"",
				 o->root);
	fd = openat(process, "mountinfo", O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		o->mountinfo = fdopen(fd, "r");
	if (!o->mountinfo)
		return error_set(err, errno, "cannot open /proc/%d/mountinfo",
				 pid);
	take_fd(&fd);
	return 0;
}

/**
 * pid_from_text() - a process id.
 * @text: digits only
 * @pid: where to
 *
 * Return: 0 or -1.
 */
int pid_from_text(const char *text, pid_t *pid)
{
	size_t len = strlen(text);
	long value;

	if (!len || strspn(text, "0123456789") != len)
		return -1;
	errno = 0;
	value = strtol(text, NULL, 10);
	if (errno || value < 1 || value > INT_MAX)
		return -1;
	*pid = (pid_t)value;
	return 0;
}

/**
 * target_open() - open a target's root directory.
 * @t: the target
 * @deadline: until when files may be read
 * @step: called before what may take long
 * @arg: for @step
 * @o: filled in; zeroed, with @fd -1, by the caller
 * @err: why it cannot be opened
 *
 * Return: 0 or -1; opened_clear() in both cases.
 */
int target_open(const struct target *t, const struct deadline *deadline,
		step_fn step, void *arg, struct opened *o, struct error *err)
{
	switch (t->kind) {
	case TARGET_BUNDLE:
		return open_bundle(t->path, deadline, step, arg, o, err);
	case TARGET_PATH:
		return open_path(t->path, step, arg, o, err);
	default:
		return open_pid(t->pid, step, arg, o, err);
	}
}

/**
 * opened_clear() - close and free what target_open() opened.
 * @o: may be cleared again
 */
void opened_clear(struct opened *o)
{
	if (o->fd >= 0)
		close(o->fd);
	if (o->mountinfo)
		fclose(o->mountinfo);
	free(o->root);
	memset(o, 0, sizeof(*o));
	o->fd = -1;
}
