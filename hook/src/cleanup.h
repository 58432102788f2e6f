/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Resources that end with their scope: declare the variable with one of the
 * cleanup_* attributes and every return path releases it.
 */
#ifndef HOOK_CLEANUP_H
#define HOOK_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close_fn(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_free_fn(char **p)
{
	free(*p);
}

static inline void cleanup_fclose_fn(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define cleanup_close __attribute__((cleanup(cleanup_close_fn)))
#define cleanup_free __attribute__((cleanup(cleanup_free_fn)))
#define cleanup_fclose __attribute__((cleanup(cleanup_fclose_fn)))

/**
 * take_fd() - move a descriptor out of a variable that would close it.
 * @fd: the variable; -1 afterwards
 *
 * Return: the descriptor, now the caller's.
 */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
