// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/PID/mountinfo, as proc_pid_mountinfo(5) describes it.
 */
#include "mountinfo.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes blanks, newlines and backslashes as \NNN; in place. */
static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
		    is_octal(s[2]) && is_octal(s[3])) {
			*out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 +
					(s[3] - '0'));
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

/* Cut the next word off a line; NULL if there is none. */
static char *word(char **line)
{
	char *start = *line;
	size_t len = strcspn(start, " ");

	if (!len)
		return NULL;
	*line = start + len;
	if (**line)
		*(*line)++ = '\0';
	return start;
}

static bool number(const char *s, char end, uintmax_t max, uintmax_t *value,
		   const char **rest)
{
	char *stop;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*value = strtoumax(s, &stop, 10);
	if (errno || *stop != end || *value > max)
		return false;
	*rest = stop + (end ? 1 : 0);
	return true;
}

static bool parse_device(const char *s, struct mountinfo *m)
{
	uintmax_t major, minor;

	if (!s || !number(s, ':', UINT_MAX, &major, &s) ||
	    !number(s, '\0', UINT_MAX, &minor, &s))
		return false;
	m->major = (unsigned int)major;
	m->minor = (unsigned int)minor;
	return true;
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD...] - TYPE SOURCE OPTIONS */
static bool parse_line(char *line, struct mountinfo *m)
{
	char *p = line, *id, *root, *point, *type, *options, *field;
	uintmax_t value;
	const char *rest;

	line[strcspn(line, "\n")] = '\0';
	id = word(&p);
	if (!id || !number(id, '\0', UINT64_MAX, &value, &rest) || !word(&p) ||
	    !parse_device(word(&p), m))
		return false;
	m->id = value;
	root = word(&p);
	point = word(&p);
	if (!root || !point || !word(&p))
		return false;
	do
		field = word(&p);
	while (field && strcmp(field, "-") != 0);
	type = word(&p);
	/* The source may be empty: then there are two blanks. */
	if (!field || !type || (*p != ' ' && !word(&p)))
		return false;
	p += *p == ' ';
	options = word(&p);
	if (!options)
		return false;
	unescape(root);
	unescape(point);
	unescape(type);
	m->root = root;
	m->point = point;
	m->type = type;
	m->options = options;
	return true;
}

/**
 * mountinfo_next() - the next mount.
 * @f: an open mountinfo
 * @m: where to
 *
 * Lines that cannot be understood are passed over.
 *
 * Return: whether there is one.
 */
bool mountinfo_next(FILE *f, struct mountinfo *m)
{
	while (getline(&m->line, &m->size, f) > 0)
		if (parse_line(m->line, m))
			return true;
	return false;
}

/**
 * mountinfo_find() - look for a mount in the rest of a mountinfo.
 * @f: an open mountinfo
 * @id: the mount, as statx(2) gives it
 * @m: where to
 *
 * Return: whether it is there.
 */
bool mountinfo_find(FILE *f, uint64_t id, struct mountinfo *m)
{
	while (mountinfo_next(f, m))
		if (m->id == id)
			return true;
	return false;
}

/**
 * mountinfo_clear() - free the line.
 * @m: may be used again
 */
void mountinfo_clear(struct mountinfo *m)
{
	free(m->line);
	memset(m, 0, sizeof(*m));
}

/* The next of the options at *@list; commas inside a value are escaped. */
static const char *next_option(const char **list, size_t *len)
{
	const char *option = *list;

	if (!option)
		return NULL;
	*len = strcspn(option, ",");
	*list = option[*len] ? option + *len + 1 : NULL;
	return option;
}

/**
 * mountinfo_has_option() - whether a list of options has one.
 * @options: as in struct mountinfo
 * @option: the option, without a value, or with all of it
 *
 * Return: whether it is there.
 */
bool mountinfo_has_option(const char *options, const char *option)
{
	size_t want = strlen(option), len;
	const char *p;

	while ((p = next_option(&options, &len)))
		if (len == want && !memcmp(p, option, len))
			return true;
	return false;
}

/**
 * mountinfo_option_value() - the value of an option.
 * @options: as in struct mountinfo
 * @option: its name
 *
 * Return: the value without escapes, for the caller to free; NULL if there is
 * no such option, or no memory.
 */
char *mountinfo_option_value(const char *options, const char *option)
{
	size_t want = strlen(option), len;
	const char *p;
	char *value;

	while ((p = next_option(&options, &len))) {
		if (len <= want || p[want] != '=' || memcmp(p, option, want))
			continue;
		value = strndup(p + want + 1, len - want - 1);
		if (value)
			unescape(value);
		return value;
	}
	return NULL;
}
