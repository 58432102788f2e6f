/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of device-mapper, as dmsetup changes them, but without processes. */
#ifndef MAPPER_H
#define MAPPER_H

struct table {
	char *data;
	unsigned long used, room;
	unsigned int targets;
};

/* One more target, of so many sectors from @first on */
__attribute__((format(printf, 5, 6))) void
table_add(struct table *t, long long first, long long count, const char *type,
	  const char *format, ...);

/*
 * The device gets this table, which is used up. Nothing is waited for that is
 * dirty. 0 or -1, and why is on stderr.
 */
int table_load(struct table *t, const char *device);

#endif
