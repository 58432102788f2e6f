/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults by name, and what the kernel's log says of them. */
#ifndef EFFECTS_H
#define EFFECTS_H

#include "device.h"
#include <stdbool.h>

struct effect {
	char kind[16], what[8], target;
	int number, second;
	struct ranges sectors;
};

struct effects {
	struct effect last;
	int count;
	/* Of the upper */
	int folder;
	/* A command or a sync has failed. */
	bool felt;
	/* All along, the super block could be written. */
	bool super_block_spared;
};

int effects_open(struct effects *e);
void effects_close(struct effects *e);

/* Finds out what it means now; nothing happens yet. */
int effect_prepare(struct effects *e, const struct device *d,
		   const struct layout *l, const char *fault);
int effect_begin(struct effects *e, struct device *d);
int effect_end(struct effects *e, struct device *d);

struct kernel_log {
	int fd;
	/* A device has failed; an overlay was unmounted with data to write. */
	bool device_error, lost_data;
	/* ext4: see excepted() */
	bool journal_aborted, not_allocated, not_converted;
};

void kernel_log_open(struct kernel_log *k);
void kernel_log_read(struct kernel_log *k);
void kernel_log_close(struct kernel_log *k);

/* Which of the exceptions of kernel/README.md a loss is, or NULL */
const char *excepted(const struct rig *r, const struct effects *e,
		     const struct kernel_log *k);

#endif
