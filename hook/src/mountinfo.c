// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/PID/mountinfo, as proc_pid_mountinfo(5) describes it.
 */
#include "mountinfo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The last of the three words after the lone "-": the superblock's options. */
static char *super_options(const char *line)
{
	const char *p = strstr(line, " - ");
	int skip;

	if (!p)
		return NULL;
	p += 3;
	for (skip = 0; skip < 2; skip++) {
		p = strchr(p, ' ');
		if (!p)
			return NULL;
		p++;
	}
	return strndup(p, strcspn(p, " \n"));
}

/**
 * mountinfo_options() - the superblock options of a mount.
 * @f: an open mountinfo
 * @mount_id: the mount, as statx(2) gives it
 *
 * Return: the options, for the caller to free; NULL if there is no such mount.
 */
char *mountinfo_options(FILE *f, uint64_t mount_id)
{
	char *line = NULL, *options = NULL;
	bool found = false;
	size_t size = 0;

	while (!found && getline(&line, &size, f) > 0) {
		char *end;
		uintmax_t id;

		errno = 0;
		id = strtoumax(line, &end, 10);
		found = !errno && end != line && *end == ' ' && id == mount_id;
		if (found)
			options = super_options(line);
	}
	free(line);
	return options;
}

/**
 * mountinfo_has_option() - whether a list of options has one.
 * @options: separated by commas; the kernel escapes commas inside a value
 * @option: the option, without a value
 *
 * Return: whether it is there.
 */
bool mountinfo_has_option(const char *options, const char *option)
{
	size_t want = strlen(option);

	for (;;) {
		size_t len = strcspn(options, ",");

		if (len == want && !memcmp(options, option, len))
			return true;
		if (!options[len])
			return false;
		options += len + 1;
	}
}
