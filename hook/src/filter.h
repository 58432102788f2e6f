/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_FILTER_H
#define HOOK_FILTER_H

#include "error.h"

int filter_worker(int rootfs_fd, int result_fd, struct error *err);
int filter_walker(int result_fd, struct error *err);
int filter_parent(int result_fd, int log_fd, struct error *err);

#endif
