/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHECK_H
#define CHECK_H

#include "model.h"

/*
 * What a power cut may leave: all that was there at @from, and of whatever has
 * changed since, up to @to, any state that it had. @atomic: the filesystem keeps
 * a rename, and does not show what a block has held for another file. The others
 * are what some do with what was not synced, whatever overlayfs does (README.md).
 */
struct window {
	int from, to;
	bool atomic;
	/* In the last block of a file that grows, what was cut off before */
	bool tail_returns;
	/* A name before its inode can be read: EUCLEAN */
	bool early_names;
	/* A new name, but not the other half of the rename or exchange */
	bool half_renames;
	/* A hole where a collapse or insert has yet to put what it moves */
	bool half_shifts;
};

/*
 * Compares an overlay that is mounted at @path. 0, or -1 and in @why what is
 * wrong, which begins with the path.
 */
int check_overlay(struct model *m, int overlay, const char *path,
		  const struct window *w, char *why, size_t len);

/* The same for all overlays that the model has mounted */
int check_mounted(struct model *m, const struct window *w, char *why,
		  size_t len);

#endif
