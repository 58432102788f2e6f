// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char OPTIONS_HELP[] =
	"Usage: oci-syncfs-hook [OPTION]...\n"
	"\n"
	"OCI hook: makes the writes of one container durable. Reads the container's\n"
	"state from standard input, opens the root of its overlay, calls syncfs(2) on\n"
	"it, and reports one line to syslog and standard error.\n"
	"\n"
	"  --stage STAGE      prestart or poststop; otherwise told from the state:\n"
	"                     creating, created: prestart; stopped: poststop\n"
	"  --strict           exit with 1 on failure at poststop, too\n"
	"  --timeout SECONDS  leave after that long, 1 to 3600 (default 8); a sync\n"
	"                     under way goes on by itself\n"
	"  --help             show this\n"
	"  --version          show the version\n"
	"\n"
	"Exit status: 0 synced, skipped (a volatile overlay), or at poststop without\n"
	"--strict; 1 not synced, write error or timed out; 2 wrong options.\n";

enum {
	OPT_STAGE = 256,
	OPT_STRICT,
	OPT_TIMEOUT,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option LONG[] = {
	{ "stage", required_argument, NULL, OPT_STAGE },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int parse_timeout(const char *arg, unsigned int *seconds,
			 struct error *err)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(arg, &end, 10);
	if (errno || end == arg || *end || value < 1 || value > TIMEOUT_MAX)
		return error_set(
			err, 0,
			"--timeout \"%s\" is not a number of seconds from 1 to %d",
			arg, TIMEOUT_MAX);
	*seconds = (unsigned int)value;
	return 0;
}

static int parse_one(int opt, const char *arg, struct options *o,
		     struct error *err)
{
	switch (opt) {
	case OPT_STAGE:
		o->stage = stage_from_name(arg);
		if (o->stage == STAGE_UNKNOWN)
			return error_set(
				err, 0,
				"--stage \"%s\" is neither prestart nor poststop",
				arg);
		return 0;
	case OPT_STRICT:
		o->strict = true;
		return 0;
	case OPT_TIMEOUT:
		return parse_timeout(arg, &o->timeout, err);
	case OPT_HELP:
		o->help = true;
		return 0;
	default:
		o->version = true;
		return 0;
	}
}

/**
 * options_parse() - read the command line.
 * @argc: as main() has it
 * @argv: as main() has it
 * @o: filled in, with defaults where nothing is said
 * @err: what is wrong with it
 *
 * Return: 0 or -1.
 */
int options_parse(int argc, char *const *argv, struct options *o,
		  struct error *err)
{
	int opt;

	memset(o, 0, sizeof(*o));
	o->timeout = TIMEOUT_DEFAULT;
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
	if (optind < argc)
		return error_set(err, 0,
				 "unexpected argument \"%s\"; see --help",
				 argv[optind]);
	return 0;
}
