/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_HOOK_H
#define HOOK_HOOK_H

#include "deadline.h"
#include "job.h"

int hook_job(const struct deadline *deadline, struct job *job,
	     struct error *err);

#endif
