/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_DEADLINE_H
#define HOOK_DEADLINE_H

#include <stdint.h>

#define NSEC_PER_SEC INT64_C(1000000000)
#define NSEC_PER_MSEC INT64_C(1000000)
#define NSEC_PER_USEC INT64_C(1000)

/**
 * struct deadline - when this run has to be over.
 * @start_ns: monotonic time it was set at
 * @end_ns: monotonic time it ends at
 */
struct deadline {
	int64_t start_ns;
	int64_t end_ns;
};

int64_t monotonic_ns(void);
struct deadline deadline_after(unsigned int seconds);
void deadline_set(struct deadline *d, unsigned int seconds);
int deadline_left_ms(const struct deadline *d);
int64_t deadline_elapsed_ns(const struct deadline *d);
unsigned int deadline_seconds(const struct deadline *d);

#endif
