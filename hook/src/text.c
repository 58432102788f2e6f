// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strings that come from outside, made fit for one line of a log.
 */
#include "text.h"

#include <stdio.h>
#include <string.h>

static const char ELLIPSIS[] = "[...]";

/**
 * text_elide() - copy a string, leaving out its middle if it is too long.
 * @out: where to; always terminated
 * @size: bytes at @out, at least 16
 * @in: the string
 *
 * A path of 4 KiB in front of a reason must not push the reason out, so what
 * goes is the middle.
 *
 * Return: the length of @out.
 */
size_t text_elide(char *out, size_t size, const char *in)
{
	size_t len = strlen(in);
	size_t gap = sizeof(ELLIPSIS) - 1;
	size_t head, tail;

	if (len < size) {
		memcpy(out, in, len + 1);
		return len;
	}
	head = (size - 1 - gap) / 2;
	tail = size - 1 - gap - head;
	memcpy(out, in, head);
	memcpy(out + head, ELLIPSIS, gap);
	memcpy(out + head + gap, in + len - tail, tail + 1);
	return size - 1;
}

/**
 * text_escape() - copy a string with everything but printable ASCII escaped.
 * @out: where to; always terminated
 * @size: bytes at @out, at least 1
 * @in: the string
 * @also: printable characters to escape as well (the backslash always is)
 *
 * A byte becomes \xNN. What does not fit is left out, never half an escape.
 *
 * Return: the length of @out.
 */
size_t text_escape(char *out, size_t size, const char *in, const char *also)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *in; in++) {
		unsigned char c = (unsigned char)*in;

		if (c > 0x1f && c < 0x7f && c != '\\' && !strchr(also, c)) {
			if (n + 1 >= size)
				break;
			out[n++] = (char)c;
			continue;
		}
		if (n + 4 >= size)
			break;
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
	return n;
}
