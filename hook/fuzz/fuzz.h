/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls; no header of its declares it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
