// SPDX-License-Identifier: GPL-2.0-or-later
/* The hook's own configuration file. */
#include <stdlib.h>

#include "config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct policy p;

	policy_init(&p);
	if (config_parse((const char *)data, size, "f", &p, &err) < 0) {
		if (!err.text[0])
			abort();
		return 0;
	}
	if (p.timeout < 1 || p.timeout > TIMEOUT_MAX ||
	    p.ceiling.timeout > TIMEOUT_MAX || p.enable > ENABLE_NEVER ||
	    p.fallback > FALLBACK_SYNC || p.format > FORMAT_JSON)
		abort();
	return 0;
}
