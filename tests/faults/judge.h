/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was promised by syncs that succeeded, and who was told of errors. */
#ifndef JUDGE_H
#define JUDGE_H

#include "../crash/replay/model.h"
#include "../crash/replay/rig.h"

#define DESCRIPTORS 8
/* Instead of a descriptor: one that was opened just for this sync, remount or umount */
#define FRESH (-1)

struct judge {
	struct model *m;
	/* The last sync that counts: what was there at that time is durable. */
	int promised[OVERLAYS];
	/* Somebody was told that a sync of it failed; a command on it has failed. */
	bool told[OVERLAYS], failed[OVERLAYS];
	struct {
		char name[16];
		int overlay;
		bool told;
	} descriptor[DESCRIPTORS];
	int descriptors;
	/* Of the fault: it has begun; it is of no concern to this one, or to any. */
	bool begun, spares[OVERLAYS];
	char why[2048];
};

int judge_find(const struct judge *j, const char *descriptor);

/*
 * A sync of @overlay by @descriptor that began when it was @when has ended with
 * @error. 0, or -1 if that is wrong.
 */
int judge_sync(struct judge *j, int overlay, int descriptor, int when,
	       int error);

/* Another command has failed. */
int judge_failure(struct judge *j, const char *command, int error);

/* Compares what is mounted, and comes from the device, with what was promised. */
int judge_what_is_left(struct judge *j, const struct rig *r);

#endif
