// SPDX-License-Identifier: GPL-2.0-or-later
/* Jobs, for tests of worker.c and watchdog.c. */
#include "support_job.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

/* As on a kernel without the feature. */
static char parameter[] = "/none";

struct job job;

/* A bundle around a fresh overlay; false where there can be none. */
bool job_bundle(const char *dir, const char *options)
{
	char merged[PATH_MAX], config[2 * PATH_MAX];
	bool mounted = support_overlay(dir, options, merged);

	snprintf(config, sizeof(config), "{\"root\":{\"path\":\"%s\"}}",
		 merged);
	support_write(support_path(dir, "config.json"), config, strlen(config));
	return mounted;
}

/* The job that whoever starts the hook at poststop has; a test changes it. */
void job_setup(const char *dir)
{
	memset(&job, 0, sizeof(job));
	job.stage = STAGE_POSTSTOP;
	policy_init(&job.policy);
	job.policy.fallback = FALLBACK_SYNC;
	job.target.kind = TARGET_BUNDLE;
	job.target.path = dir;
	job.parameter = parameter;
}

/* Start a worker on the job and wait for it, @seconds at most. */
struct watchdog job_run(unsigned int seconds, struct result *r)
{
	struct deadline d = deadline_after(seconds);
	struct watchdog w;
	struct error err;

	assert_int_equal(watchdog_start(&w, &job, &d, &err), 0);
	watchdog_wait(&w, &d, r);
	/* Never longer than the deadline, and some slack for a busy machine. */
	assert_true(deadline_elapsed_ns(&d) < (seconds + 2) * NSEC_PER_SEC);
	return w;
}

void job_finish(const struct watchdog *w, bool kill_it)
{
	if (kill_it)
		kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	close(w->pidfd);
	close(w->result_fd);
}
