// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parent process: starts the worker and waits for it, until the deadline.
 */
#include "watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"
#include "worker.h"

/* How long a process may take to end once its pipe is closed. */
#define EXIT_MS 1000

/**
 * watchdog_start() - fork the worker.
 * @w: filled in
 * @job: what it is to do
 * @deadline: the run's
 * @err: why there is no worker
 *
 * Return: 0 or -1; does not return in the worker.
 */
int watchdog_start(struct watchdog *w, const struct job *job,
		   const struct deadline *deadline, struct error *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	w->pid = fork();
	if (w->pid < 0) {
		error_set(err, errno, "cannot start the syncing process");
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	if (w->pid == 0)
		_exit(worker_main(job, deadline, fds[1]));
	close(fds[1]);
	w->result_fd = fds[0];
	w->pidfd = (int)syscall(SYS_pidfd_open, w->pid, 0);
	return 0;
}

/* @r holds what the worker has told so far. */
static void timed_out(const struct deadline *d, bool syncing, struct result *r)
{
	char text[2 * ERROR_TEXT_MAX];

	if (syncing)
		snprintf(text, sizeof(text),
			 "timed out after %u s, still running",
			 deadline_seconds(d));
	else
		snprintf(text, sizeof(text), "timed out after %u s %s",
			 deadline_seconds(d), r->text);
	r->outcome = OUTCOME_TIMEOUT;
	r->errnum = ETIMEDOUT;
	text_elide(r->text, sizeof(r->text), text);
}

/* The pipe is closed and there was no result: find out why. */
static void ended_early(const struct watchdog *w, const struct deadline *d,
			bool syncing, struct result *r)
{
	struct pollfd p = { .fd = w->pidfd, .events = POLLIN };
	int status = 0;

	while (poll(&p, 1, EXIT_MS) < 0 && errno == EINTR)
		;
	r->outcome = OUTCOME_ERROR;
	if (waitpid(w->pid, &status, WNOHANG) != w->pid || WIFEXITED(status))
		snprintf(r->text, sizeof(r->text),
			 "the syncing process ended without a result");
	else if (WTERMSIG(status) == SIGALRM)
		timed_out(d, syncing, r);
	else if (WTERMSIG(status) == SIGSYS)
		snprintf(r->text, sizeof(r->text),
			 "the syncing process was ended by its seccomp filter");
	else
		snprintf(r->text, sizeof(r->text),
			 "the syncing process was ended by signal %d",
			 WTERMSIG(status));
}

static void terminate(char *s, size_t size)
{
	s[size - 1] = '\0';
}

/* Read one message. Returns 1, 0 at the pipe's end, -1 at the deadline. */
static int next_message(int fd, const struct deadline *d, struct message *m)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t used = 0;

	while (used < sizeof(*m)) {
		ssize_t n;
		int ready = poll(&p, 1, deadline_left_ms(d));

		if (ready == 0)
			return -1;
		if (ready < 0 && errno == EINTR)
			continue;
		n = read(fd, (char *)m + used, sizeof(*m) - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		used += (size_t)n;
	}
	/* The worker has read a config.json: trust its messages no further. */
	terminate(m->result.text, sizeof(m->result.text));
	terminate(m->result.mount, sizeof(m->result.mount));
	terminate(m->result.upper_fs, sizeof(m->result.upper_fs));
	terminate(m->result.note.text, sizeof(m->result.note.text));
	if (m->result.outcome > OUTCOME_ERROR)
		m->result.outcome = OUTCOME_ERROR;
	if (m->result.mode > MODE_WALK)
		m->result.mode = MODE_NONE;
	return 1;
}

/**
 * watchdog_wait() - wait for the worker's result, or for the deadline.
 * @w: the worker
 * @deadline: the run's
 * @result: how it ended
 *
 * A worker that is late is not waited for: it holds nothing of the parent's,
 * and when the parent is gone, init or the engine's subreaper collects it.
 */
void watchdog_wait(const struct watchdog *w, const struct deadline *deadline,
		   struct result *result)
{
	bool syncing = false;
	struct message m;

	memset(result, 0, sizeof(*result));
	result->sync_ns = -1;
	text_elide(result->text, sizeof(result->text), "starting");
	for (;;) {
		switch (next_message(w->result_fd, deadline, &m)) {
		case 1:
			break;
		case 0:
			ended_early(w, deadline, syncing, result);
			return;
		default:
			timed_out(deadline, syncing, result);
			return;
		}
		*result = m.result;
		if (m.kind == MESSAGE_RESULT)
			return;
		if (m.kind == MESSAGE_SYNCING)
			syncing = true;
	}
}
