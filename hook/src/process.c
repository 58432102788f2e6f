// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The process itself: nothing of what it was started with is relied upon.
 */
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A closed fd 0, 1 or 2 would be reused by the next file that is opened. */
static int fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		/* Without a /dev: a directory takes no writes and no reads. */
		if (fd < 0)
			fd = open("/", O_RDONLY | O_DIRECTORY);
		if (fd < 0)
			return -1;
	} while (fd < 3);
	return close(fd);
}

static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_IGN);
	/* Inherited as ignored, this one would make waitpid useless, */
	signal(SIGCHLD, SIG_DFL);
	/* and this one, ignored or blocked, the worker's timer. */
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/**
 * process_setup() - make a well-defined process of whatever was started.
 * @keep_cwd: whether the working directory is needed, for paths
 *
 * Descriptors 0 to 2 exist afterwards, others do not; signals are as they have
 * to be; no directory is kept busy; the process can be neither traced nor
 * dumped by its user.
 *
 * Return: 0 or -1 with errno.
 */
int process_setup(bool keep_cwd)
{
	if (fill_standard_fds() < 0)
		return -1;
	/* Has another way where there is no close_range(2), or a filter forbids it. */
	closefrom(3);
	reset_signals();
	if (!keep_cwd && chdir("/") < 0)
		return -1;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
