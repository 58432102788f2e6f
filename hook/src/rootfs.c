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
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cleanup.h"
#include "mountinfo.h"
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

/**
 * rootfs_open() - open the rootfs directory.
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
	bool relative = root[0] != '/';
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
	fd = path_open_dir(bundle_fd, path, relative, O_RDONLY | O_NOFOLLOW);
	if (fd < 0)
		return open_error(bundle_fd, bundle, root, path, errno, err);
	return fd;
}

/**
 * rootfs_check() - make sure that a sync of this directory concerns this
 * container only.
 * @fd: the directory
 * @root: its path, for messages
 * @err: why it must not be synced
 *
 * Anything but an overlay would be flushed whole, for everybody. The same goes
 * for a plain directory inside an overlay, which is what is left after an
 * early unmount where the host itself (or the node's container) runs from one.
 *
 * Return: 0 or -1.
 */
int rootfs_check(int fd, const char *root, struct error *err)
{
	struct statfs fs;
	struct statx stx;

	if (fstatfs(fd, &fs) < 0)
		return error_set(err, errno, "cannot look at rootfs \"%s\"",
				 root);
	if ((unsigned long)fs.f_type != OVERLAYFS_SUPER_MAGIC)
		return error_set(
			err, 0,
			"rootfs \"%s\" is not an overlay (file system type 0x%lx; unmounted already?): nothing was synced",
			root, (unsigned long)fs.f_type);
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0)
		return error_set(err, errno, "cannot look at rootfs \"%s\"",
				 root);
	if ((stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
	    !(stx.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return error_set(
			err, 0,
			"rootfs \"%s\" is inside an overlay but none is mounted there (unmounted already?): nothing was synced",
			root);
	return 0;
}

/**
 * rootfs_is_volatile() - whether the overlay was mounted to skip all syncs.
 * @fd: the overlay's root
 *
 * Without /proc there is no telling, and syncfs does no harm.
 *
 * Return: true only if it is known to be.
 */
bool rootfs_is_volatile(int fd)
{
	cleanup_fclose FILE *f = NULL;
	cleanup_free char *options = NULL;
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0 ||
	    !(stx.stx_mask & STATX_MNT_ID))
		return false;
	f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return false;
	options = mountinfo_options(f, stx.stx_mnt_id);
	/* "fsync=volatile" is how kernels since 6.19 or so print it. */
	return options && (mountinfo_has_option(options, "volatile") ||
			   mountinfo_has_option(options, "fsync=volatile"));
}
