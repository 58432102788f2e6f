// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One deadline for the whole run, on the monotonic clock.
 */
#include "deadline.h"

#include <time.h>

/**
 * monotonic_ns() - the monotonic clock.
 *
 * Return: nanoseconds since some fixed point.
 */
int64_t monotonic_ns(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/**
 * deadline_after() - a deadline from now on.
 * @seconds: how long
 *
 * Return: the deadline.
 */
struct deadline deadline_after(unsigned int seconds)
{
	struct deadline d;

	d.start_ns = monotonic_ns();
	deadline_set(&d, seconds);
	return d;
}

/**
 * deadline_set() - change the length of a deadline.
 * @d: the deadline
 * @seconds: how long after its start it is to end
 */
void deadline_set(struct deadline *d, unsigned int seconds)
{
	d->end_ns = d->start_ns + (int64_t)seconds * NSEC_PER_SEC;
}

/**
 * deadline_left_ms() - what poll(2) may wait.
 * @d: the deadline
 *
 * Return: milliseconds, rounded up so that a poll does not end just before the
 * deadline; 0 when it has passed.
 */
int deadline_left_ms(const struct deadline *d)
{
	int64_t left = d->end_ns - monotonic_ns();

	if (left <= 0)
		return 0;
	return (int)((left + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC);
}

/**
 * deadline_elapsed_ns() - nanoseconds since the deadline was set.
 * @d: the deadline
 *
 * Return: nanoseconds.
 */
int64_t deadline_elapsed_ns(const struct deadline *d)
{
	return monotonic_ns() - d->start_ns;
}

/**
 * deadline_seconds() - the length of a deadline, for messages.
 * @d: the deadline
 *
 * Return: seconds.
 */
unsigned int deadline_seconds(const struct deadline *d)
{
	return (unsigned int)((d->end_ns - d->start_ns) / NSEC_PER_SEC);
}
