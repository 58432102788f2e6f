// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Under valgrind, which has no seccomp(2): no filter is made.
 */
#include "filter.h"

int __wrap_filter_worker(int rootfs_fd, int result_fd, struct error *err);
int __wrap_filter_walker(int result_fd, struct error *err);
int __wrap_filter_parent(int result_fd, int log_fd, struct error *err);

int __wrap_filter_worker(int rootfs_fd, int result_fd, struct error *err)
{
	(void)rootfs_fd;
	(void)result_fd;
	(void)err;
	return 0;
}

int __wrap_filter_walker(int result_fd, struct error *err)
{
	(void)result_fd;
	(void)err;
	return 0;
}

int __wrap_filter_parent(int result_fd, int log_fd, struct error *err)
{
	(void)result_fd;
	(void)log_fd;
	(void)err;
	return 0;
}
