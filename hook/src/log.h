/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_LOG_H
#define HOOK_LOG_H

#define LOG_SOCKET "/dev/log"

int log_connect(const char *path);
void log_send(int fd, int priority, const char *ident, const char *line);

#endif
