/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ovlio, that goes on when a command fails; and whatever else may never return. */
#ifndef PLAYER_H
#define PLAYER_H

#include <stdio.h>
#include <sys/types.h>

/* Seconds, after which something hangs */
#define DEADLINE 100

struct player {
	pid_t pid;
	int in;
	FILE *out;
};

/* Instead of an error number */
#define DIED (-1)
#define HANGS (-2)

int player_start(struct player *p, const char *ovlio);
void player_send(struct player *p, const char *command);
/* 0 or the error number of what was sent, DIED or HANGS */
int player_answer(struct player *p);
/* 0 or HANGS; all that it had open is closed. */
int player_end(struct player *p);

/* What @call returns, in a process of its own: 0 to 255, DIED or HANGS */
int guarded(int (*call)(void *context), void *context);

#endif
