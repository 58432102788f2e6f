// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One trial: its commands are run by ovlio until one fails, syncs until the end; its
 * directives (README.md) are done here. Then what is on the device is compared with
 * what was promised.
 */
#define _GNU_SOURCE
#include "trial.h"
#include "effects.h"
#include "judge.h"
#include "mounts.h"
#include "player.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run {
	struct device d;
	const struct layout *layout;
	struct player player;
	struct judge judge;
	struct kernel_log log;
	struct effects effects;
	struct tally *tally;
	char options[128];
	/* A command has failed, when it was that: no more of them. */
	bool stopped;
	int stopped_when;
	/* A fault that begins so many milliseconds after the next command */
	bool pending;
	int pending_ms;
};

static enum verdict trouble(struct run *r, const char *what)
{
	if (what)
		snprintf(r->judge.why, sizeof(r->judge.why), "%s", what);
	return TROUBLE;
}

static enum verdict hang(struct run *r, const char *what)
{
	snprintf(r->judge.why, sizeof(r->judge.why),
		 "hangs, after %d seconds: %s", DEADLINE, what);
	return HANG;
}

static void count_kind(struct run *r, const char *name)
{
	for (int k = 0; k < KINDS_MAX; k++) {
		if (!*r->tally->kind[k].name)
			snprintf(r->tally->kind[k].name,
				 sizeof(r->tally->kind[k].name), "%s", name);
		if (!strcmp(r->tally->kind[k].name, name)) {
			r->tally->kind[k].trials++;
			return;
		}
	}
}

/* By the kernel, before everything ends */
static void note_felt(struct run *r)
{
	kernel_log_read(&r->log);
	r->effects.felt |= r->log.device_error;
}

static int call_fault(void *context)
{
	struct run *r = context;

	return effect_begin(&r->effects, &r->d);
}

/* What it concerns has to be known before. */
static enum verdict prepare(struct run *r, const char *fault)
{
	return effect_prepare(&r->effects, &r->d, r->layout, fault)
		       ? trouble(r, fault)
		       : RIGHT;
}

/*
 * From now on errors may be told, but not to whom it does not concern. With
 * another fault on top it may be of concern to all.
 */
static enum verdict begin(struct run *r)
{
	const struct effect *f = &r->effects.last;
	bool *spares = r->judge.spares;
	int ret;

	if (strcmp(f->kind, "cut"))
		count_kind(r, f->kind);
	else
		note_felt(r);
	r->judge.begun = true;
	spares[0] = spares[1] = r->effects.count == 1 &&
				!strcmp(f->kind, "slow");
	if (r->effects.count == 1 && !strcmp(f->kind, "data"))
		spares[f->target == 'a'] = true;
	ret = guarded(call_fault, r);
	if (ret == HANGS)
		return hang(r, f->kind);
	return ret ? trouble(r, f->kind) : RIGHT;
}

/* Leaves what it got in @error. */
static enum verdict ask(struct run *r, const char *command, int *error)
{
	enum verdict v = RIGHT;

	player_send(&r->player, command);
	if (r->pending) {
		usleep((useconds_t)r->pending_ms * 1000);
		r->pending = false;
		v = begin(r);
	}
	if (v != RIGHT)
		return v;
	*error = player_answer(&r->player);
	if (*error == HANGS)
		return hang(r, command);
	return *error == DIED ? trouble(r, "ovlio has died") : RIGHT;
}

/* Up to when all has been done; then came what was done in part. */
static int now(const struct run *r)
{
	return r->stopped ? r->stopped_when : r->judge.m->now;
}

static enum verdict sync_by(struct run *r, const char *command, int overlay,
			    int descriptor)
{
	int when = now(r), error;
	enum verdict v = ask(r, command, &error);

	if (v != RIGHT)
		return v;
	r->effects.felt |= error > 0;
	return judge_sync(&r->judge, overlay, descriptor, when, error) ? WRONG
								       : RIGHT;
}

static enum verdict run_command(struct run *r, const char *command)
{
	struct judge *j = &r->judge;
	enum verdict v;
	int error;

	if (!strncmp(command, "syncfs /mnt/", 12)) {
		/* So that the model, too, has all commands of the sequence. */
		v = sync_by(r, command, command[12] - 'a', FRESH);
		model_run(j->m, command);
		return v;
	}
	if (r->stopped)
		return RIGHT;
	v = ask(r, command, &error);
	if (v != RIGHT)
		return v;
	if (error) {
		if (!j->begun) {
			snprintf(j->why, sizeof(j->why), "'%s' failed: %s",
				 command, strerror(error));
			return TROUBLE;
		}
		r->stopped = r->effects.felt = true;
		r->stopped_when = j->m->now;
		if (judge_failure(j, command, error))
			v = WRONG;
	}
	/* Some of what has failed may have been done. */
	if (model_run(j->m, command) && v == RIGHT) {
		snprintf(j->why, sizeof(j->why), "cannot be: '%s'", command);
		return TROUBLE;
	}
	return v;
}

/* Of umount, which cannot fail, the kernel's log tells. */
static enum verdict end_overlay(struct run *r, const char *how, int overlay)
{
	bool is_umount = !strcmp(how, "umount");
	int error;

	kernel_log_read(&r->log);
	r->log.lost_data = false;
	error = is_umount ? umount_overlay(overlay) : remount_overlay(overlay);
	if (error == HANGS)
		return hang(r, how);
	if (is_umount && error)
		return trouble(r, "an overlay cannot be unmounted");
	kernel_log_read(&r->log);
	if (is_umount && r->log.lost_data)
		error = EIO;
	return judge_sync(&r->judge, overlay, FRESH, now(r), error) ? WRONG
								    : RIGHT;
}

static enum verdict open_descriptor(struct run *r, const char *name, char o)
{
	struct judge *j = &r->judge;
	char command[64];
	int error;

	snprintf(command, sizeof(command), "open %s rD /mnt/%c", name, o);
	if (j->descriptors == DESCRIPTORS || ask(r, command, &error) != RIGHT ||
	    error)
		return trouble(r, "an overlay cannot be opened");
	snprintf(j->descriptor[j->descriptors].name,
		 sizeof(j->descriptor->name), "%s", name);
	j->descriptor[j->descriptors++].overlay = o - 'a';
	return RIGHT;
}

static enum verdict done(struct run *r, int ret, const char *what)
{
	return ret == HANGS ? hang(r, what) : ret ? trouble(r, what) : RIGHT;
}

static int call_heal(void *context)
{
	struct run *r = context;

	return effect_end(&r->effects, &r->d);
}

static enum verdict directive(struct run *r, const char *line)
{
	char name[16], overlay, command[64];
	int n, d, at = 0;

	if (sscanf(line, "%%open %15s %c", name, &overlay) == 2)
		return open_descriptor(r, name, overlay);
	if (sscanf(line, "%%sync %15s", name) == 1) {
		d = judge_find(&r->judge, name);
		snprintf(command, sizeof(command), "syncfs %s", name);
		return d < 0 ? RIGHT
			     : sync_by(r, command,
				       r->judge.descriptor[d].overlay, d);
	}
	if (!strncmp(line, "%fault ", 7))
		return prepare(r, line + 7) == RIGHT ? begin(r) : TROUBLE;
	if (sscanf(line, "%%during %d %n", &n, &at) == 1 && at) {
		r->pending = true;
		r->pending_ms = n;
		return prepare(r, line + at);
	}
	if (!strcmp(line, "%cut"))
		return prepare(r, line + 1) == RIGHT ? begin(r) : TROUBLE;
	if (!strcmp(line, "%heal")) {
		return done(r, guarded(call_heal, r), line);
	}
	if (sscanf(line, "%%sleep %d", &n) == 1) {
		usleep((useconds_t)n * 1000);
		return RIGHT;
	}
	if (!strcmp(line, "%quit") && r->effects.count == 1)
		note_felt(r);
	if (!strcmp(line, "%quit"))
		return player_end(&r->player) == HANGS
			       ? hang(r, "the end of ovlio")
			       : RIGHT;
	if (sscanf(line, "%%umount %c", &overlay) == 1)
		return end_overlay(r, "umount", overlay - 'a');
	if (sscanf(line, "%%remount %c", &overlay) == 1)
		return end_overlay(r, "remount", overlay - 'a');
	return trouble(r, line);
}

static bool begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

static bool is_header(const char *line)
{
	return begins(line, "%delay ") || begins(line, "%mount ") ||
	       begins(line, "%disk") || begins(line, "%thin");
}

/* What has to be known before it begins */
static void read_header(struct run *r, const char *line)
{
	size_t len = strlen(r->options);

	sscanf(line, "%%delay %d", &r->d.delay);
	if (begins(line, "%mount "))
		snprintf(r->options + len, sizeof(r->options) - len, "%s%s",
			 len ? "," : "", line + 7);
	if (begins(line, "%disk"))
		r->d.below = DISK;
	if (begins(line, "%thin"))
		r->d.below = THIN;
}

static enum verdict play(struct run *r, const struct lines *plan)
{
	enum verdict v = RIGHT;

	for (int i = 0; i < plan->count && v == RIGHT; i++) {
		const char *line = plan->line[i];

		if (*line != '%')
			v = run_command(r, line);
		else if (!is_header(line))
			v = directive(r, line);
	}
	return v;
}

static enum verdict look(struct run *r)
{
	enum verdict v = done(r, umount_all(), "umount");

	/* The disk's new name is to be known here, too. */
	if (v == RIGHT && effect_end(&r->effects, &r->d))
		v = trouble(r, "the device does not come back");
	if (v == RIGHT)
		v = done(r, recover(&r->d.r), "mount after the fault");
	if (v == RIGHT && judge_what_is_left(&r->judge, &r->d.r))
		v = WRONG;
	return v;
}

enum verdict trial(const struct device *d, const struct layout *l,
		   const struct lines *plan, struct tally *tally)
{
	struct run r = { .d = *d, .layout = l, .tally = tally };
	enum verdict v = RIGHT;
	const char *why_not;
	char why[256];

	snprintf(r.options, sizeof(r.options), "%s", d->r.options);
	for (int i = 0; i < plan->count; i++)
		read_header(&r, plan->line[i]);
	r.d.r.options = r.options;
	r.judge.m = model_new();
	tally->trials++;
	kernel_log_open(&r.log);
	if (device_start(&r.d) ||
	    rig_mount(&r.d.r, r.d.r.device, why, sizeof(why)) ||
	    effects_open(&r.effects) || player_start(&r.player, r.d.r.ovlio))
		v = trouble(&r, "it cannot be set up");
	if (v == RIGHT)
		v = play(&r, plan);
	effects_close(&r.effects);
	if (v != HANG && player_end(&r.player) == HANGS)
		v = hang(&r, "the end of ovlio");
	if (v == RIGHT)
		v = look(&r);
	kernel_log_read(&r.log);
	tally->felt += r.effects.felt;
	tally->told += r.judge.told[0] || r.judge.told[1];
	why_not = v == WRONG ? excepted(&r.d.r, &r.effects, &r.log) : NULL;
	if (why_not) {
		tally->excepted++;
		printf("# an exception (%s): %s\n", why_not, r.judge.why);
		v = RIGHT;
	}
	if (v != RIGHT) {
		printf("# %s\n", r.judge.why);
		fflush(stdout);
		if (system("dmesg | tail -n 12 | sed 's/^/#   /'"))
			v = TROUBLE;
	}
	if (v != HANG) {
		umount_all();
		if (effect_end(&r.effects, &r.d) || device_end(&r.d))
			v = v == RIGHT ? TROUBLE : v;
	}
	kernel_log_close(&r.log);
	model_free(r.judge.m);
	return v;
}
