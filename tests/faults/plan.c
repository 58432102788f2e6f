// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Trials: a random sequence of tests/crash/replay up to some command, a fault that
 * begins there, or while that command runs, the rest of the sequence, and syncs by
 * whoever has not synced yet.
 */
#define _GNU_SOURCE
#include "plan.h"
#include "../crash/replay/lines.h"
#include "../crash/replay/shrink.h"
#include "../crash/replay/steps.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct planner {
	struct random random;
	const struct place_of_trial *where;
	struct lines l;
	/* Of the fault */
	const char *kind;
	bool heals;
};

static unsigned int below(struct planner *p, unsigned int n)
{
	return random_below(&p->random, n);
}

static bool chance(struct planner *p, unsigned int n)
{
	return !below(p, n);
}

__attribute__((format(printf, 2, 3))) static void say(struct planner *p,
						      const char *format, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	add_line(&p->l, line);
}

static bool is(const struct planner *p, const char *type)
{
	return !strcmp(p->where->type, type);
}

static const struct {
	const char *name;
	unsigned int weight;
	bool heals;
	/* Which filesystems; NULL for all */
	const char *types;
} kinds[] = {
	{ "range", 20, true, NULL },	   { "data", 24, true, NULL },
	{ "metadata", 12, true, NULL },	   { "flakey", 8, true, NULL },
	{ "gone", 8, true, NULL },	   { "removed", 6, false, NULL },
	{ "full", 8, true, NULL },	   { "no-space", 8, true, NULL },
	{ "slow", 6, true, NULL },	   { "shutdown", 8, false, "ext4 xfs" },
	{ "read-only", 8, false, "ext4" },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* By commas or spaces */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list) {
		size_t word = strcspn(list, ", ");

		if (word == len && !strncmp(list, name, len))
			return true;
		list += word + (list[word] != 0);
	}
	return false;
}

static unsigned int weight_of(const struct planner *p, size_t k)
{
	if ((kinds[k].types && !strstr(kinds[k].types, p->where->type)) ||
	    listed(p->where->without, kinds[k].name) ||
	    (*p->where->only && !listed(p->where->only, kinds[k].name)))
		return 0;
	return kinds[k].weight;
}

static void choose_kind(struct planner *p)
{
	unsigned int total = 0, n;

	for (size_t k = 0; k < KINDS; k++)
		total += weight_of(p, k);
	n = total ? below(p, total) : 0;
	for (size_t k = 0; k < KINDS; k++) {
		if (n < weight_of(p, k)) {
			p->kind = kinds[k].name;
			p->heals = kinds[k].heals && chance(p, 2);
			return;
		}
		n -= weight_of(p, k);
	}
	p->kind = "slow";
}

static bool kind_is(const struct planner *p, const char *kind)
{
	return !strcmp(p->kind, kind);
}

/* Parts of a million, as devices are of different sizes; small ones as well. */
static void say_range(struct planner *p, const char *when, const char *what)
{
	unsigned int len = 1000000 >> (1 + below(p, 8));

	say(p, "%s range %u %u %s", when,
	    chance(p, 2) ? below(p, 250000) : below(p, 1000000), len, what);
}

/* @target is the overlay that a fault is aimed at. */
static void say_fault(struct planner *p, int target)
{
	static const char *const whats[] = { "both", "both", "writes",
					     "reads" };
	const char *what = whats[below(p, 4)];
	char when[32] = "%fault";

	if (!kind_is(p, "full") && !kind_is(p, "no-space") && chance(p, 3))
		snprintf(when, sizeof(when), "%%during %u", below(p, 120));
	if (kind_is(p, "range"))
		say_range(p, when, what);
	else if (kind_is(p, "data"))
		say(p, "%s data %c %s", when, 'a' + target,
		    chance(p, 2) ? "both" : "writes");
	else if (kind_is(p, "metadata"))
		say(p, "%s metadata %d %s", when,
		    chance(p, 2) ? -1 : (int)below(p, 1000), what);
	else if (kind_is(p, "flakey"))
		say(p, "%s flakey %u %u %s", when, below(p, 2), 1 + below(p, 2),
		    chance(p, 2) ? "both" : "writes");
	else if (kind_is(p, "shutdown"))
		say(p, "%s shutdown %u", when, below(p, 3));
	else if (kind_is(p, "full"))
		say(p, "%s full %u", when, below(p, 1000));
	else if (kind_is(p, "no-space"))
		say(p, "%s no-space %u", when, below(p, 8));
	else if (kind_is(p, "slow"))
		say(p, "%s slow %u", when, 20 + below(p, 200));
	else
		say(p, "%s %s", when, p->kind);
}

/* A sequence without its ends and beginnings of mounts: descriptors stay open. */
static struct lines sequence(struct planner *p, uint64_t seed)
{
	static const char *const not[] = { "umount ", "overlay ", "remount " };
	struct lines all, some = { 0 }, valid;
	char *text = NULL, without[128];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	/* From what has checksums there is no clone to what has none. */
	snprintf(without, sizeof(without), "%s%s", p->where->without,
		 is(p, "btrfs") && kind_is(p, "data") ? " clone" : "");
	generate(f, seed, 12 + (int)below(p, 24), without);
	fclose(f);
	all = lines_of_text(text, len);
	free(text);
	for (int i = 0; i < all.count; i++) {
		char flags[16];
		bool keep = true;

		for (size_t n = 0; n < 3; n++)
			keep &= strncmp(all.line[i], not[n], strlen(not[n])) !=
				0;
		/* Direct I/O is not for an end that is anywhere. */
		if (sscanf(all.line[i], "open d%*d %15s", flags) == 1)
			keep &= !strchr(flags, 'a');
		if (keep)
			add_line(&some, all.line[i]);
	}
	valid = valid_lines(&some);
	free_lines(&all);
	return valid;
}

/* Within what is there: nothing is freed that somebody else could get. */
static void overwrite(struct generator *g)
{
	/* The last is not aligned as direct I/O needs it. */
	static const char *const ways[] = { "write", "aiowrite", "uringwrite",
					    "writev" };
	const char *path = path_of(g, "f");
	bool direct = one_in(g, 6);
	int n = ++g->serial;
	long long size, off, len;

	if (!emit(g, "open o%d rw%s %s", n, direct ? "d" : "", path))
		return;
	size = cell_now(&g->m->handles->inode->size)->n;
	if (direct)
		size = size / BLOCK * BLOCK;
	off = size ? random_below(&g->random, (unsigned int)size) : 0;
	len = length(g, direct);
	if (direct || one_in(g, 2))
		off = off / BLOCK * BLOCK;
	if (len > size - off)
		len = size - off;
	if (len > 0 && !direct && one_in(g, 4)) {
		if (emit(g, "mmap p%d o%d %lld", n, n, size))
			emit(g, "store p%d %lld %lld", n, off, len);
	} else if (len > 0) {
		emit(g, "%s o%d %lld %lld",
		     ways[random_below(&g->random, direct ? 3 : 4)], n, off,
		     len);
	}
	if (one_in(g, 6))
		emit(g, "writeback o%d", n);
	if (!one_in(g, 4))
		emit(g, "close o%d", n);
	if (one_in(g, 8))
		emit(g, "evict");
}

/* What is written after the blocks of overlay @target have gone bad */
static struct lines overwrites(struct planner *p, int target)
{
	char *text = NULL;
	size_t len = 0;
	struct generator g = {
		.m = model_new(),
		.random = { p->random.state ^ 0x5555 },
		.without = p->where->without,
		.out = open_memstream(&text, &len),
		.serial = 1000,
	};
	struct lines l;

	for (int i = 0; i < p->l.count; i++)
		if (*p->l.line[i] != '%')
			model_run(g.m, p->l.line[i]);
	for (unsigned int n = 2 + below(p, 10); n--;) {
		look_at(&g, chance(p, 3) ? !target : target);
		overwrite(&g);
	}
	fclose(g.out);
	model_free(g.m);
	while (g.count)
		free(g.paths[--g.count].text);
	l = lines_of_text(text, len);
	free(text);
	return l;
}

/* Files that have their blocks, to be overwritten in place */
static void say_files(struct planner *p)
{
	for (int o = 'a'; o <= 'b'; o++) {
		say(p, "open k%c rwc /mnt/%c/k", o, o);
		say(p, "write k%c 0 %u", o, 20000 + below(p, 60000));
		if (chance(p, 2))
			say(p, "close k%c", o);
	}
}

static void say_syncs(struct planner *p)
{
	for (unsigned int n = 3 + below(p, 4); n--;) {
		int o = 'a' + (int)below(p, OVERLAYS);

		if (chance(p, 3))
			say(p, "syncfs /mnt/%c", o);
		else
			say(p, "%%sync d%c%u", o, 1 + below(p, 2));
	}
}

/* The power fails; or overlays are unmounted before; or all is. */
static void say_end(struct planner *p)
{
	unsigned int end = below(p, 4);
	int first = 'a' + (int)below(p, 2);

	if (end < 2)
		say(p, "%%cut");
	say(p, "%%quit");
	if (end == 2) {
		say(p, "%%%s %c", chance(p, 2) ? "remount" : "umount", first);
		say(p, "%%umount %c", 'a' + 'b' - first);
		say(p, "%%cut");
	}
}

static void say_header(struct planner *p)
{
	static const unsigned int delays[] = { 0, 2, 20 };

	if (kind_is(p, "removed"))
		say(p, "%%disk");
	else if (kind_is(p, "no-space"))
		say(p, "%%thin");
	else
		say(p, "%%delay %u", delays[below(p, 3)]);
	/* Otherwise no block of a file stays where it is. */
	if (is(p, "btrfs") && kind_is(p, "data"))
		say(p, "%%mount nodatacow");
	if (is(p, "ext4") && (kind_is(p, "read-only") || chance(p, 2)))
		say(p, "%%mount errors=remount-ro");
	for (int o = 'a'; o <= 'b'; o++)
		for (int n = 1; n <= 2; n++)
			say(p, "%%open d%c%d %c", o, n, o);
}

void plan(FILE *out, uint64_t seed, const struct place_of_trial *where)
{
	struct planner p = { .random = { seed ^ 0xfa017 }, .where = where };
	struct lines l, after;
	int target, begin, heal;

	choose_kind(&p);
	target = (int)below(&p, OVERLAYS);
	l = sequence(&p, seed);
	say_header(&p);
	begin = l.count / 3 + (int)below(&p, (unsigned int)l.count * 2 / 3 + 1);
	for (int i = 0; i < begin && i < l.count; i++) {
		add_line(&p.l, l.line[i]);
		if (!i && kind_is(&p, "data"))
			say_files(&p);
	}
	if (kind_is(&p, "data")) {
		say(&p, "syncfs /mnt/a");
		say(&p, "syncfs /mnt/b");
		after = overwrites(&p, target);
	} else {
		after = (struct lines){ 0 };
		for (int i = begin; i < l.count; i++)
			add_line(&after, l.line[i]);
	}
	say_fault(&p, target);
	heal = (int)below(&p, (unsigned int)after.count + 1);
	for (int i = 0; i < after.count; i++) {
		if (p.heals && i == heal)
			say(&p, "%%heal");
		add_line(&p.l, after.line[i]);
	}
	if (kind_is(&p, "flakey"))
		say(&p, "%%sleep %u", below(&p, 1500));
	if (chance(&p, 2))
		say_syncs(&p);
	if (p.heals && heal == after.count)
		say(&p, "%%heal");
	say_syncs(&p);
	say_end(&p);
	print_lines(&p.l, out);
	free_lines(&p.l);
	free_lines(&after);
	free(l.line);
}
