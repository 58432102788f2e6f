/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_ERROR_H
#define HOOK_ERROR_H

#define ERROR_TEXT_MAX 1536

/**
 * struct error - why a function failed, for the one line that is reported.
 * @errnum: the errno behind it, or 0
 * @text: names the thing, the reason and, where there is one, what to do. Not
 *	escaped: only report.c prints it.
 */
struct error {
	int errnum;
	char text[ERROR_TEXT_MAX];
};

int error_set(struct error *err, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
