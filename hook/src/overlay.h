/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_OVERLAY_H
#define HOOK_OVERLAY_H

#include <stdbool.h>

#include "mountinfo.h"

/* Announces the feature: "Y" where syncfs of an overlay is its own. */
#define OVERLAY_PARAMETER "/sys/module/overlay/parameters/sync_upper_inodes"

/**
 * struct overlay - what a sync of an overlay depends on.
 * @upper: its upper directory, as it was mounted; NULL if it has none
 * @upper_fs: type of the file system that is on; "" if that cannot be found
 * @is_volatile: mounted to skip every sync
 * @read_only: the overlay itself, not just a mount of it; the kernel then
 *	skips the sync as well: what there was, remount has synced
 * @per_overlay: a sync writes this overlay's data and nobody else's
 * @unknown: whether it does only the kernel knows: it has the feature, but the
 *	upper directory is not to be found
 */
struct overlay {
	char *upper;
	char upper_fs[32];
	bool is_volatile;
	bool read_only;
	bool per_overlay;
	bool unknown;
};

void overlay_look(const struct mountinfo *m, const char *parameter,
		  struct overlay *o);
int overlay_open_upper(const struct overlay *o);
bool overlay_is_here(int fd);
void overlay_clear(struct overlay *o);

#define cleanup_overlay __attribute__((cleanup(overlay_clear)))

#endif
