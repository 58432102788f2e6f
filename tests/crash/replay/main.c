// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crash: sequences of ovlio commands over two overlays on one upper, and what
 * must be left of them after a power cut. See README.md.
 */
#define _GNU_SOURCE
#include "commands.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"crash base                          the commands that make the lower layers\n"
	"crash generate [-s STEPS] [-w LIST] SEED\n"
	"                                    a sequence that follows from SEED, without\n"
	"                                    tmpfile, clone, zero, shift if they are in LIST\n"
	"crash filter <SEQUENCE              the commands that can be, one after the other\n"
	"crash check [-f FROM -m TO] [-j] SEQUENCE\n"
	"                                    is what it makes in /mnt/a and /mnt/b? Or what a\n"
	"                                    power cut may leave, if all is durable up to\n"
	"                                    command FROM, and no later than TO has begun?\n"
	"                                    -j: on a filesystem without a journal\n"
	"crash shrink [-n CALLS] SEQUENCE COMMAND...\n"
	"                                    as few as can be, so that COMMAND... FILE\n"
	"                                    still ends with the status it has for all\n"
	"crash log LOG                       what dm-log-writes has recorded\n"
	"crash replay LOG BASE IMAGE ENTRIES make IMAGE from BASE and so many entries\n"
	"In a guest, in a folder with the files image, base and log:\n"
	"crash try [RIG] SEQUENCE            run it, and cut the power here and there:\n"
	"                                    0 nothing was lost, 1 something was, 2 trouble\n"
	"crash run [RIG] [-s STEPS] [-w LIST] SEED COUNT\n"
	"                                    the same for sequences of seeds from SEED on;\n"
	"                                    the first that fails is left in failed\n"
	"RIG: -d DEVICE -l LOG-DEVICE: over image and log; -t TYPE -o OPTIONS: of mount(2);\n"
	"     -r REPAIR: command after each power cut, or, with -u, if it does not mount then;\n"
	"     -L: what is synced is durable with the next sync; -c CUTS: of each sequence, 0 is all;\n"
	"     -D MILLISECONDS: that a recorded write takes; -T SECONDS: begin no sequence after so many\n";

static int bad_usage(void)
{
	fputs(usage, stderr);
	return 2;
}

static const struct {
	const char *name;
	/* At least; the last may be a command of any length. */
	int words;
	int (*run)(const struct options *o, char **arguments);
} commands[] = {
	{ "base", 0, command_base },	 { "generate", 1, command_generate },
	{ "filter", 0, command_filter }, { "check", 1, command_check },
	{ "shrink", 2, command_shrink }, { "log", 1, command_log },
	{ "replay", 4, command_replay }, { "try", 1, command_try },
	{ "run", 2, command_run },
};

int main(int argc, char **argv)
{
	struct options o = {
		.rig = {
			.device = "/dev/loop0",
			.log_device = "/dev/loop1",
			.image = "image",
			.base = "base",
			.log = "log",
			.type = "ext4",
			.options = "",
			.repair = "",
			.ovlio = "ovlio",
			.cuts = 10,
			.delay = 2,
		},
		.without = "",
		.steps = 25,
		.calls = 200,
		.from = -1,
	};
	int c;

	if (argc < 2)
		return bad_usage();
	optind = 2;
	while ((c = getopt(argc, argv, "+s:w:n:f:m:jD:d:l:t:o:r:uLc:T:")) != -1)
		switch (c) {
		case 's':
			o.steps = atoi(optarg);
			break;
		case 'w':
			o.without = optarg;
			break;
		case 'n':
			o.calls = atoi(optarg);
			break;
		case 'f':
			o.from = atoi(optarg);
			break;
		case 'm':
			o.to = atoi(optarg);
			break;
		case 'j':
			o.no_journal = true;
			break;
		case 'D':
			o.rig.delay = atoi(optarg);
			break;
		case 'd':
			o.rig.device = optarg;
			break;
		case 'l':
			o.rig.log_device = optarg;
			break;
		case 't':
			o.rig.type = optarg;
			break;
		case 'o':
			o.rig.options = optarg;
			break;
		case 'r':
			o.rig.repair = optarg;
			break;
		case 'u':
			o.rig.repair_unmountable = true;
			break;
		case 'L':
			o.rig.late = true;
			break;
		case 'c':
			o.rig.cuts = atoi(optarg);
			break;
		case 'T':
			o.seconds = atoll(optarg);
			break;
		default:
			return bad_usage();
		}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i].name) &&
		    argc - optind >= commands[i].words)
			return commands[i].run(&o, argv + optind);
	return bad_usage();
}
