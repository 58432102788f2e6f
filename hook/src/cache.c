// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page cache of a file, by cachestat(2).
 */
#include "cache.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_cachestat
/* From linux/mman.h, which does not go together with sys/mman.h everywhere. */
struct cachestat_range {
	uint64_t off;
	uint64_t len;
};

struct cachestat {
	uint64_t nr_cache;
	uint64_t nr_dirty;
	uint64_t nr_writeback;
	uint64_t nr_evicted;
	uint64_t nr_recently_evicted;
};
#endif

/**
 * cache_look() - what a file has in memory that is not on the device.
 * @fd: the file
 * @dirty: set if pages of it have to be written
 * @writeback: set if pages of it are being written
 *
 * Both where that cannot be told: before Linux 6.5; later ones tell only whose
 * file it is, or who may write to it.
 */
void cache_look(int fd, bool *dirty, bool *writeback)
{
	*dirty = true;
	*writeback = true;
#ifdef SYS_cachestat
	struct cachestat_range all = { 0, 0 };
	struct cachestat cs = { 0 };

	if (syscall(SYS_cachestat, fd, &all, &cs, 0))
		return;
	*dirty = cs.nr_dirty;
	*writeback = cs.nr_writeback;
#else
	(void)fd;
#endif
}
