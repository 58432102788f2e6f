// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Errors are passed up by an out-parameter; who fails knows the thing's name.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "text.h"

/**
 * error_set() - say why something failed.
 * @err: where to
 * @errnum: an errno whose text is appended, or 0
 * @fmt: printf format of the message
 *
 * Return: -1, so that a function can end with ``return error_set(...)``.
 */
int error_set(struct error *err, int errnum, const char *fmt, ...)
{
	cleanup_free char *what = NULL;
	cleanup_free char *whole = NULL;
	va_list ap;
	int ret;

	err->errnum = errnum;
	va_start(ap, fmt);
	ret = vasprintf(&what, fmt, ap);
	va_end(ap);
	if (ret < 0) {
		what = NULL;
		text_elide(err->text, sizeof(err->text), "out of memory");
		return -1;
	}
	if (errnum && asprintf(&whole, "%s: %s", what, strerror(errnum)) < 0)
		whole = NULL;
	text_elide(err->text, sizeof(err->text), whole ? whole : what);
	return -1;
}
