// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One run, one line:
 *
 *	container=ID stage=STAGE duration=SECONDSs result=TEXT
 *
 * The first three have no blanks in them and the result goes to the end of
 * the line, whatever names the container and its paths have.
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "deadline.h"
#include "text.h"

/* Nobody reads the hook's stderr: give up after this, and never block. */
#define STDERR_WAIT_MS 100

static const char *outcome_prefix(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SYNCED:
		return "synced";
	case OUTCOME_SKIPPED:
		return "skipped: ";
	case OUTCOME_TIMEOUT:
		return "";
	default:
		return "error: ";
	}
}

/**
 * report_format() - make the line.
 * @record: what it says
 * @line: where to; no newline
 * @size: bytes there, REPORT_LINE_MAX or so
 *
 * The duration is that of syncfs, or that of the whole run if syncfs did not
 * return or was not called.
 */
void report_format(const struct record *record, char *line, size_t size)
{
	const struct result *r = record->result;
	int64_t ns = r->sync_ns >= 0 ? r->sync_ns : record->total_ns;
	char id[129], shown_id[4 * sizeof(id)], text[2400];

	text_elide(id, sizeof(id), record->id ? record->id : "-");
	text_escape(shown_id, sizeof(shown_id), id, " =");
	text_escape(text, sizeof(text), r->text, "");
	snprintf(line, size,
		 "container=%s stage=%s duration=%" PRId64 ".%06" PRId64
		 "s result=%s%s%s%s%s",
		 shown_id, stage_name(record->stage), ns / NSEC_PER_SEC,
		 ns % NSEC_PER_SEC / NSEC_PER_USEC, outcome_prefix(r->outcome),
		 r->outcome == OUTCOME_SYNCED ? "" : text,
		 record->note ? " (" : "", record->note ? record->note : "",
		 record->note ? ")" : "");
}

/**
 * report_priority() - the syslog priority of an outcome.
 * @outcome: the outcome
 *
 * Return: facility and level.
 */
int report_priority(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SYNCED:
	case OUTCOME_SKIPPED:
		return LOG_DAEMON | LOG_INFO;
	case OUTCOME_TIMEOUT:
		return LOG_DAEMON | LOG_WARNING;
	default:
		return LOG_DAEMON | LOG_ERR;
	}
}

/**
 * report_stderr() - write the line to standard error, if that does not block.
 * @line: the line, shorter than REPORT_LINE_MAX
 */
void report_stderr(const char *line)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	char out[REPORT_LINE_MAX + sizeof(REPORT_IDENT) + 4];
	int n, ready;

	n = snprintf(out, sizeof(out), "%s: %s\n", REPORT_IDENT, line);
	if (n < 0 || (size_t)n >= sizeof(out))
		return;
	do
		ready = poll(&p, 1, STDERR_WAIT_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0 || !(p.revents & POLLOUT))
		return;
	while (write(STDERR_FILENO, out, (size_t)n) < 0 && errno == EINTR)
		;
}
