// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "mounts.h"
#include "player.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

struct end {
	char path[8];
	bool umount;
};

/* What io_uring has completed is put a moment later. */
static int call_end(void *context)
{
	const struct end *e = context;
	int ret;

	for (int tries = 0; tries < 200; tries++) {
		ret = e->umount ? umount2(e->path, 0)
				: mount("none", e->path, NULL,
					MS_REMOUNT | MS_RDONLY, NULL);
		if (!ret)
			return 0;
		if (errno != EBUSY)
			break;
		usleep(10000);
	}
	return errno;
}

static int end_overlay(int overlay, bool umount)
{
	struct end e = { "/mnt/?", umount };

	e.path[5] = (char)('a' + overlay);
	return guarded(call_end, &e);
}

int umount_overlay(int overlay)
{
	return end_overlay(overlay, true);
}

int remount_overlay(int overlay)
{
	return end_overlay(overlay, false);
}

static int call_umount_all(void *context)
{
	char why[256];

	(void)context;
	if (!rig_umount(why, sizeof(why)))
		return 0;
	printf("# %s\n", why);
	return 1;
}

int umount_all(void)
{
	return guarded(call_umount_all, NULL);
}

static int call_recover(void *context)
{
	const struct rig *r = context;
	char why[256];

	if (!mount(r->device, "/up", r->type, 0, r->options)) {
		unlink("/up/full");
		umount2("/up", 0);
	}
	if (rig_recover(context, why, sizeof(why)) >= 0)
		return 0;
	printf("# %s\n", why);
	return 1;
}

int recover(const struct rig *r)
{
	return guarded(call_recover, (void *)r);
}
