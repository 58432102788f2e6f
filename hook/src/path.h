/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_PATH_H
#define HOOK_PATH_H

#include <stdbool.h>

int path_open_dir(int dirfd, const char *path, bool beneath, int flags);
const char *path_kind(int dirfd, const char *path);

#endif
