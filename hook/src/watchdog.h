/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_WATCHDOG_H
#define HOOK_WATCHDOG_H

#include <sys/types.h>

#include "deadline.h"
#include "job.h"
#include "result.h"

/**
 * struct watchdog - the parent's side of a worker.
 * @pid: the worker
 * @pidfd: the same; readable when it has ended; -1 where there are none
 * @result_fd: the read end of its pipe
 */
struct watchdog {
	pid_t pid;
	int pidfd;
	int result_fd;
};

int watchdog_start(struct watchdog *w, const struct job *job,
		   const struct deadline *deadline, struct error *err);
void watchdog_wait(const struct watchdog *w, const struct deadline *deadline,
		   struct result *result);

#endif
