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

/**
 * confine_prepare() - give up what opening the rootfs does not need.
 * @bounding_kept: set if the bounding set stays, for want of CAP_SETPCAP
 *	(a rootless engine); with no_new_privs it is of no use to anybody
 * @err: what could not be given up
 *
 * What remains is CAP_DAC_READ_SEARCH, if it was there: bundles of engines
 * with user namespaces belong to mapped users. The inheritable set ends empty,
 * and with it the ambient one: the kernel keeps that inside the other.
 *
 * Return: 0 or -1.
 */
int confine_prepare(bool *bounding_kept, struct error *err)
{
	static const cap_value_t search = CAP_DAC_READ_SEARCH;
	cleanup_cap cap_t have = NULL;
	cleanup_cap cap_t keep = NULL;
	cap_flag_value_t permitted = CAP_CLEAR;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot set no_new_privs");
	if (drop_bounding(bounding_kept, err) < 0)
		return -1;
	have = cap_get_proc();
	keep = cap_init();
	if (!have || !keep ||
	    cap_get_flag(have, search, CAP_PERMITTED, &permitted) < 0)
		return error_set(err, errno, "cannot read the capabilities");
	if (permitted == CAP_SET &&
	    (cap_set_flag(keep, CAP_PERMITTED, 1, &search, CAP_SET) < 0 ||
	     cap_set_flag(keep, CAP_EFFECTIVE, 1, &search, CAP_SET) < 0))
		return error_set(err, errno, "cannot choose the capabilities");
	if (cap_set_proc(keep) < 0)
		return error_set(err, errno, "cannot drop the capabilities");
	return 0;
}

/**
 * confine_drop_all() - give up every capability.
 * @err: why that failed
 *
 * Return: 0 or -1.
 */
int confine_drop_all(struct error *err)
{
	cleanup_cap cap_t none = cap_init();

	if (!none || cap_set_proc(none) < 0)
		return error_set(err, errno, "cannot drop the capabilities");
	return 0;
}
