// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hook mode: state -> (in the worker: rootfs -> confinement -> sync) -> report.
 */
#include "hook.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "confine.h"
#include "deadline.h"
#include "filter.h"
#include "input.h"
#include "log.h"
#include "report.h"
#include "state.h"
#include "text.h"
#include "watchdog.h"

static void report(const struct record *record, int log_fd)
{
	enum outcome outcome = record->result->outcome;
	char line[REPORT_LINE_MAX];

	report_format(record, line, sizeof(line));
	log_send(log_fd, report_priority(outcome), REPORT_IDENT, line);
	report_stderr(line);
}

static int read_state(const struct deadline *d, struct oci_state *state,
		      struct error *err)
{
	cleanup_free char *text = NULL;
	size_t len;

	if (input_read(STDIN_FILENO, STATE_NAME, d, &text, &len, err) < 0)
		return -1;
	return state_parse(text, len, state, err);
}

/* Everything up to the report. -1: there is no @result, but an @err. */
static int sync_container(const struct options *options,
			  const struct deadline *deadline, int log_fd,
			  struct oci_state *state, enum stage *stage,
			  bool *bounding_kept, struct result *result,
			  struct error *err)
{
	struct watchdog w;

	if (confine_prepare(bounding_kept, err) < 0 ||
	    read_state(deadline, state, err) < 0)
		return -1;
	*stage = options->stage;
	if (*stage == STAGE_UNKNOWN &&
	    stage_from_status(state->status, stage, err) < 0)
		return -1;
	if (watchdog_start(&w, state->bundle, deadline, err) < 0)
		return -1;
	if (confine_drop_all(err) < 0 ||
	    filter_parent(w.result_fd, log_fd, err) < 0)
		return -1;
	watchdog_wait(&w, deadline, result);
	return 0;
}

/**
 * hook_run() - do what the hook is for.
 * @options: the command line
 * @log_fd: the syslog socket, or -1
 *
 * Can be called once in a process: the filter stays.
 *
 * Return: the exit status.
 */
int hook_run(const struct options *options, int log_fd)
{
	struct deadline deadline = deadline_after(options->timeout);
	cleanup_state struct oci_state state = { 0 };
	struct result result = { .sync_ns = -1 };
	struct record record = { .stage = options->stage, .result = &result };
	bool bounding_kept = false;
	struct error err;

	if (sync_container(options, &deadline, log_fd, &state, &record.stage,
			   &bounding_kept, &result, &err) < 0) {
		result.outcome = OUTCOME_ERROR;
		text_elide(result.text, sizeof(result.text), err.text);
	}
	record.id = state.id;
	record.total_ns = deadline_elapsed_ns(&deadline);
	if (bounding_kept)
		record.note = "unprivileged: capability bounding set kept";
	report(&record, log_fd);
	return policy_exit_status(record.stage, options->strict,
				  result.outcome);
}

/**
 * hook_usage_error() - report that the command line cannot be understood.
 * @err: what is wrong with it
 * @log_fd: the syslog socket, or -1
 *
 * Return: the exit status.
 */
int hook_usage_error(const struct error *err, int log_fd)
{
	struct result result = { .outcome = OUTCOME_ERROR, .sync_ns = -1 };
	struct record record = { .result = &result };

	text_elide(result.text, sizeof(result.text), err->text);
	report(&record, log_fd);
	return HOOK_EXIT_USAGE;
}
