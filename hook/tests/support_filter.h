/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of filter.c share. */
#ifndef TESTS_SUPPORT_FILTER_H
#define TESTS_SUPPORT_FILTER_H

#include "support.h"

enum { ROOTFS = 20, RESULT = 21, OTHER = 22, LOG = 23 };

/* What to do once the filter is in place; returns an exit status. */
typedef int (*probe_fn)(void);

enum who { WORKER, PARENT, WALKER };

struct ended probe(enum who who, probe_fn fn);

#endif
