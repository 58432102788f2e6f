// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Capabilities: all but one go before the first byte of input is read, the
 * last one when the rootfs is open. See filter.c for the system calls.
 */
#include "confine.h"

#include <errno.h>
#include <stddef.h>
#include <sys/capability.h>
#include <sys/prctl.h>

static void cleanup_cap_fn(cap_t *cap)
{
	if (*cap)
		cap_free(*cap);
}

#define cleanup_cap __attribute__((cleanup(cleanup_cap_fn)))

/* The bounding set: what an exec could get back. */
static int drop_bounding(bool *kept, struct error *err)
{
	cap_value_t cap;

	*kept = false;
	for (cap = 0; cap_get_bound(cap) >= 0; cap++) {
		if (!cap_get_bound(cap) || !cap_drop_bound(cap))
			continue;
		if (errno != EPERM)
			return error_set(err, errno,
					 "cannot drop capability %d", cap);
		*kept = true;
	}
	return 0;
}

/* Keep those of @wanted that are there; no others. */
static int keep_only(const cap_value_t *wanted, int n, struct error *err)
{
	cleanup_cap cap_t have = cap_get_proc();
	cleanup_cap cap_t keep = cap_init();
	int i;

	if (!have || !keep)
		return error_set(err, errno, "cannot read the capabilities");
	for (i = 0; i < n; i++) {
		cap_flag_value_t permitted = CAP_CLEAR;

		if (cap_get_flag(have, wanted[i], CAP_PERMITTED, &permitted) <
		    0)
			return error_set(err, errno,
					 "cannot read the capabilities");
		if (permitted == CAP_SET &&
		    (cap_set_flag(keep, CAP_PERMITTED, 1, &wanted[i], CAP_SET) <
			     0 ||
		     cap_set_flag(keep, CAP_EFFECTIVE, 1, &wanted[i], CAP_SET) <
			     0))
			return error_set(err, errno,
					 "cannot choose the capabilities");
	}
	if (cap_set_proc(keep) < 0)
		return error_set(err, errno, "cannot drop the capabilities");
	return 0;
}

/* In the order in which they go, the last one first. */
static const cap_value_t NEEDED[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE };

/**
 * confine_prepare() - give up what opening the rootfs does not need.
 * @processes: whether it may be that of a process, by /proc/PID/root
 * @bounding_kept: set if the bounding set stays, for want of CAP_SETPCAP
 *	(a rootless engine); with no_new_privs it is of no use to anybody
 * @err: what could not be given up
 *
 * What remains, if it was there, is CAP_DAC_READ_SEARCH: bundles of engines
 * with user namespaces belong to mapped users; and for @processes
 * CAP_SYS_PTRACE, which /proc/PID/root of a process with capabilities wants.
 * The inheritable set ends empty, and with it the ambient one: the kernel keeps
 * that inside the other.
 *
 * Return: 0 or -1.
 */
int confine_prepare(bool processes, bool *bounding_kept, struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot set no_new_privs");
	if (drop_bounding(bounding_kept, err) < 0)
		return -1;
	return keep_only(NEEDED, processes ? 2 : 1, err);
}

/**
 * confine_keep_search() - give up every capability but the one for a walk.
 * @err: why that failed
 *
 * The container's files belong to anybody.
 *
 * Return: 0 or -1.
 */
int confine_keep_search(struct error *err)
{
	return keep_only(NEEDED, 1, err);
}

/**
 * confine_drop_all() - give up every capability.
 * @err: why that failed
 *
 * Return: 0 or -1.
 */
int confine_drop_all(struct error *err)
{
	return keep_only(NEEDED, 0, err);
}
