// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The container's root directory: opened once, itself and nothing inside it,
 * and checked to be an overlay before anything is synced.
 */
#include "rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "path.h"

/* Say why the open of @root (as opened: @path) failed with @errnum. */
static int open_error(int bundle_fd, const char *bundle, const char *root,
		      const char *path, int errnum, struct error *err)
{
	const char *kind;

	if (errnum == EXDEV)
		return error_set(
			err, 0,
			"rootfs \"%s\" leads out of the bundle \"%s\": make root.path absolute",
			root, bundle);
	kind = path_kind(bundle_fd, path);
	if (errnum == ENOTDIR && kind)
		return error_set(
			err, 0, "rootfs \"%s\" is %s, not a directory: refused",
			root, kind);
	if (errnum == ELOOP)
		return error_set(
			err, 0,
			"rootfs \"%s\" leads through a link of /proc, or in a circle: refused",
			root);
	return error_set(err, errnum, "cannot open rootfs \"%s\"", root);
}

static int open_root(int bundle_fd, const char *bundle, const char *root,
		     bool beneath, struct error *err)
{
	size_t len = strlen(root);
	char path[PATH_MAX];
	int fd;

	if (len >= sizeof(path))
		return error_set(err, ENAMETOOLONG, "cannot open rootfs \"%s\"",
				 root);
	memcpy(path, root, len + 1);
	/* "link/" would be followed in spite of O_NOFOLLOW. */
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	fd = path_open_dir(bundle_fd, path, beneath, O_RDONLY | O_NOFOLLOW);
	if (fd < 0)
		return open_error(bundle_fd, bundle, root, path, errno, err);
	return fd;
}

/**
 * rootfs_open() - open the rootfs directory of a bundle.
 * @bundle_fd: the bundle, where a relative path starts
 * @bundle: its path, for messages
 * @root: root.path of the config.json
 * @err: why it cannot be opened
 *
 * A symlink on the way (/var/run) is the host's and is followed; one at the
 * end could lead to another container's overlay and is not. A relative path
 * must stay inside the bundle.
 *
 * Return: an O_RDONLY descriptor (syncfs refuses O_PATH), or -1.
 */
int rootfs_open(int bundle_fd, const char *bundle, const char *root,
		struct error *err)
{
	return open_root(bundle_fd, bundle, root, root[0] != '/', err);
}

/**
 * rootfs_open_here() - open a rootfs directory by its path.
 * @root: the path; a relative one starts at the working directory
 * @err: why it cannot be opened
 *
 * Return: as rootfs_open().
 */
int rootfs_open_here(const char *root, struct error *err)
{
	return open_root(AT_FDCWD, ".", root, false, err);
}

/* The words for a root that is no overlay; 1. */
static int no_overlay(const char *root, unsigned long magic, const char *type,
		      struct error *err)
{
	char number[32];

	if (!strcmp(type, "fuse.fuse-overlayfs")) {
		error_set(
			err, 0,
			"fuse-overlayfs: rootfs \"%s\"; it does nothing on syncfs",
			root);
		return 1;
	}
	snprintf(number, sizeof(number), "file system type 0x%lx", magic);
	error_set(err, 0,
		  "not an overlay: rootfs \"%s\" is %s (unmounted already?)",
		  root, *type ? type : number);
	return 1;
}

/**
 * rootfs_check() - make sure that a sync of this directory concerns this
 * container only.
 * @fd: the directory
 * @root: its path, for messages
 * @f: the mountinfo of the mount namespace that it was opened in
 * @m: where to put the mount's line; zeroed by the caller
 * @err: why it must not be synced
 *
 * Anything but an overlay would be flushed whole, for everybody. The same goes
 * for a plain directory inside an overlay, which is what is left after an
 * early unmount where the host itself (or the node's container) runs from one;
 * and for a part of one that is mounted by itself, as by containerd's native
 * snapshotter on such a node.
 *
 * Return: 0 if it can be synced, 1 if it is no overlay's root, or -1.
 */
int rootfs_check(int fd, const char *root, FILE *f, struct mountinfo *m,
		 struct error *err)
{
	struct statfs fs;
	struct statx stx;
	bool listed;

	if (fstatfs(fd, &fs) < 0 ||
	    statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0)
		return error_set(err, errno, "cannot look at rootfs \"%s\"",
				 root);
	listed = (stx.stx_mask & STATX_MNT_ID) &&
		 mountinfo_find(f, stx.stx_mnt_id, m);
	if ((unsigned long)fs.f_type != OVERLAYFS_SUPER_MAGIC)
		return no_overlay(root, (unsigned long)fs.f_type,
				  listed ? m->type : "", err);
	if ((stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
	    !(stx.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
		error_set(
			err, 0,
			"not an overlay: rootfs \"%s\" is inside an overlay but none is mounted there (unmounted already?)",
			root);
		return 1;
	}
	if (!listed)
		return error_set(
			err, 0,
			"rootfs \"%s\" is not in mountinfo: it is in another mount namespace",
			root);
	if (strcmp(m->type, "overlay") != 0 || m->major != stx.stx_dev_major ||
	    m->minor != stx.stx_dev_minor)
		return error_set(
			err, 0,
			"rootfs \"%s\" is a %s on device %u:%u in mountinfo, but not when opened: refused",
			root, m->type, m->major, m->minor);
	if (strcmp(m->root, "/") != 0) {
		error_set(
			err, 0,
			"not an overlay: rootfs \"%s\" is \"%s\" of an overlay that is more than this container's",
			root, m->root);
		return 1;
	}
	return 0;
}
