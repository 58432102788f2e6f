/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_MOUNTINFO_H
#define HOOK_MOUNTINFO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MOUNTINFO "/proc/self/mountinfo"

/**
 * struct mountinfo - one line of mountinfo.
 * @id: the mount, as statx(2) gives it
 * @major: of the file system's device
 * @minor: of the file system's device
 * @root: what of the file system is mounted
 * @point: where
 * @type: the file system's type
 * @options: the superblock's options, with the kernel's escapes
 * @line: what the strings above are parts of
 * @size: bytes allocated there
 *
 * Zeroed before the first use; valid until the next line is read.
 */
struct mountinfo {
	uint64_t id;
	unsigned int major;
	unsigned int minor;
	const char *root;
	const char *point;
	const char *type;
	const char *options;
	char *line;
	size_t size;
};

bool mountinfo_next(FILE *f, struct mountinfo *m);
bool mountinfo_find(FILE *f, uint64_t id, struct mountinfo *m);
void mountinfo_clear(struct mountinfo *m);
bool mountinfo_has_option(const char *options, const char *option);
char *mountinfo_option_value(const char *options, const char *option);

#define cleanup_mountinfo __attribute__((cleanup(mountinfo_clear)))

#endif
