// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One run, one line:
 *
 *	container=ID stage=STAGE mount=PATH upper=FSTYPE mode=MODE
 *	duration=SECONDSs errno=NAME result=TEXT
 *
 * or one JSON object. Whatever names the container and its paths have, only the
 * result has blanks in it, and it goes to the end of the line.
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json_object.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#include "deadline.h"
#include "json.h"
#include "text.h"

/* Nobody reads the hook's stderr: give up after this. */
#define STDERR_WAIT_USEC 100000

static const char *outcome_name(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SYNCED:
		return "synced";
	case OUTCOME_SKIPPED:
	case OUTCOME_NO_OVERLAY:
		return "skipped";
	case OUTCOME_TIMEOUT:
		return "timeout";
	default:
		return "error";
	}
}

static const char *mode_name(enum sync_mode mode)
{
	switch (mode) {
	case MODE_PER_OVERLAY:
		return "per-overlay";
	case MODE_WHOLE_UPPER:
		return "whole-upper";
	case MODE_WALK:
		return "walk";
	default:
		return "-";
	}
}

static const char *errno_name(int errnum)
{
	const char *name = errnum ? strerrorname_np(errnum) : NULL;

	return name ? name : "-";
}

/**
 * struct shown - the strings of a record, escaped; all of them fit in a line.
 */
struct shown {
	char id[400];
	char mount[900];
	char upper_fs[64];
	char text[1700];
	char notes[600];
};

/* Escape a string, in @most bytes; its middle is left out if it is too long. */
static void show(char *out, size_t size, size_t most, const char *in,
		 const char *also)
{
	char part[ERROR_TEXT_MAX], whole[4 * ERROR_TEXT_MAX];
	size_t len;

	if (size > most)
		size = most;
	text_elide(part, sizeof(part), in);
	len = text_escape(whole, sizeof(whole), part, also);
	if (len < size) {
		memcpy(out, whole, len + 1);
		return;
	}
	text_elide(part, size / 4, in);
	text_escape(out, size, part, also);
}

static void show_all(const struct record *record, size_t most, struct shown *s)
{
	const struct result *r = record->result;
	struct note all = r->note;

	if (record->note && record->note->text[0])
		note_add(&all, "%s", record->note->text);
	show(s->id, sizeof(s->id), most, record->id ? record->id : "-", " =");
	show(s->mount, sizeof(s->mount), most, *r->mount ? r->mount : "-",
	     " =");
	show(s->upper_fs, sizeof(s->upper_fs), most,
	     *r->upper_fs ? r->upper_fs : "-", " =");
	show(s->text, sizeof(s->text), most, r->text, "");
	show(s->notes, sizeof(s->notes), most, all.text, "");
}

/* How long the sync took, or the whole run if there was none that ended. */
static int64_t duration(const struct record *record)
{
	int64_t ns = record->result->sync_ns;

	return (ns >= 0 ? ns : record->total_ns) / NSEC_PER_USEC;
}

static void format_text(const struct record *record, char *line, size_t size)
{
	const struct result *r = record->result;
	const char *outcome = outcome_name(r->outcome);
	int64_t us = duration(record);
	struct shown s;

	show_all(record, sizeof(s), &s);
	/* Its text says so itself. */
	if (r->outcome == OUTCOME_TIMEOUT)
		outcome = "";
	snprintf(
		line, size,
		"container=%s stage=%s mount=%s upper=%s mode=%s duration=%" PRId64
		".%06" PRId64 "s errno=%s result=%s%s%s%s%s%s",
		s.id, stage_name(record->stage), s.mount, s.upper_fs,
		mode_name(r->mode), us / 1000000, us % 1000000,
		errno_name(r->errnum), outcome,
		*outcome && s.text[0] ? ": " : "", s.text,
		s.notes[0] ? " (" : "", s.notes, s.notes[0] ? ")" : "");
}

/* A member, or null where the line of text has a dash. */
static void add(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(
		obj, key,
		strcmp(value, "-") != 0 ? json_object_new_string(value) : NULL);
}

static bool format_json(const struct record *record, size_t most, char *line,
			size_t size)
{
	cleanup_json struct json_object *obj = json_object_new_object();
	const struct result *r = record->result;
	struct shown s;
	const char *text;

	show_all(record, most, &s);
	add(obj, "container", s.id);
	add(obj, "stage", stage_name(record->stage));
	add(obj, "mount", s.mount);
	add(obj, "upper", s.upper_fs);
	add(obj, "mode", mode_name(r->mode));
	json_object_object_add(obj, "duration_us",
			       json_object_new_int64(duration(record)));
	add(obj, "errno", errno_name(r->errnum));
	add(obj, "result", outcome_name(r->outcome));
	add(obj, "reason", s.text[0] ? s.text : "-");
	add(obj, "notes", s.notes[0] ? s.notes : "-");
	text = json_object_to_json_string_ext(
		obj, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text || strlen(text) >= size)
		return false;
	memcpy(line, text, strlen(text) + 1);
	return true;
}

/**
 * report_format() - make the line.
 * @record: what it says
 * @format: how; FORMAT_UNSET is text
 * @line: where to; no newline
 * @size: bytes there, REPORT_LINE_MAX or so
 *
 * Everything but printable ASCII is \xNN in strings, in JSON as well.
 */
void report_format(const struct record *record, enum log_format format,
		   char *line, size_t size)
{
	size_t most;

	if (format != FORMAT_JSON) {
		format_text(record, line, size);
		return;
	}
	/* JSON doubles each backslash: leave out more until it fits. */
	for (most = sizeof(struct shown); most > 64; most /= 2)
		if (format_json(record, most, line, size))
			return;
	snprintf(line, size, "{\"result\":\"%s\"}",
		 outcome_name(record->result->outcome));
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
	case OUTCOME_NO_OVERLAY:
		return LOG_DAEMON | LOG_NOTICE;
	case OUTCOME_TIMEOUT:
		return LOG_DAEMON | LOG_WARNING;
	default:
		return LOG_DAEMON | LOG_ERR;
	}
}

static volatile sig_atomic_t stderr_late;

static void be_late(int sig)
{
	(void)sig;
	stderr_late = 1;
}

/*
 * Have SIGALRM end a write. It comes again and again: the first may come before
 * the write has begun.
 */
static void start_timer(void)
{
	static const struct itimerval t = {
		.it_interval.tv_usec = STDERR_WAIT_USEC,
		.it_value.tv_usec = STDERR_WAIT_USEC,
	};
	struct sigaction sa = { .sa_handler = be_late };

	stderr_late = 0;
	/* Without SA_RESTART. */
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
}

static void stop_timer(void)
{
	static const struct itimerval none;

	setitimer(ITIMER_REAL, &none, NULL);
}

/**
 * report_stderr() - write the line to standard error, if that does not block.
 * @ident: what goes in front of it, or NULL
 * @line: the line, shorter than REPORT_LINE_MAX
 *
 * That poll(2) calls it writable is no promise: there may be room for a part of
 * the line only, or others may fill it. O_NONBLOCK would be theirs as well, and
 * not every file knows RWF_NOWAIT. SIGALRM belongs to this from now on.
 */
void report_stderr(const char *ident, const char *line)
{
	char out[REPORT_LINE_MAX + sizeof(REPORT_IDENT) + 4];
	int n;

	n = snprintf(out, sizeof(out), "%s%s%s\n", ident ? ident : "",
		     ident ? ": " : "", line);
	if (n < 0 || (size_t)n >= sizeof(out))
		return;
	start_timer();
	while (write(STDERR_FILENO, out, (size_t)n) < 0 && errno == EINTR &&
	       !stderr_late)
		;
	stop_timer();
}
