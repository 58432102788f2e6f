// SPDX-License-Identifier: GPL-2.0-or-later
/* mountinfo, and the options of the mounts in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fuzz.h"
#include "mountinfo.h"

static void look(const struct mountinfo *m)
{
	cleanup_free char *upper =
		mountinfo_option_value(m->options, "upperdir");

	/* Escapes only get shorter. */
	if (upper && strlen(upper) >= strlen(m->options))
		abort();
	mountinfo_has_option(m->options, "volatile");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_mountinfo struct mountinfo m = { 0 };
	cleanup_fclose FILE *f = NULL;
	cleanup_free char *copy = NULL;

	if (!size)
		return 0;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	f = fmemopen(copy, size, "r");
	while (f && mountinfo_next(f, &m))
		look(&m);
	return 0;
}
