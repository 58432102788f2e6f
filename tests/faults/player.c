// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "player.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int player_start(struct player *p, const char *ovlio)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return -1;
	fflush(NULL);
	p->pid = fork();
	if (!p->pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execlp(ovlio, ovlio, "-", NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p->in = in[1];
	p->out = fdopen(out[0], "r");
	return p->pid < 0 || !p->out ? -1 : 0;
}

void player_send(struct player *p, const char *command)
{
	/* If it has died, this is for its answer to tell. */
	if (dprintf(p->in, "%s\n", command) < 0 && errno != EPIPE)
		perror("faults: ovlio");
}

int player_answer(struct player *p)
{
	struct pollfd poller = { .fd = fileno(p->out), .events = POLLIN };
	char line[32];

	if (poll(&poller, 1, DEADLINE * 1000) < 1)
		return HANGS;
	if (!fgets(line, sizeof(line), p->out))
		return DIED;
	return atoi(line);
}

/* Polled for, as nobody who waits for a hanging process comes back. */
static int wait_for(pid_t pid)
{
	struct timespec now;
	time_t end;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + DEADLINE;
	for (useconds_t pause = 500; now.tv_sec < end;) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : DIED;
		usleep(pause);
		if (pause < 50000)
			pause *= 2;
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
	return HANGS;
}

int player_end(struct player *p)
{
	int ret;

	if (!p->pid)
		return 0;
	/* At the end of its input it ends, and what it has forked, too. */
	close(p->in);
	ret = wait_for(p->pid);
	fclose(p->out);
	p->pid = 0;
	return ret == HANGS ? HANGS : 0;
}

int guarded(int (*call)(void *context), void *context)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		int ret = call(context);

		fflush(NULL);
		_exit(ret < 0 ? 255 : ret);
	}
	return pid < 0 ? DIED : wait_for(pid);
}
