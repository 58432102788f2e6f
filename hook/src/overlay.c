// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of an overlay from outside: its mount options, the file system
 * of its upper directory, and whether the kernel syncs it by itself.
 */
#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"
#include "path.h"

/* Where the kernel does it: ovl_upper_fs_table in kernel/overlayfs/upper_fs.c. */
static const char *const PER_OVERLAY[] = { "ext4", "xfs", "btrfs", "tmpfs" };

static bool kernel_has_it(const char *parameter)
{
	cleanup_close int fd = open(parameter, O_RDONLY | O_CLOEXEC);
	char value = 'N';

	return fd >= 0 && read(fd, &value, 1) == 1 && value == 'Y';
}

static bool upper_fs_is_covered(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(PER_OVERLAY) / sizeof(PER_OVERLAY[0]); i++)
		if (!strcmp(type, PER_OVERLAY[i]))
			return true;
	return false;
}

/* The type of the file system that the upper directory is on. */
static void find_upper_fs(struct overlay *o)
{
	cleanup_mountinfo struct mountinfo m = { 0 };
	cleanup_fclose FILE *f = NULL;
	cleanup_close int fd = overlay_open_upper(o);
	struct statx stx;

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0 ||
	    !(stx.stx_mask & STATX_MNT_ID))
		return;
	f = fopen(MOUNTINFO, "re");
	if (f && mountinfo_find(f, stx.stx_mnt_id, &m))
		snprintf(o->upper_fs, sizeof(o->upper_fs), "%s", m.type);
}

/**
 * overlay_look() - find out about an overlay.
 * @m: its line of mountinfo
 * @parameter: OVERLAY_PARAMETER
 * @o: filled in; overlay_clear() afterwards
 *
 * The upper directory is looked up, but neither it nor anything in it is opened.
 */
void overlay_look(const struct mountinfo *m, const char *parameter,
		  struct overlay *o)
{
	memset(o, 0, sizeof(*o));
	/* "fsync=volatile" is how kernels since 6.19 or so print it. */
	o->is_volatile = mountinfo_has_option(m->options, "volatile") ||
			 mountinfo_has_option(m->options, "fsync=volatile");
	o->upper = mountinfo_option_value(m->options, "upperdir");
	o->read_only = mountinfo_has_option(m->options, "ro") || !o->upper;
	if (o->upper)
		find_upper_fs(o);
	if (!kernel_has_it(parameter))
		return;
	o->per_overlay = upper_fs_is_covered(o->upper_fs);
	o->unknown = o->upper && !*o->upper_fs;
}

/**
 * overlay_open_upper() - find an overlay's upper directory.
 * @o: the overlay
 *
 * Its path is that of whoever mounted the overlay; a relative one does not
 * tell where it starts.
 *
 * Return: an O_PATH descriptor, or -1 with errno.
 */
int overlay_open_upper(const struct overlay *o)
{
	if (!o->upper || o->upper[0] != '/') {
		errno = ENOENT;
		return -1;
	}
	return path_open_dir(AT_FDCWD, o->upper, false, O_PATH);
}

/**
 * overlay_is_here() - whether an overlay is mounted in our mount namespace.
 * @fd: its root
 *
 * Return: whether it is; false if that cannot be told.
 */
bool overlay_is_here(int fd)
{
	cleanup_mountinfo struct mountinfo m = { 0 };
	cleanup_fclose FILE *f = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	f = fopen(MOUNTINFO, "re");
	if (!f)
		return false;
	while (mountinfo_next(f, &m))
		if (!strcmp(m.type, "overlay") &&
		    makedev(m.major, m.minor) == st.st_dev)
			return true;
	return false;
}

/**
 * overlay_clear() - free what overlay_look() found.
 * @o: the overlay
 */
void overlay_clear(struct overlay *o)
{
	free(o->upper);
	memset(o, 0, sizeof(*o));
}
