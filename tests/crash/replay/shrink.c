// SPDX-License-Identifier: GPL-2.0-or-later
#include "shrink.h"
#include "../../tools/ovlio.h"
#include "model.h"
#include <stdlib.h>
#include <string.h>

static struct lines room_for(int count)
{
	struct lines l = { calloc((size_t)count + 1, sizeof(*l.line)), 0 };

	if (!l.line)
		abort();
	return l;
}

struct lines valid_lines(const struct lines *all)
{
	struct lines some = room_for(all->count);
	struct model *m = model_new();

	for (int i = 0; i < all->count; i++)
		if (*all->line[i] == '%' || !model_run(m, all->line[i]))
			some.line[some.count++] = all->line[i];
	model_free(m);
	fill_seed(0);
	return some;
}

static struct lines without(const struct lines *all, int from, int count)
{
	struct lines some = room_for(all->count), valid;

	for (int i = 0; i < all->count; i++)
		if (i < from || i >= from + count)
			some.line[some.count++] = all->line[i];
	valid = valid_lines(&some);
	free(some.line);
	return valid;
}

struct lines shrink(const struct lines *all, int calls,
		    bool (*fails)(const struct lines *some, void *context),
		    void *context)
{
	struct lines best = without(all, 0, 0);
	int piece = best.count / 2;

	while (piece) {
		bool less = false;

		/* From the end, as what comes later needs what came before. */
		for (int from = best.count - piece; from > -piece && calls;) {
			struct lines some =
				without(&best, from < 0 ? 0 : from,
					from < 0 ? piece + from : piece);

			calls -= some.count > 0;
			if (some.count && fails(&some, context)) {
				free(best.line);
				best = some;
				less = true;
				if (from > best.count - piece)
					from = best.count - piece;
			} else {
				free(some.line);
				from -= piece;
			}
		}
		if (!calls)
			break;
		/* The last round leaves nothing out. */
		if (!less || piece > 1)
			piece /= 2;
	}
	return best;
}
