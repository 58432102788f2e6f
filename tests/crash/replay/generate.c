// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sequences of ovlio commands. Each is tried on the model before it is printed,
 * so that it will succeed; who wants to know what may fail asks the model.
 */
#define _GNU_SOURCE
#include "steps.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

unsigned int random_below(struct random *r, unsigned int below)
{
	/* splitmix64 */
	uint64_t z = (r->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (unsigned int)((z ^ (z >> 31)) >> 32) % below;
}

bool one_in(struct generator *g, unsigned int n)
{
	return !random_below(&g->random, n);
}

bool has(const struct generator *g, const char *feature)
{
	return !strstr(g->without, feature);
}

bool emit(struct generator *g, const char *format, ...)
{
	char line[2048];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (model_run(g->m, line))
		return false;
	fprintf(g->out, "%s\n", line);
	return true;
}

static void collect(struct generator *g, const struct inode *folder,
		    const char *path)
{
	for (const struct name *n = folder->names; n; n = n->next) {
		struct inode *i = name_now(n);
		char *text;

		if (!i || g->count == MAX_PATHS ||
		    asprintf(&text, "%s/%s", path, n->text) < 0)
			continue;
		g->paths[g->count].inode = i;
		g->paths[g->count++].text = text;
		if (i->type == 'd')
			collect(g, i, text);
	}
}

void look_at(struct generator *g, int overlay)
{
	char root[] = "/mnt/?";

	while (g->count)
		free(g->paths[--g->count].text);
	g->overlay = overlay;
	root[5] = (char)('a' + overlay);
	collect(g, g->m->root[overlay], root);
}

const char *path_of(struct generator *g, const char *types)
{
	for (int tries = 0; g->count && tries < 50; tries++) {
		unsigned int n =
			random_below(&g->random, (unsigned int)g->count);

		if (strchr(types, g->paths[n].inode->type))
			return g->paths[n].text;
	}
	return "";
}

const char *new_path(struct generator *g)
{
	static char buffers[4][512];
	static int turn;
	char *path = buffers[turn++ % 4];
	char root[] = "/mnt/?";
	const char *folder = one_in(g, 3) ? "" : path_of(g, "d");
	struct inode *i = g->m->root[g->overlay];
	struct place at;

	root[5] = (char)('a' + g->overlay);
	if (*folder && !lookup(g->m, folder, &at) && at.inode)
		i = at.inode;
	if (one_in(g, 3))
		for (const struct name *n = i->names; n; n = n->next)
			if (!name_now(n) && one_in(g, 2)) {
				snprintf(path, 512, "%s/%s",
					 *folder ? folder : root, n->text);
				return path;
			}
	snprintf(path, 512, "%s/n%d", *folder ? folder : root, ++g->serial);
	return path;
}

long long length(struct generator *g, bool aligned)
{
	if (aligned || one_in(g, 2))
		return BLOCK * (1LL + random_below(&g->random, 8));
	return 1LL + random_below(&g->random, one_in(g, 2) ? 300 : 20000);
}

long long offset(struct generator *g, const struct inode *i, bool aligned)
{
	long long size = cell_now(&i->size)->n;
	long long off = random_below(&g->random, (unsigned int)size + 9000);

	if (one_in(g, 4))
		off = size;
	if (one_in(g, 4))
		off = 0;
	return aligned || one_in(g, 3) ? off / BLOCK * BLOCK : off;
}

struct handle *any_handle(struct generator *g, bool map)
{
	struct handle *found = NULL;
	unsigned int n = 0;

	for (struct handle *h = g->m->handles; h; h = h->next)
		if (h->inode && h->inode->overlay == g->overlay &&
		    h->map == map && !h->command &&
		    !random_below(&g->random, ++n))
			found = h;
	return found;
}

void generate(FILE *out, uint64_t seed, int steps, const char *without)
{
	struct generator g = {
		.m = model_new(),
		.random = { seed },
		.without = without,
		.out = out,
	};

	emit(&g, "seed %llu", (unsigned long long)seed % 1000000 + 1);
	for (int done = 0, tries = 0; done < steps && tries < 20 * steps;
	     tries++) {
		/* Mostly the same, so that much comes together before a sync. */
		look_at(&g, one_in(&g, 3));
		/* Room for what ends it */
		if (g.m->now > MAX_COMMANDS - 100)
			break;
		done += any_step(&g);
	}
	if (!g.m->sync_count) {
		look_at(&g, 0);
		sync_step(&g);
	}
	while (g.count)
		free(g.paths[--g.count].text);
	model_free(g.m);
}
