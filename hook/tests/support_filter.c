// SPDX-License-Identifier: GPL-2.0-or-later
/* A child behind one of the filters. */
#include "support_filter.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "filter.h"

struct probe {
	enum who who;
	probe_fn fn;
};

static int install(enum who who, struct error *err)
{
	switch (who) {
	case WORKER:
		return filter_worker(ROOTFS, RESULT, err);
	case PARENT:
		return filter_parent(RESULT, LOG, err);
	default:
		return filter_walker(RESULT, err);
	}
}

static int in_filter(void *arg)
{
	const struct probe *p = arg;
	struct error err;
	int fds[2];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || pipe(fds) ||
	    dup2(open("/tmp", O_RDONLY), ROOTFS) < 0 ||
	    dup2(fds[1], RESULT) < 0 ||
	    dup2(open("/tmp", O_RDONLY), OTHER) < 0 ||
	    dup2(open("/dev/null", O_RDWR), LOG) < 0)
		return 100;
	if (p->who == PARENT) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) ||
		    dup2(fds[0], RESULT) < 0 || dup2(pair[0], LOG) < 0 ||
		    write(fds[1], "x", 1) != 1)
			return 101;
	}
	if (install(p->who, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 102;
	}
	return p->fn();
}

struct ended probe(enum who who, probe_fn fn)
{
	struct probe p = { .who = who, .fn = fn };

	return support_fork(in_filter, &p, -1);
}
