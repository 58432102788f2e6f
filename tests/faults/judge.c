// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A descriptor is told of an error once; from then on its success says nothing of
 * what was lost before. So what counts is a success by one that was open all the
 * time and was told of none; or by one that is opened while nobody was told, since
 * it gets to know what nobody has heard of yet.
 */
#define _GNU_SOURCE
#include "judge.h"
#include "../crash/replay/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int judge_find(const struct judge *j, const char *descriptor)
{
	for (int d = 0; d < j->descriptors; d++)
		if (!strcmp(j->descriptor[d].name, descriptor))
			return d;
	return FRESH;
}

static int wrong(struct judge *j, int overlay, const char *what, int error)
{
	snprintf(j->why, sizeof(j->why), "overlay %c: %s: %s", 'a' + overlay,
		 what, strerror(error));
	return -1;
}

int judge_sync(struct judge *j, int overlay, int descriptor, int when,
	       int error)
{
	bool *told = descriptor < 0 ? &j->told[overlay]
				    : &j->descriptor[descriptor].told;

	if (error) {
		*told = true;
		j->told[overlay] = true;
		if (!j->begun)
			return wrong(j, overlay, "told before any fault",
				     error);
		if (j->spares[overlay])
			return wrong(j, overlay, "told of what is not its own",
				     error);
		return 0;
	}
	if (!*told)
		j->promised[overlay] = when;
	return 0;
}

/* By the paths and names in it; both if there is none. */
static void concerns(struct judge *j, const char *command, bool *overlays)
{
	char *line = strdup(command), *rest = line, *word;
	const struct handle *h;
	bool any = false;

	while ((word = strsep(&rest, " "))) {
		int o = !strncmp(word, "/mnt/", 5) ? word[5] - 'a' : -1;

		h = o < 0 ? find_handle(j->m, word) : NULL;
		if (h && h->inode)
			o = h->inode->overlay;
		if (o >= 0 && o < OVERLAYS) {
			overlays[o] = true;
			any = true;
		}
	}
	for (int o = 0; o < OVERLAYS && !any; o++)
		overlays[o] = true;
	free(line);
}

int judge_failure(struct judge *j, const char *command, int error)
{
	bool overlays[OVERLAYS] = { false };

	concerns(j, command, overlays);
	for (int o = 0; o < OVERLAYS; o++) {
		j->failed[o] |= overlays[o];
		if (overlays[o] && j->spares[o]) {
			snprintf(
				j->why, sizeof(j->why),
				"overlay %c: '%s' failed because of what is not its own: %s",
				'a' + o, command, strerror(error));
			return -1;
		}
	}
	return 0;
}

int judge_what_is_left(struct judge *j, const struct rig *r)
{
	char path[] = "/mnt/?", why[1024];

	for (int o = 0; o < OVERLAYS; o++) {
		struct window w = rig_window(r);

		w.from = j->promised[o];
		w.to = j->m->now;
		/* What has failed halfway may have left anything. */
		if (j->told[o] || j->failed[o])
			w.atomic = false;
		path[5] = (char)('a' + o);
		if (!check_overlay(j->m, o, path, &w, why, sizeof(why)))
			continue;
		snprintf(j->why, sizeof(j->why),
			 "%s\n#   overlay %c: %s%d of %d commands, and %s", why,
			 'a' + o,
			 w.from ? "a sync has promised " : "the base, then ",
			 w.from, j->m->now,
			 j->told[o] ? "was told of an error"
				    : "was told of no error");
		return -1;
	}
	return 0;
}
