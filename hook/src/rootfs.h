/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_ROOTFS_H
#define HOOK_ROOTFS_H

#include <stdio.h>

#include "error.h"
#include "mountinfo.h"

int rootfs_open(int bundle_fd, const char *bundle, const char *root,
		struct error *err);
int rootfs_open_here(const char *root, struct error *err);
int rootfs_check(int fd, const char *root, FILE *f, struct mountinfo *m,
		 struct error *err);

#endif
