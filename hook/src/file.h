/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_FILE_H
#define HOOK_FILE_H

#include <stddef.h>
#include <sys/stat.h>

#include "deadline.h"
#include "error.h"

int file_read(int dirfd, const char *path, const char *name,
	      const struct deadline *deadline, char **text, size_t *len,
	      struct stat *st, struct error *err);

#endif
