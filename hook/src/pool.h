/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOOK_POOL_H
#define HOOK_POOL_H

#include <stddef.h>

#include "error.h"

/* So many fsyncs are under way at once, and share the device's flushes. */
#define POOL_THREADS 8

struct pool;

struct pool *pool_new(struct error *err);
void pool_put(struct pool *p, int fd, const char *path);
void pool_wait(struct pool *p);
unsigned long pool_count(const struct pool *p);
int pool_error(const struct pool *p, char *path, size_t size);
void pool_free(struct pool **p);

#define cleanup_pool __attribute__((cleanup(pool_free)))

#endif
