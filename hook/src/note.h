/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_NOTE_H
#define HOOK_NOTE_H

#define NOTE_MAX 384

/**
 * struct note - what is to be known besides the result.
 * @text: separated by "; "; not escaped: only report.c prints it
 */
struct note {
	char text[NOTE_MAX];
};

void note_add(struct note *note, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
