/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts that end, and begin again, as rig.h has them; but they may hang. */
#ifndef MOUNTS_H
#define MOUNTS_H

#include "../crash/replay/rig.h"

/* 0 or the error number; DIED or HANGS of player.h */
int umount_overlay(int overlay);
int remount_overlay(int overlay);

/*
 * 0 or another number, and what is wrong is on stdout; or HANGS. A file that fills
 * the upper goes first: overlays need some space to be mounted.
 */
int umount_all(void);
int recover(const struct rig *r);

#endif
