/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The upper and its overlays, as they are mounted in the guest. */
#ifndef RIG_H
#define RIG_H

#include "check.h"
#include <stdbool.h>

struct rig {
	/* A loop device over the file image; the file log has one too. */
	const char *device, *log_device;
	/* Files: the device's, its content to begin with, the log's */
	const char *image, *base, *log;
	/* Of the upper, for mount(2) */
	const char *type, *options;
	/* A command for the device after a power cut, before it is mounted; */
	const char *repair;
	/* if that is only for when it does not mount */
	bool repair_unmountable;
	/* What was synced is durable only once the next sync is complete. */
	bool late;
	const char *ovlio;
	/* How many crash points of a sequence; 0 is all prefixes */
	int cuts;
	/* What a recorded write takes, in milliseconds */
	int delay;
	bool verbose;
};

/* What a power cut may leave on such an upper; @from and @to are for the caller. */
struct window rig_window(const struct rig *r);

/* 0, or -1 and what failed in @why; then nothing is left mounted. */
int rig_mount(const struct rig *r, const char *device, char *why, int len);
int rig_umount(char *why, int len);

/* The recorded device is /dev/mapper/up; its log begins anew. */
int rig_record(const struct rig *r, char *why, int len);
int rig_stop_recording(char *why, int len);

/*
 * The power is back; the device's pages in memory are gone. As rig_mount(), or 1
 * if it did not mount before something, of an overlay's index if each power cut
 * is followed by the repair anyway, was repaired.
 */
int rig_recover(const struct rig *r, char *why, int len);

int rig_run(const struct rig *r, char **commands, int count, char *why,
	    int len);

#endif
