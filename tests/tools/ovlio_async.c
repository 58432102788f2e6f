// SPDX-License-Identifier: GPL-2.0-or-later
/* ovlio: I/O that is submitted now and completes later. */
#define _GNU_SOURCE
#include "ovlio.h"
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool rings_were_used;

/* Submits one request; its context is left in @ctx. */
static int aio_submit(aio_context_t *ctx, int op, int fd, char *buf,
		      long long off, size_t len)
{
	struct iocb cb = {
		.aio_fildes = (uint32_t)fd,
		.aio_lio_opcode = (uint16_t)op,
		.aio_buf = (uint64_t)(uintptr_t)buf,
		.aio_offset = off,
		.aio_nbytes = len,
	}, *cbs[] = { &cb };

	*ctx = 0;
	if (syscall(SYS_io_setup, 1, ctx) ||
	    syscall(SYS_io_submit, *ctx, 1, cbs) != 1)
		return -1;
	return 0;
}

static int aio_wait(aio_context_t ctx)
{
	struct io_event event;
	long ret;

	/* The end of a ring, which comes later, interrupts it. */
	do
		ret = syscall(SYS_io_getevents, ctx, 1, 1, &event, NULL);
	while (ret < 0 && errno == EINTR);
	if (ret != 1)
		return -1;
	if (event.res >= 0)
		return 0;
	errno = (int)-event.res;
	return -1;
}

/* An asynchronous direct read into a mapping: it pins the mapping's pages. */
static int do_aioread(char **w)
{
	int fd = open(w[2], O_RDONLY | O_DIRECT | O_CLOEXEC);
	struct thing *t, *m = need(w[1]);
	aio_context_t ctx;

	if (fd < 0 ||
	    aio_submit(&ctx, IOCB_CMD_PREAD, fd, m->map, 0, (size_t)size(w[3])))
		return -1;
	t = make(w[0]);
	t->fd = fd;
	t->own = (void *)ctx;
	return 0;
}

static int do_aiowait(char **w)
{
	return aio_wait((aio_context_t)need(w[0])->own);
}

static char *filled(size_t len)
{
	char *buf = aligned_alloc(4096, (len + 4095) & ~4095UL);

	if (buf)
		fill(buf, len);
	return buf;
}

static int do_aiowrite(char **w)
{
	size_t len = (size_t)size(w[2]);
	char *buf = filled(len);
	aio_context_t ctx;
	int ret = -1;

	if (buf && !aio_submit(&ctx, IOCB_CMD_PWRITE, need(w[0])->fd, buf,
			       size(w[1]), len))
		ret = aio_wait(ctx);
	free(buf);
	return ret;
}

/* A ring that has a file registered, which may be closed from then on. */
static int do_ring(char **w)
{
	struct io_uring *ring = malloc(sizeof(*ring));
	int ret = -ENOMEM;

	if (ring)
		ret = io_uring_queue_init(1, ring, 0);
	if (!ret)
		ret = io_uring_register_files(ring, &need(w[1])->fd, 1);
	if (ret) {
		free(ring);
		errno = -ret;
		return -1;
	}
	make(w[0])->own = ring;
	return 0;
}

static int ring_write(struct io_uring *ring, int fd, int flags, char **w)
{
	size_t len = (size_t)size(w[2]);
	char *buf = filled(len);
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
	struct io_uring_cqe *cqe = NULL;
	int ret;

	io_uring_prep_write(sqe, fd, buf, (unsigned int)len,
			    (uint64_t)size(w[1]));
	sqe->flags |= (uint8_t)flags;
	ret = io_uring_submit_and_wait(ring, 1);
	if (ret == 1)
		ret = io_uring_wait_cqe(ring, &cqe);
	if (!ret) {
		ret = cqe->res;
		io_uring_cqe_seen(ring, cqe);
	}
	free(buf);
	if (ret == (int)len)
		return 0;
	errno = ret < 0 ? -ret : EIO;
	return -1;
}

static int do_uringwrite(char **w)
{
	struct io_uring ring;
	int ret = io_uring_queue_init(1, &ring, 0);

	rings_were_used = true;
	if (ret) {
		errno = -ret;
		return -1;
	}
	ret = ring_write(&ring, need(w[0])->fd, 0, w);
	io_uring_queue_exit(&ring);
	return ret;
}

static int do_ringwrite(char **w)
{
	return ring_write(need(w[0])->own, 0, IOSQE_FIXED_FILE, w);
}

const struct command async_commands[] = {
	{ "aioread", 4, do_aioread, "NAME MAP PATH LENGTH" },
	{ "aiowait", 1, do_aiowait, "NAME" },
	{ "aiowrite", 3, do_aiowrite, "FD OFFSET LENGTH" },
	{ "uringwrite", 3, do_uringwrite, "FD OFFSET LENGTH" },
	{ "ring", 2, do_ring, "NAME FD: which is registered" },
	{ "ringwrite", 3, do_ringwrite, "RING OFFSET LENGTH" },
	{ 0 },
};
