// SPDX-License-Identifier: GPL-2.0-or-later
/* A bundle's config.json. */
#include <stdlib.h>

#include "bundle.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	char *root = NULL;
	int ret;

	ret = bundle_parse((const char *)data, size, "f", &root, &err);
	/* A path, or a reason. */
	if (ret ? root || !err.text[0] : !root || !*root)
		abort();
	free(root);
	return 0;
}
