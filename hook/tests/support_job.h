/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of worker.c and watchdog.c share. */
#ifndef TESTS_SUPPORT_JOB_H
#define TESTS_SUPPORT_JOB_H

#include <stdbool.h>

#include "job.h"
#include "watchdog.h"

extern struct job job;

bool job_bundle(const char *dir, const char *options);
void job_setup(const char *dir);
struct watchdog job_run(unsigned int seconds, struct result *r);
void job_finish(const struct watchdog *w, bool kill_it);

#endif
