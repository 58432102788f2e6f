/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_CONFIG_H
#define HOOK_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "deadline.h"
#include "error.h"
#include "policy.h"

#define CONFIG_FILE "/etc/oci-syncfs-hook.json"

int config_parse(const char *text, size_t len, const char *name,
		 struct policy *p, struct error *err);
int config_load(const char *path, bool required,
		const struct deadline *deadline, struct policy *p,
		struct error *err);

#endif
