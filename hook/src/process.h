/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_PROCESS_H
#define HOOK_PROCESS_H

int process_setup(void);

#endif
