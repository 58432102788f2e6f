/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_BUNDLE_H
#define HOOK_BUNDLE_H

#include <stddef.h>

#include "deadline.h"
#include "error.h"

int bundle_open(const char *bundle, struct error *err);
int bundle_root(int bundle_fd, const char *bundle,
		const struct deadline *deadline, char **root,
		struct error *err);
int bundle_parse(const char *text, size_t len, const char *name, char **root,
		 struct error *err);

#endif
