/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_TEXT_H
#define HOOK_TEXT_H

#include <stddef.h>

size_t text_elide(char *out, size_t size, const char *in);
size_t text_escape(char *out, size_t size, const char *in, const char *also);

#endif
