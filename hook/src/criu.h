/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_CRIU_H
#define HOOK_CRIU_H

#include "job.h"

/* What CRIU calls the action in the environment of its scripts. */
#define CRIU_ACTION "CRTOOLS_SCRIPT_ACTION"

int criu_job(struct job *job, struct error *err);

#endif
