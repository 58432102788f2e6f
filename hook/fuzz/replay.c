// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a target on files, where there is no libFuzzer: for gcov, which counts
 * what the corpus reaches.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "fuzz.h"

static int replay(const char *path)
{
	cleanup_fclose FILE *f = fopen(path, "re");
	static char text[1 << 21];
	cleanup_free char *copy = NULL;
	size_t len;

	if (!f) {
		perror(path);
		return 1;
	}
	len = fread(text, 1, sizeof(text), f);
	/* Of its own size, so that a sanitizer sees who reads past the end. */
	copy = malloc(len ? len : 1);
	if (!copy)
		return 1;
	for (size_t i = 0; i < len; i++)
		copy[i] = text[i];
	LLVMFuzzerTestOneInput((const uint8_t *)copy, len);
	return 0;
}

int main(int argc, char **argv)
{
	int i, bad = 0;

	for (i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	return bad;
}
