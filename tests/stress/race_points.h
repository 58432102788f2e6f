/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Marked points of the engine, in the test build only (tests/stress/build).
 *
 * A window is what may happen between two steps of the engine. Its point, put
 * between them by race-points.patch, keeps whoever passes it there for a random
 * time, now and then, and counts: how often it was passed, how often with a
 * delay, and how often the window was hit, that is to say, how often somebody
 * was there whom the window is about (race_points.c). README.md has the list.
 */

#ifndef _OVL_RACE_POINTS_H
#define _OVL_RACE_POINTS_H

#include <linux/types.h>

struct inode;
struct ovl_upper_inodes;

enum ovl_race_point {
	OVL_RACE_ACCESS_RECORD,
	OVL_RACE_LOOK_RECORD,
	OVL_RACE_RECORD_ARM,
	OVL_RACE_RECORD_DIRTY,
	OVL_RACE_DIRTY_UNACCESS,
	OVL_RACE_INSTANTIATE,
	OVL_RACE_MMAP,

	OVL_RACE_WRITERS_TAGS,
	OVL_RACE_TAGS_ISYNC,
	OVL_RACE_IDLE,
	OVL_RACE_CLEAN_ERRORS,
	OVL_RACE_ERRORS_DROP,
	OVL_RACE_DROP_PUT,
	OVL_RACE_SETTLE,
	OVL_RACE_FROZEN,
	OVL_RACE_UNLINKED,
	OVL_RACE_PINS_LOOK,
	OVL_RACE_REMAPPED,

	OVL_RACE_EVICT_LOOK,
	OVL_RACE_EVICT_WALKED,
	OVL_RACE_EVICT_PUT,

	OVL_RACE_SWITCH,
	OVL_RACE_PHASE_0,
	OVL_RACE_SYNC_LOCK,
	OVL_RACE_SPLICE_SUBMIT,
	OVL_RACE_WALK_SUBMIT,
	OVL_RACE_SUBMIT_WAIT,
	OVL_RACE_WAIT_ISYNC,
	OVL_RACE_ISYNC_QUEUE,
	OVL_RACE_ISYNC_SLEEP,
	OVL_RACE_SYNC_SETTLE,

	OVL_RACE_REAP_LOCK,
	OVL_RACE_REAP_ARM,
	OVL_RACE_DRAIN,

	OVL_RACE_POINTS
};

bool ovl_race_pass(enum ovl_race_point point, const struct ovl_upper_inodes *ui,
		   struct inode *upper);
void ovl_race_hit(enum ovl_race_point point);

/* A point; its window is hit also if @cond is true after the delay. */
#define ovl_race_or(point, ui, upper, cond)				\
do {									\
	if (ovl_race_pass(OVL_RACE_##point, ui, upper) || (cond))	\
		ovl_race_hit(OVL_RACE_##point);				\
} while (0)

/* A point of one inode, or, with @upper NULL, of one overlay. */
#define ovl_race(point, ui, upper) ovl_race_or(point, ui, upper, false)

#endif /* _OVL_RACE_POINTS_H */
