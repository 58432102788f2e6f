// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line.
 */
#include "options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const char OPTIONS_HELP[] =
	"Usage: oci-syncfs-hook [OPTION]...                as an OCI hook\n"
	"       oci-syncfs-hook criu [OPTION]...           as CRIU's action script\n"
	"       oci-syncfs-hook sync [OPTION]... PATH | --bundle DIR | --pid PID\n"
	"       oci-syncfs-hook status [--json] [PATH]...\n"
	"Makes the writes of one container durable: opens the root of its overlay,\n"
	"calls syncfs(2), and reports one line to syslog and standard error. status\n"
	"shows what the sync of each overlay would write.\n"
	"\n"
	"  --stage STAGE      prestart, createRuntime, poststart or poststop;\n"
	"                     otherwise told from the state on standard input\n"
	"  --timeout SECONDS  leave after that long (8); the sync goes on by itself\n"
	"  --strict           exit with 1 on any failure, and if there is no overlay\n"
	"  --fallback WHAT    without per-overlay syncfs in the kernel: skip (default\n"
	"                     at poststop), sync (everybody's data), or walk (each file)\n"
	"  --config FILE      instead of /etc/oci-syncfs-hook.json\n"
	"  --log-format FMT   text or json\n"
	"  --dry-run          do everything but the sync\n"
	"  --help, --version  show this; show the version\n"
	"Exit status: 0 synced, skipped, or at poststart, poststop or under CRIU without\n"
	"--strict; 1 not synced, write error or timed out; 2 wrong options.\n";

enum {
	OPT_STAGE = 256,
	OPT_STRICT,
	OPT_TIMEOUT,
	OPT_FALLBACK,
	OPT_CONFIG,
	OPT_FORMAT,
	OPT_DRY_RUN,
	OPT_BUNDLE,
	OPT_PID,
	OPT_JSON,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option LONG[] = {
	{ "stage", required_argument, NULL, OPT_STAGE },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "fallback", required_argument, NULL, OPT_FALLBACK },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "log-format", required_argument, NULL, OPT_FORMAT },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "bundle", required_argument, NULL, OPT_BUNDLE },
	{ "pid", required_argument, NULL, OPT_PID },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int parse_stage(const char *arg, struct options *o, struct error *err)
{
	o->stage = stage_of_hook(arg);
	if (o->stage == STAGE_UNKNOWN)
		return error_set(
			err, 0,
			"--stage \"%s\" is none of prestart, createRuntime, poststart, poststop",
			arg);
	return 0;
}

static int parse_fallback(const char *arg, struct options *o, struct error *err)
{
	o->fallback = fallback_from_name(arg);
	if (o->fallback == FALLBACK_UNSET)
		return error_set(
			err, 0, "--fallback \"%s\" is none of skip, walk, sync",
			arg);
	return 0;
}

static int parse_format(const char *arg, struct options *o, struct error *err)
{
	o->format = format_from_name(arg);
	if (o->format == FORMAT_UNSET)
		return error_set(err, 0,
				 "--log-format \"%s\" is neither text nor json",
				 arg);
	return 0;
}

/* There can be one; NULL @path for a process. */
static int set_target(struct options *o, enum target_kind kind,
		      const char *path, struct error *err)
{
	if (o->target.path || o->target.pid)
		return error_set(
			err, 0,
			"one PATH, --bundle or --pid at a time; see --help");
	if (path && !*path)
		return error_set(err, 0, "a path is empty");
	o->target.kind = kind;
	o->target.path = path;
	return 0;
}

static int parse_pid(const char *arg, struct options *o, struct error *err)
{
	if (set_target(o, TARGET_PID, NULL, err) < 0)
		return -1;
	if (pid_from_text(arg, &o->target.pid) < 0)
		return error_set(err, 0, "--pid \"%s\" is not a process id",
				 arg);
	return 0;
}

static int parse_flag(int opt, struct options *o)
{
	switch (opt) {
	case OPT_STRICT:
		o->strict = true;
		return 0;
	case OPT_DRY_RUN:
		o->dry_run = true;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_HELP:
		o->help = true;
		return 0;
	default:
		o->version = true;
		return 0;
	}
}

static int parse_one(int opt, const char *arg, struct options *o,
		     struct error *err)
{
	switch (opt) {
	case OPT_STAGE:
		return parse_stage(arg, o, err);
	case OPT_TIMEOUT:
		if (!timeout_from_text(arg, &o->timeout))
			return 0;
		return error_set(
			err, 0,
			"--timeout \"%s\" is not a number of seconds from 1 to %d",
			arg, TIMEOUT_MAX);
	case OPT_FALLBACK:
		return parse_fallback(arg, o, err);
	case OPT_CONFIG:
		o->config = arg;
		return 0;
	case OPT_FORMAT:
		return parse_format(arg, o, err);
	case OPT_BUNDLE:
		return set_target(o, TARGET_BUNDLE, arg, err);
	case OPT_PID:
		return parse_pid(arg, o, err);
	default:
		return parse_flag(opt, o);
	}
}

/* The first word that is no option. */
static int parse_verb(const char *word, struct options *o, struct error *err)
{
	if (!word)
		return 0;
	if (!strcmp(word, "criu"))
		o->verb = VERB_CRIU;
	else if (!strcmp(word, "sync"))
		o->verb = VERB_SYNC;
	else if (!strcmp(word, "status"))
		o->verb = VERB_STATUS;
	else
		return error_set(
			err, 0, "unexpected argument \"%s\"; see --help", word);
	return 0;
}

/* Whether what was said fits together. */
static int check(const struct options *o, struct error *err)
{
	if ((o->target.path || o->target.pid) && o->verb != VERB_SYNC)
		return error_set(err, 0,
				 "--bundle and --pid are for sync; see --help");
	if (o->verb == VERB_SYNC && !o->target.path && !o->target.pid)
		return error_set(
			err, 0,
			"sync needs a PATH, --bundle or --pid; see --help");
	if (o->stage != STAGE_UNKNOWN && o->verb != VERB_HOOK)
		return error_set(err, 0,
				 "--stage is for OCI hooks; see --help");
	if (o->json && o->verb != VERB_STATUS)
		return error_set(err, 0, "--json is for status; see --help");
	if (o->verb == VERB_STATUS &&
	    (o->strict || o->timeout || o->fallback != FALLBACK_UNSET ||
	     o->format != FORMAT_UNSET || o->dry_run || o->config))
		return error_set(err, 0,
				 "status takes --json only; see --help");
	/* process_setup() keeps the working directory for the commands only. */
	if (o->config && o->config[0] != '/' && o->verb != VERB_SYNC)
		return error_set(
			err, 0,
			"--config \"%s\" is not an absolute path, which hooks and action scripts need",
			o->config);
	return 0;
}

/* The other words. */
static int parse_rest(char *const *words, struct options *o, struct error *err)
{
	if (o->verb == VERB_STATUS) {
		o->paths = words;
	} else if (o->verb == VERB_SYNC && *words) {
		if (set_target(o, TARGET_PATH, *words++, err) < 0)
			return -1;
		if (*words)
			return set_target(o, TARGET_PATH, *words, err);
	} else if (*words) {
		return error_set(err, 0,
				 "unexpected argument \"%s\"; see --help",
				 *words);
	}
	return o->help || o->version ? 0 : check(o, err);
}

/**
 * options_parse() - read the command line.
 * @argc: as main() has it
 * @argv: as main() has it; put in another order
 * @o: filled in
 * @err: what is wrong with it
 *
 * Return: 0 or -1.
 */
int options_parse(int argc, char **argv, struct options *o, struct error *err)
{
	int opt;

	memset(o, 0, sizeof(*o));
	/* The same words mean the same, whatever the environment. */
	unsetenv("POSIXLY_CORRECT");
	/* 0 starts getopt afresh; ':' keeps it from printing anything. */
	optind = 0;
	while ((opt = getopt_long(argc, argv, ":", LONG, NULL)) != -1) {
		if (opt == ':')
			return error_set(err, 0, "%s needs an argument",
					 argv[optind - 1]);
		/* A short option: getopt may still be inside its word. */
		if (opt == '?' && optopt > 0 && optopt < OPT_STAGE)
			return error_set(err, 0, "no option -%c; see --help",
					 optopt);
		if (opt == '?')
			return error_set(err, 0, "wrong option %s; see --help",
					 argv[optind - 1]);
		if (parse_one(opt, optarg, o, err) < 0)
			return -1;
	}
	if (parse_verb(argv[optind], o, err) < 0)
		return -1;
	return parse_rest(argv + optind + (argv[optind] ? 1 : 0), o, err);
}
