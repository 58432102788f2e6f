/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of a dm-log-writes device, as in the kernel's
 * Documentation/admin-guide/device-mapper/log-writes.rst: writes are in it in the
 * order in which they became durable, that is, those that a flush covers come
 * together, right before it, when it is complete.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SECTOR 512

#define LOG_FLUSH (1 << 0)
#define LOG_FUA (1 << 1)
#define LOG_DISCARD (1 << 2)
#define LOG_MARK (1 << 3)

struct entry {
	uint64_t sector, sectors, flags;
	/* Where its data is in the log; none if that is 0. */
	uint64_t data;
	/* A mark's number, or that of the last mark before it */
	int mark;
};

struct log {
	int fd;
	size_t count;
	struct entry *entries;
};

/* 0, or -1 and a line on stderr. It is read while the device is gone. */
int log_open(struct log *log, const char *path);
void log_close(struct log *log);
void log_print(const struct log *log, FILE *out);

/* One that puts data on the device */
bool is_write(const struct entry *e);

/* The index of the next flush from @from on, or the end of the log */
size_t log_flush_after(const struct log *log, size_t from);

#endif
