// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "commands.h"
#include "check.h"
#include "generate.h"
#include "try.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int bad_file(const char *path)
{
	fprintf(stderr, "crash: error: %s: %s\n", path, strerror(errno));
	return 2;
}

int command_base(const struct options *o, char **arguments)
{
	(void)o;
	(void)arguments;
	for (const char *const *c = model_base(); *c; c++)
		puts(*c);
	return 0;
}

int command_generate(const struct options *o, char **a)
{
	generate(stdout, strtoull(a[0], NULL, 0), o->steps, o->without);
	return 0;
}

int command_filter(const struct options *o, char **a)
{
	struct lines all = read_lines(stdin), valid = valid_lines(&all);

	(void)o;
	(void)a;
	print_lines(&valid, stdout);
	free(valid.line);
	free_lines(&all);
	return 0;
}

int command_check(const struct options *o, char **a)
{
	struct model *m = model_new();
	struct window w = rig_window(&o->rig);
	struct lines l;
	char why[1024];
	int ret = 0;

	if (lines_read_file(&l, a[0]))
		return bad_file(a[0]);
	for (int i = 0; i < l.count && !ret; i++)
		if (model_run(m, l.line[i])) {
			printf("cannot be: '%s'\n", l.line[i]);
			ret = 2;
		}
	w.from = o->from;
	w.to = o->to;
	w.atomic = !o->no_journal;
	if (o->from < 0)
		w.from = w.to = m->now;
	if (!ret && check_mounted(m, &w, why, sizeof(why))) {
		printf("%s\n", why);
		ret = 1;
	}
	model_free(m);
	free_lines(&l);
	return ret;
}

struct predicate {
	char **command;
	int words, status;
};

/* The status of COMMAND... FILE with these lines in FILE */
static int status_of(const struct predicate *p, const struct lines *some)
{
	char path[] = "/tmp/sequence.XXXXXX", *argv[64];
	int fd = mkstemp(path), status = -1;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	pid_t pid;

	if (!out || p->words > 62)
		exit(bad_file(path));
	print_lines(some, out);
	fclose(out);
	memcpy(argv, p->command, (size_t)p->words * sizeof(*argv));
	argv[p->words] = path;
	argv[p->words + 1] = NULL;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(127);
		execvp(*argv, argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(bad_file(*argv));
	unlink(path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static bool ends_as_before(const struct lines *some, void *context)
{
	const struct predicate *p = context;

	return status_of(p, some) == p->status;
}

int command_shrink(const struct options *o, char **a)
{
	struct predicate p = { .command = a + 1 };
	struct lines all, best;

	if (lines_read_file(&all, a[0]))
		return bad_file(a[0]);
	if (!a[1])
		return 2;
	while (p.command[p.words])
		p.words++;
	p.status = status_of(&p, &all);
	if (!p.status || p.status == 127) {
		fprintf(stderr,
			"crash: error: %s ends with status %d for all of it, so there is nothing to shrink\n",
			p.command[0], p.status);
		free_lines(&all);
		return 2;
	}
	best = shrink(&all, o->calls, ends_as_before, &p);
	print_lines(&best, stdout);
	free(best.line);
	free_lines(&all);
	return 0;
}

int command_log(const struct options *o, char **a)
{
	struct log log;

	(void)o;
	if (log_open(&log, a[0]))
		return 2;
	log_print(&log, stdout);
	log_close(&log);
	return 0;
}

int command_replay(const struct options *o, char **a)
{
	struct image image;
	struct log log;
	size_t count = strtoull(a[3], NULL, 0);
	int ret = 2;

	(void)o;
	if (log_open(&log, a[0]))
		return 2;
	if (!image_open(&image, a[1], a[2])) {
		ret = 0;
		for (size_t e = 0; e < count && e < log.count && !ret; e++)
			ret = image_write(&image, &log, &log.entries[e]) ? 2
									 : 0;
		image_to_device(&image);
	}
	log_close(&log);
	return ret;
}

static void print_tally(const struct tally *t)
{
	printf("# %lld sequences, %lld commands, %lld syncs, %lld log entries; %lld crash points (%lld prefixes, %lld repaired); %.2f s a sequence, %.3f s a crash point\n",
	       t->sequences, t->commands, t->syncs, t->entries, t->cuts,
	       t->prefixes, t->repaired,
	       (double)t->record_us / 1e6 /
		       (double)(t->sequences ? t->sequences : 1),
	       (double)t->cut_us / 1e6 / (double)(t->cuts ? t->cuts : 1));
}

int command_try(const struct options *o, char **a)
{
	struct tally tally = { 0 };
	struct image image;
	struct lines l;
	int ret;

	if (lines_read_file(&l, a[0]))
		return bad_file(a[0]);
	if (image_open(&image, o->rig.base, o->rig.image))
		return 2;
	ret = (int)try(&o->rig, &image, &l, 1, &tally);
	free_lines(&l);
	return ret;
}

static int run_seed(const struct options *o, struct image *image,
		    unsigned long long seed, struct tally *tally)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct lines l;
	int ret;

	if (!f)
		abort();
	generate(f, seed, o->steps, o->without);
	fclose(f);
	l = lines_of_text(text, len);
	ret = (int)try(&o->rig, image, &l, seed, tally);
	if (ret != KEPT) {
		printf("# seed %llu: %s\n", seed,
		       ret == LOST ? "lost" : "trouble");
		if (lines_write_file(&l, "failed"))
			bad_file("failed");
	}
	free_lines(&l);
	free(text);
	return ret;
}

int command_run(const struct options *o, char **a)
{
	unsigned long long seed = strtoull(a[0], NULL, 0);
	long long count = atoll(a[1]), began = time(NULL);
	struct tally tally = { 0 };
	struct image image;
	int ret = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (image_open(&image, o->rig.base, o->rig.image))
		return 2;
	for (; count-- && !ret; seed++) {
		if (o->seconds && time(NULL) - began > o->seconds)
			break;
		ret = run_seed(o, &image, seed, &tally);
	}
	print_tally(&tally);
	return ret;
}
