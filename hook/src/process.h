/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_PROCESS_H
#define HOOK_PROCESS_H

#include <stdbool.h>

int process_setup(bool keep_cwd);

#endif
