/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_WALK_H
#define HOOK_WALK_H

#include <stdbool.h>

#include "error.h"
#include "note.h"
#include "overlay.h"
#include "pool.h"

/**
 * struct walk - one walk through an upper directory.
 * @pool: who syncs
 * @upper: the directory's path, for messages
 * @fd: the directory, or -1
 * @submitted: files that were dirty
 * @errnum: the first error that was not an fsync's, or 0; of @failed
 */
struct walk {
	struct pool *pool;
	char *upper;
	int fd;
	unsigned long submitted;
	int errnum;
	char failed[512];
};

int walk_prepare(struct walk *w, const struct overlay *o, struct error *err);
int walk_sync(struct walk *w, struct error *err);
void walk_note(const struct walk *w, bool writers, struct note *note);
void walk_clear(struct walk *w);

#define cleanup_walk __attribute__((cleanup(walk_clear)))

#endif
