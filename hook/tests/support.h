/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* cmocka's header wants the four above. */
#include <cmocka.h>

#define assert_contains(text, part)                                            \
	support_assert_contains(text, part, __FILE__, __LINE__)

#define array_size(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct ended - how a forked function ended.
 * @exited: by itself, with @status; otherwise by signal @status
 * @ms: after so many milliseconds
 * @text: what it wrote to standard error
 */
struct ended {
	bool exited;
	int status;
	int ms;
	char text[8192];
};

void support_assert_contains(const char *text, const char *part,
			     const char *file, int line);
int support_setup(void **state);
int support_teardown(void **state);
char *support_path(const void *dir, const char *name);
void support_write(const char *path, const char *text, size_t len);
struct ended support_fork(int (*fn)(void *), void *arg, int stdin_fd);
int support_pipe_with(const char *text, size_t len);
bool support_namespace(void);
bool support_mount(const void *dir, const char *name, const char *type,
		   const char *options);
bool support_overlay(const void *dir, const char *options, char *merged);
bool support_relative_overlay(const void *dir, char *merged);

#endif
