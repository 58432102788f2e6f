/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_TARGET_H
#define HOOK_TARGET_H

#include <stdio.h>
#include <sys/types.h>

#include "deadline.h"
#include "error.h"

/**
 * enum target_kind - how a root file system is named.
 * @TARGET_BUNDLE: by the bundle whose config.json says where it is
 * @TARGET_PATH: by its own path
 * @TARGET_PID: by a process that runs in it
 */
enum target_kind {
	TARGET_BUNDLE,
	TARGET_PATH,
	TARGET_PID,
};

/**
 * struct target - the root file system that is to be synced.
 * @kind: see there
 * @path: of the bundle or of the root; borrowed
 * @pid: the process
 */
struct target {
	enum target_kind kind;
	const char *path;
	pid_t pid;
};

/**
 * struct opened - a target that is open.
 * @fd: the root directory, or -1
 * @mountinfo: of the mount namespace that it was found in, or NULL
 * @root: its path, as whoever named it has it
 */
struct opened {
	int fd;
	FILE *mountinfo;
	char *root;
};

/* What is done next, and to which path: for whoever may wait in vain. */
typedef void (*step_fn)(void *arg, const char *what, const char *path);

int pid_from_text(const char *text, pid_t *pid);
int target_open(const struct target *t, const struct deadline *deadline,
		step_fn step, void *arg, struct opened *o, struct error *err);
void opened_clear(struct opened *o);

#define cleanup_opened __attribute__((cleanup(opened_clear)))

#endif
