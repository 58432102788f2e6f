// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A crash point is a prefix of the log, or one of a flush before it and some of
 * the writes that the next flush covers. They are in the order in which they were
 * completed, and a disk that is asked for no flush may keep any of them. Two of
 * the same sector it does not exchange: which of them is left out says it all.
 */
#define _GNU_SOURCE
#include "try.h"
#include "check.h"
#include "generate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct trial {
	const struct rig *rig;
	struct image *image;
	struct model *model;
	struct log log;
	struct random random;
	/* So many entries of the log are in the image. */
	size_t applied;
	struct tally *tally;
	char why[2048];
};

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct model *model_of(const struct lines *sequence)
{
	struct model *m = model_new();

	for (int i = 0; i < sequence->count; i++)
		if (model_run(m, sequence->line[i])) {
			printf("# command %d cannot be: '%s'\n", i + 1,
			       sequence->line[i]);
			model_free(m);
			return NULL;
		}
	return m;
}

static enum verdict record(struct trial *t, const struct lines *sequence)
{
	struct window now = { .from = t->model->now,
			      .to = t->model->now,
			      .atomic = true };
	int len = sizeof(t->why), ret;
	char why[256];

	image_to_device(t->image);
	if (rig_record(t->rig, t->why, len))
		return BROKEN;
	ret = rig_mount(t->rig, "/dev/mapper/up", t->why, len);
	if (!ret) {
		ret = rig_run(t->rig, sequence->line, sequence->count, t->why,
			      len) ||
		      check_mounted(t->model, &now, t->why, sizeof(t->why));
		if (rig_umount(why, sizeof(why)) && !ret) {
			strcpy(t->why, why);
			ret = -1;
		}
	}
	if (rig_stop_recording(why, sizeof(why)) && !ret) {
		strcpy(t->why, why);
		ret = -1;
	}
	return ret ? BROKEN : KEPT;
}

/*
 * The last sync of an overlay that was complete, if need be with the next one of
 * whatever overlay, when command @mark began
 */
static const struct sync *last_sync(const struct trial *t, int overlay,
				    int mark)
{
	const struct model *m = t->model;
	int late = t->rig->late ? 1 : 0;

	for (int s = m->sync_count - late; s-- > 0;)
		if (m->syncs[s].overlay == overlay &&
		    m->syncs[s + late].done <= mark)
			return &m->syncs[s];
	return NULL;
}

static int check_after_cut(struct trial *t, int mark)
{
	struct window w = rig_window(t->rig);
	char path[] = "/mnt/?", why[1024];
	const struct sync *s;

	w.to = mark < t->model->now ? mark : t->model->now;
	for (int o = 0; o < OVERLAYS; o++) {
		path[5] = (char)('a' + o);
		s = last_sync(t, o, mark);
		w.from = s ? s->when : 0;
		if (!check_overlay(t->model, o, path, &w, why, sizeof(why)))
			continue;
		if (s)
			snprintf(
				t->why, sizeof(t->why),
				"%s\n#   overlay %c was synced by command %d '%s'",
				why, 'a' + o, s->when + 1,
				t->model->commands[s->when + 1]);
		else
			snprintf(t->why, sizeof(t->why),
				 "%s\n#   overlay %c is that of the base", why,
				 'a' + o);
		return -1;
	}
	return 0;
}

/* The image has the content; @mark is the last command that may have begun. */
static enum verdict cut(struct trial *t, int mark)
{
	enum verdict verdict = KEPT;
	char why[256];
	int ret;

	t->tally->cuts++;
	image_to_device(t->image);
	ret = rig_recover(t->rig, t->why, sizeof(t->why));
	if (ret < 0)
		return LOST;
	t->tally->repaired += ret;
	if (check_after_cut(t, mark))
		verdict = LOST;
	if (rig_umount(why, sizeof(why)) && verdict == KEPT) {
		strcpy(t->why, why);
		verdict = BROKEN;
	}
	return verdict;
}

static enum verdict tell(const struct trial *t, enum verdict v, size_t entry,
			 int mark, const char *what)
{
	if (v != KEPT)
		printf("# power cut at entry %zu of %zu of the log%s, during command %d '%s':\n#   %s\n",
		       entry, t->log.count, what, mark,
		       mark <= t->model->now ? t->model->commands[mark]
					     : "(the end)",
		       t->why);
	return v;
}

static int go_to(struct trial *t, size_t entry)
{
	for (; t->applied < entry; t->applied++)
		if (image_write(t->image, &t->log, &t->log.entries[t->applied]))
			return -1;
	return 0;
}

static int mark_before(const struct trial *t, size_t entry)
{
	return entry ? t->log.entries[entry - 1].mark : 0;
}

static enum verdict cut_prefix(struct trial *t, size_t entry)
{
	int mark = mark_before(t, entry);

	if (go_to(t, entry)) {
		strcpy(t->why, "the log cannot be replayed");
		return tell(t, BROKEN, entry, mark, "");
	}
	t->tally->prefixes++;
	return tell(t, cut(t, mark), entry, mark, "");
}

/* Waits for a flush to be durable */
static bool is_unflushed(const struct entry *e)
{
	return is_write(e) && !(e->flags & (LOG_FUA | LOG_FLUSH));
}

/*
 * All before the writes that one flush covers, which includes the one at @entry,
 * and any of these. They were complete, or on their way, at some time after the
 * last mark before them: it came into the log at once, they when it was flushed.
 */
static enum verdict cut_unflushed(struct trial *t, size_t entry)
{
	size_t end = log_flush_after(&t->log, entry), first = end, kept = 0;
	unsigned int keep = 1 + random_below(&t->random, 7);
	struct undo *undo;
	enum verdict v = KEPT;
	char what[64];
	int mark;

	while (first > t->applied && is_unflushed(&t->log.entries[first - 1]))
		first--;
	if (first > entry)
		return KEPT;
	mark = mark_before(t, first);
	if (go_to(t, first)) {
		strcpy(t->why, "the log cannot be replayed");
		return tell(t, BROKEN, first, mark, "");
	}
	undo = image_save(t->image, &t->log, first, end);
	for (size_t e = first; e < end && v == KEPT; e++) {
		if (random_below(&t->random, 8) >= keep)
			continue;
		kept++;
		if (image_write(t->image, &t->log, &t->log.entries[e]))
			v = BROKEN;
	}
	snprintf(what, sizeof(what), " and %zu of the next %zu writes", kept,
		 end - first);
	if (v == KEPT)
		v = cut(t, mark);
	image_restore(t->image, undo);
	return tell(t, v, first, mark, what);
}

static bool is_done_mark(const struct trial *t, size_t entry)
{
	const struct entry *e = &t->log.entries[entry];

	if (e->flags & LOG_MARK)
		for (int s = 0; s < t->model->sync_count; s++)
			if (t->model->syncs[s].done == e->mark)
				return true;
	return false;
}

/* The first mark of a completed sync */
static size_t first_sync(const struct trial *t)
{
	size_t e = 0;

	while (e < t->log.count && !is_done_mark(t, e))
		e++;
	return e;
}

/*
 * Right behind each sync; and as many of all prefixes that end with a write, and
 * of all places for writes to be dropped at, as there are to be.
 */
static enum verdict cut_everywhere(struct trial *t)
{
	size_t first = first_sync(t), writes = 0;
	enum verdict v = KEPT;

	for (size_t e = first; e < t->log.count; e++)
		writes += is_write(&t->log.entries[e]);
	for (size_t e = first; e < t->log.count && v == KEPT; e++) {
		const struct entry *entry = &t->log.entries[e];

		if (is_write(entry)) {
			unsigned int chance =
				t->rig->cuts
					? (unsigned int)(writes /
								 (size_t)t->rig
									 ->cuts +
							 1)
					: 1;

			if (is_unflushed(entry) &&
			    !random_below(&t->random, chance * 2))
				v = cut_unflushed(t, e);
			if (v == KEPT &&
			    !random_below(&t->random,
					  t->rig->cuts ? chance * 2 : 1))
				v = cut_prefix(t, e + 1);
		} else if (is_done_mark(t, e)) {
			v = cut_prefix(t, e + 1);
		}
	}
	return v;
}

static enum verdict replay(struct trial *t)
{
	enum verdict v;

	if (log_open(&t->log, t->rig->log)) {
		strcpy(t->why, "no log");
		return BROKEN;
	}
	t->tally->entries += (long long)t->log.count;
	/* The one that ovlio leaves at its end */
	if (mark_before(t, t->log.count) != t->model->now + 1) {
		printf("# the log is not whole: was its device too small?\n");
		v = BROKEN;
	} else {
		v = cut_everywhere(t);
	}
	log_close(&t->log);
	return v;
}

enum verdict try(const struct rig *r, struct image *image,
		 const struct lines *sequence, uint64_t seed,
		 struct tally *tally)
{
	struct trial t = {
		.rig = r, .image = image, .tally = tally, .random = { ~seed }
	};
	long long began = now_us(), recorded;
	enum verdict v;

	t.model = model_of(sequence);
	if (!t.model)
		return BROKEN;
	image_reset(image);
	v = record(&t, sequence);
	if (v != KEPT)
		printf("# not a power cut: %s\n", t.why);
	recorded = now_us();
	if (v == KEPT)
		v = replay(&t);
	tally->sequences++;
	tally->commands += t.model->now;
	tally->syncs += t.model->sync_count;
	tally->record_us += recorded - began;
	tally->cut_us += now_us() - recorded;
	model_free(t.model);
	return v;
}
