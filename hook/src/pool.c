// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that fsync: a bounded number of them, behind a bounded queue.
 */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define QUEUE_MAX 64

struct item {
	int fd;
	char *path;
};

/**
 * struct pool - the threads and what they have to do.
 * @lock: protects everything below but @threads
 * @changed: an item came or went, or @ending was set
 * @threads: so many as there are, @started of them
 * @running: threads that have come as far as to look for work
 * @queue: a ring of @used items, from @first on
 * @busy: items that are being synced
 * @ending: no more items will come
 * @synced: items that were synced without an error
 * @errnum: the first error, or 0; of the file @failed
 */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t threads[POOL_THREADS];
	unsigned int started;
	unsigned int running;
	struct item queue[QUEUE_MAX];
	unsigned int first;
	unsigned int used;
	unsigned int busy;
	bool ending;
	unsigned long synced;
	int errnum;
	char failed[512];
};

static void finish(struct pool *p, const struct item *item, int errnum)
{
	p->busy--;
	if (!errnum)
		p->synced++;
	if (errnum && !p->errnum) {
		p->errnum = errnum;
		text_elide(p->failed, sizeof(p->failed),
			   item->path ? item->path : "?");
	}
	pthread_cond_broadcast(&p->changed);
}

static void *thread_main(void *arg)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	p->running++;
	pthread_cond_broadcast(&p->changed);
	while (p->used || !p->ending) {
		struct item item;
		int errnum;

		if (!p->used) {
			pthread_cond_wait(&p->changed, &p->lock);
			continue;
		}
		item = p->queue[p->first];
		p->first = (p->first + 1) % QUEUE_MAX;
		p->used--;
		p->busy++;
		pthread_mutex_unlock(&p->lock);
		errnum = fsync(item.fd) < 0 ? errno : 0;
		close(item.fd);
		pthread_mutex_lock(&p->lock);
		finish(p, &item, errnum);
		free(item.path);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/**
 * pool_new() - start the threads.
 * @err: why there are none
 *
 * They have the capabilities that the caller has now.
 *
 * Return: the pool, or NULL.
 */
struct pool *pool_new(struct error *err)
{
	struct pool *p = calloc(1, sizeof(*p));
	int errnum = 0;

	if (!p) {
		error_set(err, ENOMEM, "cannot start threads");
		return NULL;
	}
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	while (p->started < POOL_THREADS && !errnum) {
		errnum = pthread_create(&p->threads[p->started], NULL,
					thread_main, p);
		if (!errnum)
			p->started++;
	}
	/* What a thread does to start, a filter may forbid: let them get there. */
	pthread_mutex_lock(&p->lock);
	while (p->running < p->started)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
	/* A few will do. */
	if (p->started)
		return p;
	error_set(err, errnum, "cannot start threads");
	pool_free(&p);
	return NULL;
}

/**
 * pool_put() - have a file synced.
 * @p: the pool
 * @fd: the file; closed when it is
 * @path: its path, for an error; copied
 *
 * Waits while the queue is full.
 */
void pool_put(struct pool *p, int fd, const char *path)
{
	struct item item = { .fd = fd, .path = strdup(path) };

	pthread_mutex_lock(&p->lock);
	while (p->used == QUEUE_MAX)
		pthread_cond_wait(&p->changed, &p->lock);
	p->queue[(p->first + p->used) % QUEUE_MAX] = item;
	p->used++;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/**
 * pool_wait() - wait until all that was put is synced.
 * @p: the pool
 */
void pool_wait(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->used || p->busy)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

/**
 * pool_count() - how many were synced without an error.
 * @p: the pool, after pool_wait()
 *
 * Return: their number.
 */
unsigned long pool_count(const struct pool *p)
{
	return p->synced;
}

/**
 * pool_error() - the first error.
 * @p: the pool, after pool_wait()
 * @path: where to put the path of the file that had it
 * @size: bytes there
 *
 * Return: the errno, or 0.
 */
int pool_error(const struct pool *p, char *path, size_t size)
{
	text_elide(path, size, p->failed);
	return p->errnum;
}

/**
 * pool_free() - end the threads once they have nothing left to do.
 * @p: the pool, or NULL
 */
void pool_free(struct pool **p)
{
	if (!*p)
		return;
	pthread_mutex_lock(&(*p)->lock);
	(*p)->ending = true;
	pthread_cond_broadcast(&(*p)->changed);
	pthread_mutex_unlock(&(*p)->lock);
	while ((*p)->started)
		pthread_join((*p)->threads[--(*p)->started], NULL);
	pthread_cond_destroy(&(*p)->changed);
	pthread_mutex_destroy(&(*p)->lock);
	free(*p);
	*p = NULL;
}
