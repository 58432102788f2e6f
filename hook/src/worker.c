// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The child process: from the job to the synced overlay.
 *
 * Everything that another file system or another program can delay happens
 * here. Up to the sync a timer ends the process at the deadline; syncfs itself
 * cannot be interrupted, so it is left to finish, with no parent waiting. (A
 * walk could be, but what it has begun is worth finishing, too.)
 */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cleanup.h"
#include "confine.h"
#include "filter.h"
#include "overlay.h"
#include "rootfs.h"
#include "sync.h"
#include "target.h"
#include "text.h"
#include "walk.h"

_Static_assert(sizeof(struct message) <= 4096, "a message is one pipe write");

static void tell(int fd, enum message_kind kind, const struct result *result)
{
	struct message m;

	memset(&m, 0, sizeof(m));
	m.kind = kind;
	m.result = *result;
	/* If nobody listens any more there is nobody to tell. */
	while (write(fd, &m, sizeof(m)) < 0 && errno == EINTR)
		;
}

/**
 * struct work - a worker's own.
 * @job: what it is to do
 * @deadline: until when, for what comes before the sync
 * @result_fd: the write end of the result pipe
 * @result: what is known so far
 */
struct work {
	const struct job *job;
	const struct deadline *deadline;
	int result_fd;
	struct result result;
};

static void tell_step(void *arg, const char *what, const char *path)
{
	struct work *w = arg;
	struct result *r = &w->result;
	char text[2 * ERROR_TEXT_MAX];

	snprintf(text, sizeof(text), "%s \"%s\"", what, path);
	text_elide(r->text, sizeof(r->text), text);
	tell(w->result_fd, MESSAGE_STEP, r);
	r->text[0] = '\0';
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
	closefrom(4);
	return 0;
}

/* What the record calls the mount. */
static void name_mount(const struct target *t, const char *root,
		       struct result *r)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s",
		 t->kind == TARGET_BUNDLE && root[0] != '/' ? t->path : "",
		 t->kind == TARGET_BUNDLE && root[0] != '/' ? "/" : "", root);
	text_elide(r->mount, sizeof(r->mount), path);
}

/*
 * How it is to be synced, with what there is to remark in @note; MODE_NONE if
 * not at all, with why in @err.
 */
static enum sync_mode choose_mode(const struct job *job,
				  const struct overlay *o, struct note *note,
				  struct error *err)
{
	if (o->is_volatile) {
		error_set(err, 0, "volatile");
		return MODE_NONE;
	}
	if (o->read_only) {
		error_set(err, 0, "read-only");
		return MODE_NONE;
	}
	if (o->per_overlay)
		return MODE_PER_OVERLAY;
	if (o->unknown) {
		note_add(
			note,
			"upper directory \"%.64s\" is not to be found: the kernel decides, and syncs per-overlay if it can there",
			o->upper);
		return MODE_WHOLE_UPPER;
	}
	switch (job->policy.fallback) {
	case FALLBACK_SYNC:
		return MODE_WHOLE_UPPER;
	case FALLBACK_WALK:
		return MODE_WALK;
	default:
		error_set(
			err, 0,
			"no per-overlay syncfs here, and the fallback is skip (umount syncs the whole upper)");
		return MODE_NONE;
	}
}

/* The sync by the kernel. */
static enum outcome sync_mount(struct work *w, struct opened *root,
			       struct error *err)
{
	struct result *r = &w->result;
	/*
	 * syncfs(2) of an overlay looks at the overlay's own s_wb_err, which nothing
	 * sets where our module is not.
	 */
	bool tells = r->mode != MODE_WHOLE_UPPER ||
		     !access(w->job->parameter, F_OK);
	int ret;

	set_timer(0);
	if (confine_drop_all(err) < 0 ||
	    filter_worker(root->fd, w->result_fd, err) < 0)
		return OUTCOME_ERROR;
	if (w->job->policy.dry_run) {
		error_set(err, 0, "dry run");
		return OUTCOME_SKIPPED;
	}
	tell(w->result_fd, MESSAGE_SYNCING, r);
	/*
	 * The descriptor goes before the result: when the engine sees the hook
	 * end, its umount must not find the overlay busy.
	 */
	ret = sync_overlay(root->fd, root->root, r->mode, &r->sync_ns, err);
	close(take_fd(&root->fd));
	if (!ret && !tells)
		note_add(
			&r->note,
			"this kernel tells no write errors of an overlay's files");
	return ret < 0 ? OUTCOME_ERROR : OUTCOME_SYNCED;
}

/* The sync by ourselves, of the upper directory. */
static enum outcome sync_upper(struct work *w, struct opened *root,
			       const struct overlay *o, struct error *err)
{
	cleanup_walk struct walk walk = { .fd = -1 };
	struct result *r = &w->result;
	int64_t start;
	int ret;

	/* Its path means something else where somebody else has mounted it. */
	if (w->job->target.kind == TARGET_PID && !overlay_is_here(root->fd)) {
		error_set(
			err, 0,
			"cannot walk rootfs \"%s\": its overlay is mounted in another mount namespace",
			root->root);
		return OUTCOME_ERROR;
	}
	if (confine_keep_search(err) < 0)
		return OUTCOME_ERROR;
	tell_step(w, "opening upper directory", o->upper);
	if (walk_prepare(&walk, o, err) < 0)
		return OUTCOME_ERROR;
	close(take_fd(&root->fd));
	set_timer(0);
	if (filter_walker(w->result_fd, err) < 0)
		return OUTCOME_ERROR;
	if (w->job->policy.dry_run) {
		error_set(err, 0, "dry run");
		return OUTCOME_SKIPPED;
	}
	tell(w->result_fd, MESSAGE_SYNCING, r);
	start = monotonic_ns();
	ret = walk_sync(&walk, err);
	r->sync_ns = monotonic_ns() - start;
	walk_note(&walk, stage_has_writers(w->job->stage), &r->note);
	return ret < 0 ? OUTCOME_ERROR : OUTCOME_SYNCED;
}

/* Returns an outcome, with why in @err unless it is OUTCOME_SYNCED. */
static enum outcome sync_target(struct work *w, struct error *err)
{
	cleanup_opened struct opened root = { .fd = -1 };
	cleanup_mountinfo struct mountinfo m = { 0 };
	cleanup_overlay struct overlay o = { 0 };
	struct result *r = &w->result;
	int ret;

	ret = target_open(&w->job->target, w->deadline, tell_step, w, &root,
			  err);
	if (root.root)
		name_mount(&w->job->target, root.root, r);
	if (ret < 0)
		return OUTCOME_ERROR;
	ret = rootfs_check(root.fd, root.root, root.mountinfo, &m, err);
	if (ret)
		return ret < 0 ? OUTCOME_ERROR : OUTCOME_NO_OVERLAY;
	/* Whatever else is open would be held during the sync. */
	fclose(root.mountinfo);
	root.mountinfo = NULL;
	overlay_look(&m, w->job->parameter, &o);
	text_elide(r->upper_fs, sizeof(r->upper_fs), o.upper_fs);
	r->mode = choose_mode(w->job, &o, &r->note, err);
	if (r->mode == MODE_NONE)
		return OUTCOME_SKIPPED;
	if (chdir("/") < 0) {
		error_set(err, errno, "cannot leave a directory");
		return OUTCOME_ERROR;
	}
	return r->mode == MODE_WALK ? sync_upper(w, &root, &o, err)
				    : sync_mount(w, &root, err);
}

/**
 * worker_main() - sync one overlay; runs in a process of its own.
 * @job: what is to be done
 * @deadline: the run's
 * @result_fd: the write end of the result pipe
 *
 * Return: the status to exit with, which says nothing: the messages do.
 */
int worker_main(const struct job *job, const struct deadline *deadline,
		int result_fd)
{
	struct work w = { .job = job,
			  .deadline = deadline,
			  .result_fd = result_fd,
			  .result = { .sync_ns = -1 } };
	struct result *r = &w.result;
	struct error err = { 0 };
	int left = deadline_left_ms(deadline);

	/* Zero would mean no timer at all. */
	set_timer(left > 0 ? left : 1);
	if (detach(&w.result_fd, &err) < 0)
		r->outcome = OUTCOME_ERROR;
	else
		r->outcome = sync_target(&w, &err);
	if (r->outcome != OUTCOME_SYNCED) {
		text_elide(r->text, sizeof(r->text), err.text);
		r->errnum = err.errnum;
	}
	tell(w.result_fd, MESSAGE_RESULT, r);
	return 0;
}
