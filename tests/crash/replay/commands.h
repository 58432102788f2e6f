/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What crash can do: see the usage in main.c. Each returns its exit status. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "rig.h"

struct options {
	struct rig rig;
	const char *without;
	int steps, calls, from, to;
	bool no_journal;
	long long seconds;
};

int command_base(const struct options *o, char **arguments);
int command_generate(const struct options *o, char **arguments);
int command_filter(const struct options *o, char **arguments);
int command_check(const struct options *o, char **arguments);
int command_shrink(const struct options *o, char **arguments);
int command_log(const struct options *o, char **arguments);
int command_replay(const struct options *o, char **arguments);
int command_try(const struct options *o, char **arguments);
int command_run(const struct options *o, char **arguments);

#endif
