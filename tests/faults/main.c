// SPDX-License-Identifier: GPL-2.0-or-later
/* faults: random faults below two overlays on one upper. See README.md. */
#define _GNU_SOURCE
#include "plan.h"
#include "trial.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char usage[] =
	"faults plan [-t TYPE] [-w LIST] [-k KINDS] SEED\n"
	"                          a trial that follows from SEED, without what is in LIST\n"
	"In a guest, in a folder with the files image, base and layout:\n"
	"faults try [RIG] FILE     do it: 0 right, 1 wrongly reported, 2 trouble, 3 it hangs\n"
	"faults run [RIG] [-w LIST] [-k KINDS] SEED COUNT\n"
	"                          those of seeds from SEED on; the first that fails is left\n"
	"                          in failed\n"
	"RIG: -d DEVICE: over image; -t TYPE -o OPTIONS: of mount(2); -r REPAIR: command before\n"
	"     it is mounted afterwards; -b DEVICE: over base; -p DATA -m METADATA: devices for a\n"
	"     thin pool; -x DISK: one to be removed; -T SECONDS: begin no trial after so many;\n"
	"     -f COUNT: go on until more than so many have failed\n";

struct options {
	struct device d;
	struct place_of_trial where;
	long long seconds, more;
};

static int bad_file(const char *path)
{
	fprintf(stderr, "faults: error: %s: %s\n", path, strerror(errno));
	return TROUBLE;
}

static int run_plan(const struct options *o, char **a)
{
	plan(stdout, strtoull(a[0], NULL, 0), &o->where);
	return 0;
}

static void print_tally(const struct tally *t)
{
	printf("# %lld trials:", t->trials);
	for (int k = 0; k < KINDS_MAX && *t->kind[k].name; k++)
		printf(" %lld %s", t->kind[k].trials, t->kind[k].name);
	printf("; %lld felt, %lld told, %lld excepted, %lld wrongly reported\n",
	       t->felt, t->told, t->excepted, t->wrong);
}

static int run_try(const struct options *o, char **a)
{
	struct tally tally = { 0 };
	struct layout layout;
	struct lines l;
	int ret;

	if (lines_read_file(&l, a[0]))
		return bad_file(a[0]);
	if (layout_read(&layout, "layout"))
		return TROUBLE;
	ret = (int)trial(&o->d, &layout, &l, &tally);
	free_lines(&l);
	return ret;
}

static struct lines lines_of_plan(const struct options *o,
				  unsigned long long seed)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct lines l;

	if (!f)
		abort();
	plan(f, seed, &o->where);
	fclose(f);
	l = lines_of_text(text, len);
	free(text);
	return l;
}

static int run_run(const struct options *o, char **a)
{
	static const char *const verdicts[] = { "right", "wrongly reported",
						"trouble", "it hangs" };
	unsigned long long seed = strtoull(a[0], NULL, 0);
	long long count = atoll(a[1]), began = time(NULL);
	struct tally tally = { 0 };
	struct layout layout;
	int ret = 0;

	if (layout_read(&layout, "layout"))
		return TROUBLE;
	for (; count-- && ret != HANG && tally.failed <= o->more; seed++) {
		struct lines l;
		int verdict;

		if (o->seconds && time(NULL) - began > o->seconds)
			break;
		l = lines_of_plan(o, seed);
		verdict = (int)trial(&o->d, &layout, &l, &tally);
		if (verdict) {
			printf("# seed %llu: %s\n", seed, verdicts[verdict]);
			tally.failed++;
			tally.wrong += verdict == WRONG;
			/* The first, unless a later one is worse */
			if ((!ret || (ret == TROUBLE && verdict == WRONG)) &&
			    lines_write_file(&l, "failed"))
				bad_file("failed");
			if (ret != WRONG || verdict == HANG)
				ret = verdict;
		}
		free_lines(&l);
	}
	print_tally(&tally);
	return ret;
}

static const struct {
	const char *name;
	int words;
	int (*run)(const struct options *o, char **arguments);
} commands[] = {
	{ "plan", 1, run_plan },
	{ "try", 1, run_try },
	{ "run", 2, run_run },
};

static int bad_usage(void)
{
	fputs(usage, stderr);
	return TROUBLE;
}

int main(int argc, char **argv)
{
	struct options o = {
		.d.r = {
			.device = "/dev/loop0",
			.image = "image",
			.base = "base",
			.type = "ext4",
			.options = "",
			.repair = "",
			.ovlio = "ovlio",
		},
		.where = { .without = "", .only = "" },
	};
	int c;

	if (argc < 2)
		return bad_usage();
	optind = 2;
	while ((c = getopt(argc, argv, "+t:w:k:d:o:r:b:p:m:x:T:f:")) != -1)
		switch (c) {
		case 't':
			o.d.r.type = optarg;
			break;
		case 'w':
			o.where.without = optarg;
			break;
		case 'k':
			o.where.only = optarg;
			break;
		case 'd':
			o.d.r.device = optarg;
			break;
		case 'o':
			o.d.r.options = optarg;
			break;
		case 'r':
			o.d.r.repair = optarg;
			break;
		case 'b':
			o.d.base_device = optarg;
			break;
		case 'p':
			o.d.pool_data = optarg;
			break;
		case 'm':
			o.d.pool_metadata = optarg;
			break;
		case 'x':
			o.d.disk = optarg;
			break;
		case 'f':
			o.more = atoll(optarg);
			break;
		case 'T':
			o.seconds = atoll(optarg);
			break;
		default:
			return bad_usage();
		}
	o.where.type = o.d.r.type;
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* What ovlio leaves when it dies is for its answer to tell. */
	signal(SIGPIPE, SIG_IGN);
	if (o.d.disk && device_find_disk(&o.d))
		return TROUBLE;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name) &&
		    argc - optind >= commands[i].words)
			return commands[i].run(&o, argv + optind);
	return bad_usage();
}
