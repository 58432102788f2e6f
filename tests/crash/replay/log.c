// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "log.h"
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC 0x6a736677736872ULL
#define VERSION 1

struct disk_super {
	uint64_t magic, version, entries;
	uint32_t sector_size;
} __attribute__((packed));

struct disk_entry {
	uint64_t sector, sectors, flags, data_len;
	/* Of a mark, which has data_len bytes here and no sectors */
	char data[SECTOR - 32];
} __attribute__((packed));

static int bad(const char *path, const char *what)
{
	fprintf(stderr, "crash: error: %s: %s\n", path, what);
	return -1;
}

static int read_entries(struct log *log, const char *path)
{
	uint64_t at = SECTOR;
	struct disk_entry d;
	int mark = 0;

	for (size_t i = 0; i < log->count; i++) {
		struct entry *e = &log->entries[i];

		if (pread(log->fd, &d, sizeof(d), (off_t)at) != sizeof(d))
			return bad(path, "ends before its last entry");
		at += SECTOR;
		e->sector = le64toh(d.sector);
		e->sectors = le64toh(d.sectors);
		e->flags = le64toh(d.flags);
		if (e->flags & LOG_MARK) {
			d.data[sizeof(d.data) - 1] = '\0';
			/* It makes one of its own at the end. */
			if (*d.data >= '0' && *d.data <= '9')
				mark = atoi(d.data);
		} else if (e->sectors && !(e->flags & LOG_DISCARD)) {
			e->data = at;
			at += e->sectors * SECTOR;
		}
		e->mark = mark;
	}
	return 0;
}

int log_open(struct log *log, const char *path)
{
	struct disk_super super;

	*log = (struct log){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (log->fd < 0)
		return bad(path, strerror(errno));
	if (pread(log->fd, &super, sizeof(super), 0) != sizeof(super) ||
	    le64toh(super.magic) != MAGIC ||
	    le64toh(super.version) != VERSION) {
		close(log->fd);
		return bad(path, "not a log of dm-log-writes");
	}
	if (le32toh(super.sector_size) != SECTOR) {
		close(log->fd);
		return bad(path, "sectors of another size than 512");
	}
	log->count = le64toh(super.entries);
	log->entries = calloc(log->count + 1, sizeof(*log->entries));
	if (!log->entries || read_entries(log, path)) {
		log_close(log);
		return -1;
	}
	return 0;
}

void log_close(struct log *log)
{
	close(log->fd);
	free(log->entries);
}

bool is_write(const struct entry *e)
{
	return e->data;
}

size_t log_flush_after(const struct log *log, size_t from)
{
	while (from < log->count && !(log->entries[from].flags & LOG_FLUSH))
		from++;
	return from;
}

void log_print(const struct log *log, FILE *out)
{
	for (size_t i = 0; i < log->count; i++) {
		const struct entry *e = &log->entries[i];

		if (e->flags & LOG_MARK)
			fprintf(out, "%zu mark %d\n", i, e->mark);
		else
			fprintf(out, "%zu %s%s%s%s %llu + %llu\n", i,
				e->data ? "write" : "",
				e->flags & LOG_FLUSH ? " flush" : "",
				e->flags & LOG_FUA ? " fua" : "",
				e->flags & LOG_DISCARD ? " discard" : "",
				(unsigned long long)e->sector,
				(unsigned long long)e->sectors);
	}
}
