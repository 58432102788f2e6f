// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The child process: from the bundle's path to the synced overlay.
 *
 * Everything that another file system or another program can delay happens
 * here. Up to the sync a timer ends the process at the deadline; syncfs itself
 * cannot be interrupted, so it is left to finish, with no parent waiting.
 */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "bundle.h"
#include "cleanup.h"
#include "confine.h"
#include "filter.h"
#include "rootfs.h"
#include "sync.h"
#include "text.h"

_Static_assert(sizeof(struct message) <= 4096, "a message is one pipe write");

static void tell(int fd, enum message_kind kind, const struct result *result)
{
	struct message m;

	memset(&m, 0, sizeof(m));
	m.kind = kind;
	if (result)
		m.result = *result;
	/* If nobody listens any more there is nobody to tell. */
	while (write(fd, &m, sizeof(m)) < 0 && errno == EINTR)
		;
}

static void tell_step(int fd, const char *what, const char *path)
{
	struct result r = { .sync_ns = -1 };
	char text[2 * ERROR_TEXT_MAX];

	snprintf(text, sizeof(text), "%s \"%s\"", what, path);
	text_elide(r.text, sizeof(r.text), text);
	tell(fd, MESSAGE_STEP, &r);
}

static void set_timer(int ms)
{
	struct itimerval t = { 0 };

	t.it_value.tv_sec = ms / 1000;
	t.it_value.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	setitimer(ITIMER_REAL, &t, NULL);
}

/* Hold none of the pipes, and no directory, that the engine may wait for. */
static int detach(int *result_fd, struct error *err)
{
	int null, fd;

	if (setsid() < 0)
		return error_set(err, errno, "cannot start a session");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return error_set(err, errno, "cannot open /dev/null");
	for (fd = 0; fd < 3; fd++)
		if (dup2(null, fd) < 0)
			return error_set(err, errno, "cannot leave fd %d", fd);
	fd = 3;
	if (*result_fd != fd) {
		if (dup3(*result_fd, fd, O_CLOEXEC) < 0)
			return error_set(err, errno, "cannot move a pipe");
		*result_fd = fd;
	}
	if (close_range(4, ~0U, 0) < 0)
		return error_set(err, errno, "cannot close descriptors");
	return 0;
}

/* Returns an outcome, with why in @err unless it is OUTCOME_SYNCED. */
static enum outcome sync_bundle(const char *bundle, const struct deadline *d,
				int result_fd, int64_t *ns, struct error *err)
{
	cleanup_free char *root = NULL;
	cleanup_close int bundle_fd = -1;
	cleanup_close int rootfs_fd = -1;
	int ret;

	tell_step(result_fd, "reading the config.json of", bundle);
	bundle_fd = bundle_open(bundle, err);
	if (bundle_fd < 0 || bundle_root(bundle_fd, bundle, d, &root, err) < 0)
		return OUTCOME_ERROR;

	tell_step(result_fd, "opening rootfs", root);
	rootfs_fd = rootfs_open(bundle_fd, bundle, root, err);
	if (rootfs_fd < 0 || rootfs_check(rootfs_fd, root, err) < 0)
		return OUTCOME_ERROR;
	if (rootfs_is_volatile(rootfs_fd)) {
		error_set(err, 0, "volatile");
		return OUTCOME_SKIPPED;
	}
	close(take_fd(&bundle_fd));
	set_timer(0);

	if (confine_drop_all(err) < 0 ||
	    filter_worker(rootfs_fd, result_fd, err) < 0)
		return OUTCOME_ERROR;
	tell(result_fd, MESSAGE_SYNCING, NULL);
	/*
	 * The descriptor goes before the result: when the engine sees the hook
	 * end, its umount must not find the overlay busy.
	 */
	ret = sync_overlay(rootfs_fd, root, ns, err);
	close(take_fd(&rootfs_fd));
	return ret < 0 ? OUTCOME_ERROR : OUTCOME_SYNCED;
}

/**
 * worker_main() - sync the overlay of a bundle; runs in a process of its own.
 * @bundle: the bundle's absolute path
 * @deadline: the run's
 * @result_fd: the write end of the result pipe
 *
 * Return: the status to exit with, which says nothing: the messages do.
 */
int worker_main(const char *bundle, const struct deadline *deadline,
		int result_fd)
{
	struct result r = { .sync_ns = -1 };
	struct error err = { "" };
	int left = deadline_left_ms(deadline);

	/* Zero would mean no timer at all. */
	set_timer(left > 0 ? left : 1);
	if (detach(&result_fd, &err) < 0)
		r.outcome = OUTCOME_ERROR;
	else
		r.outcome = sync_bundle(bundle, deadline, result_fd, &r.sync_ns,
					&err);
	if (r.outcome != OUTCOME_SYNCED)
		text_elide(r.text, sizeof(r.text), err.text);
	tell(result_fd, MESSAGE_RESULT, &r);
	return 0;
}
