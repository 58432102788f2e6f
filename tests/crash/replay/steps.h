/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the steps of a sequence are made with. */
#ifndef STEPS_H
#define STEPS_H

#include "generate.h"

#define MAX_PATHS 512

struct generator {
	struct model *m;
	struct random random;
	const char *without;
	FILE *out;
	/* Of the names of handles and files */
	int serial;
	/* Of the overlay at hand */
	int overlay, count;
	struct {
		char *text;
		struct inode *inode;
	} paths[MAX_PATHS];
};

bool one_in(struct generator *g, unsigned int n);
bool has(const struct generator *g, const char *feature);

/* Prints a command if the model takes it. */
__attribute__((format(printf, 2, 3))) bool emit(struct generator *g,
						const char *format, ...);

/* From now on it is the overlay at hand, as it is now. */
void look_at(struct generator *g, int overlay);

/* Of one of these types; "" if there is none, which no command takes. */
const char *path_of(struct generator *g, const char *types);

/* In a folder; sometimes a name that there was before. Good for a few calls. */
const char *new_path(struct generator *g);

/* Half of them at the borders of blocks */
long long length(struct generator *g, bool aligned);

/* Within the file, or a little behind its end */
long long offset(struct generator *g, const struct inode *i, bool aligned);

/* A handle on the overlay at hand, with a map or without */
struct handle *any_handle(struct generator *g, bool map);

/* Steps, on the overlay at hand: false if there is no more of it than a try */
bool any_step(struct generator *g);
bool sync_step(struct generator *g);

#endif
