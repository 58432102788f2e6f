/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_ROOTFS_H
#define HOOK_ROOTFS_H

#include <stdbool.h>

#include "error.h"

int rootfs_open(int bundle_fd, const char *bundle, const char *root,
		struct error *err);
int rootfs_check(int fd, const char *root, struct error *err);
bool rootfs_is_volatile(int fd);

#endif
