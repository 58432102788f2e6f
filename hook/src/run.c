// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order of things: confinement -> job -> policy -> (in the worker: rootfs
 * -> confinement -> sync) -> report.
 */
#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "confine.h"
#include "criu.h"
#include "deadline.h"
#include "filter.h"
#include "hook.h"
#include "job.h"
#include "log.h"
#include "report.h"
#include "text.h"
#include "watchdog.h"

static void report(const struct record *record, enum log_format format,
		   int log_fd)
{
	enum outcome outcome = record->result->outcome;
	char line[REPORT_LINE_MAX];

	report_format(record, format, line, sizeof(line));
	log_send(log_fd, report_priority(outcome), REPORT_IDENT, line);
	/* A program that reads JSON does not want a name in front of it. */
	report_stderr(format == FORMAT_JSON ? NULL : REPORT_IDENT, line);
}

static int job_of_command(const struct options *o, struct job *job)
{
	job->stage = STAGE_SYNC;
	job->target = o->target;
	return 0;
}

/*
 * What the verb has of the job without reading any input: the stage above all,
 * as how a failure ends depends on it. Returns 0; 1 if there is nothing to do;
 * or -1.
 */
static int begin_job(const struct options *o, struct job *job,
		     struct error *err)
{
	switch (o->verb) {
	case VERB_CRIU:
		return criu_job(job, err);
	case VERB_SYNC:
		return job_of_command(o, job);
	default:
		job->stage = o->stage;
		return 0;
	}
}

/* What the command line says goes last. */
static void policy_options(struct policy *p, const struct options *o)
{
	if (o->timeout)
		p->timeout = o->timeout;
	if (o->strict)
		p->strict = true;
	if (o->fallback != FALLBACK_UNSET)
		p->fallback = o->fallback;
	if (o->format != FORMAT_UNSET)
		p->format = o->format;
	p->dry_run = o->dry_run;
}

/* Returns 0; 1, with why in @err, if this container is not to be synced; -1. */
static int make_policy(const struct options *o, const struct deadline *d,
		       struct job *job, struct note *note, struct error *err)
{
	struct policy *p = &job->policy;
	struct policy file;
	bool enabled;

	policy_init(&file);
	if (config_load(o->config ? o->config : CONFIG_FILE, o->config, d,
			&file, err) < 0)
		return -1;
	*p = file;
	policy_for_stage(p, job->stage);
	enabled = policy_annotate(p, &job->annotations, note);
	policy_options(p, o);
	/* Who runs the command means this one. */
	if (enabled || job->stage == STAGE_SYNC ||
	    (o->verb == VERB_CRIU && p->enable != ENABLE_NEVER))
		return 0;
	error_set(err, 0, "%s",
		  p->enable == ENABLE_NEVER ? "disabled by the configuration"
		  : job->annotations.enable ? "disabled by annotation"
					    : "not enabled by annotation");
	return 1;
}

/* Have it done by a worker; -1: there is no @result, but an @err. */
static int supervise(const struct job *job, const struct deadline *deadline,
		     int log_fd, struct result *result, struct error *err)
{
	struct watchdog w;

	if (watchdog_start(&w, job, deadline, err) < 0)
		return -1;
	if (confine_drop_all(err) < 0 ||
	    filter_parent(w.result_fd, log_fd, err) < 0)
		return -1;
	watchdog_wait(&w, deadline, result);
	return 0;
}

/* Returns 0 with a @result, 1 if there is nothing to report, or -1. */
static int do_job(const struct options *options, struct deadline *deadline,
		  int log_fd, struct job *job, struct note *note,
		  struct result *result, struct error *err)
{
	bool processes = options->verb == VERB_CRIU ||
			 options->target.kind == TARGET_PID;
	bool bounding_kept = false;
	int ret;

	ret = begin_job(options, job, err);
	if (ret)
		return ret;
	if (confine_prepare(processes, &bounding_kept, err) < 0)
		return -1;
	if (bounding_kept)
		note_add(note, "unprivileged: capability bounding set kept");
	if (options->verb == VERB_HOOK && hook_job(deadline, job, err) < 0)
		return -1;
	ret = make_policy(options, deadline, job, note, err);
	if (ret < 0)
		return -1;
	if (ret) {
		result->outcome = OUTCOME_SKIPPED;
		text_elide(result->text, sizeof(result->text), err->text);
		return 0;
	}
	deadline_set(deadline, job->policy.timeout);
	return supervise(job, deadline, log_fd, result, err);
}

/**
 * run() - hook, CRIU action or sync command, from start to end.
 * @options: the command line
 * @parameter: where the kernel announces the feature: OVERLAY_PARAMETER
 * @log_fd: the syslog socket, or -1
 *
 * Can be called once in a process: the filter stays.
 *
 * Return: the exit status.
 */
int run(const struct options *options, const char *parameter, int log_fd)
{
	struct deadline deadline = deadline_after(
		options->timeout ? options->timeout : TIMEOUT_DEFAULT);
	struct result result = { .outcome = OUTCOME_ERROR, .sync_ns = -1 };
	struct record record = { .result = &result };
	cleanup_job struct job job = { .parameter = parameter };
	struct note note = { "" };
	struct error err;
	int ret;

	/* For errors before there is a policy. */
	policy_init(&job.policy);
	policy_options(&job.policy, options);
	ret = do_job(options, &deadline, log_fd, &job, &note, &result, &err);
	if (ret > 0)
		return HOOK_EXIT_OK;
	if (ret < 0) {
		result.outcome = OUTCOME_ERROR;
		result.errnum = err.errnum;
		text_elide(result.text, sizeof(result.text), err.text);
	}
	record.id = job.id;
	record.stage = job.stage;
	record.total_ns = deadline_elapsed_ns(&deadline);
	record.note = &note;
	report(&record, job.policy.format, log_fd);
	return policy_exit_status(job.stage, job.policy.strict, result.outcome);
}

/**
 * run_usage_error() - report that the command line cannot be understood.
 * @options: as far as it was
 * @err: what is wrong with it
 * @log_fd: the syslog socket, or -1
 *
 * Return: the exit status.
 */
int run_usage_error(const struct options *options, const struct error *err,
		    int log_fd)
{
	struct result result = { .outcome = OUTCOME_ERROR, .sync_ns = -1 };
	struct record record = { .result = &result };

	text_elide(result.text, sizeof(result.text), err->text);
	report(&record, options->format, log_fd);
	return HOOK_EXIT_USAGE;
}
