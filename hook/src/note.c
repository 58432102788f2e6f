// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Remarks that go to the end of the record.
 */
#include "note.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * note_add() - add a remark.
 * @note: where to; what does not fit is cut off
 * @fmt: printf format of the remark
 */
void note_add(struct note *note, const char *fmt, ...)
{
	size_t used = strlen(note->text);
	va_list ap;

	if (used && used + 2 < sizeof(note->text)) {
		memcpy(note->text + used, "; ", 3);
		used += 2;
	}
	va_start(ap, fmt);
	vsnprintf(note->text + used, sizeof(note->text) - used, fmt, ap);
	va_end(ap);
}
