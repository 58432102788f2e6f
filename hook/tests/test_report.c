// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c and error.c */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "support.h"

static const char *format(struct record *record, struct result *result)
{
	static char line[REPORT_LINE_MAX];

	record->result = result;
	report_format(record, line, sizeof(line));
	return line;
}

static void synced(void **state)
{
	struct record rec = { .id = "c1",
			      .stage = STAGE_POSTSTOP,
			      .total_ns = 9000000000 };
	struct result r = { .outcome = OUTCOME_SYNCED, .sync_ns = 1034567890 };

	(void)state;
	assert_string_equal(
		format(&rec, &r),
		"container=c1 stage=poststop duration=1.034567s result=synced");
}

static void without_a_sync_the_whole_run_counts(void **state)
{
	struct record rec = { .stage = STAGE_UNKNOWN, .total_ns = 2500000 };
	struct result r = { .outcome = OUTCOME_ERROR, .sync_ns = -1 };

	(void)state;
	strcpy(r.text, "no stage");
	assert_string_equal(
		format(&rec, &r),
		"container=- stage=unknown duration=0.002500s result=error: no stage");
}

static void other_outcomes(void **state)
{
	struct record rec = { .id = "c", .stage = STAGE_PRESTART, .note = "n" };
	struct result r = { .outcome = OUTCOME_SKIPPED, .sync_ns = -1 };

	(void)state;
	strcpy(r.text, "volatile");
	assert_contains(format(&rec, &r), "stage=prestart duration=0.000000s "
					  "result=skipped: volatile (n)");
	r.outcome = OUTCOME_TIMEOUT;
	strcpy(r.text, "timed out after 8 s, still running");
	assert_contains(format(&rec, &r), "result=timed out after 8 s, still");
}

static void hostile_names_stay_in_their_field(void **state)
{
	struct record rec = { .id = "a b=c\nfake: line\x1b[2J\xff",
			      .stage = STAGE_POSTSTOP };
	struct result r = { .outcome = OUTCOME_ERROR, .sync_ns = -1 };

	(void)state;
	strcpy(r.text, "cannot open \"/x\ny\"");
	assert_string_equal(
		format(&rec, &r),
		"container=a\\x20b\\x3dc\\x0afake:\\x20line\\x1b[2J\\xff "
		"stage=poststop duration=0.000000s "
		"result=error: cannot open \"/x\\x0ay\"");
}

static void long_names_do_not_push_the_reason_out(void **state)
{
	struct result r = { .outcome = OUTCOME_ERROR, .sync_ns = -1 };
	static char id[200000], path[4000];
	struct record rec = { .id = id };
	struct error err;
	const char *line;

	(void)state;
	memset(id, 'i', sizeof(id) - 1);
	memset(path, 'p', sizeof(path) - 1);
	assert_int_equal(error_set(&err, ENOENT, "cannot open \"%s\"", path),
			 -1);
	strcpy(r.text, err.text);
	line = format(&rec, &r);
	assert_true(strlen(line) < REPORT_LINE_MAX - 1);
	assert_contains(line, "container=iiii");
	assert_contains(line, " stage=unknown ");
	assert_contains(line, "result=error: cannot open \"ppp");
	assert_contains(line, "ppp\": No such file or directory");
}

static void priorities(void **state)
{
	(void)state;
	assert_int_equal(report_priority(OUTCOME_SYNCED),
			 LOG_DAEMON | LOG_INFO);
	assert_int_equal(report_priority(OUTCOME_SKIPPED),
			 LOG_DAEMON | LOG_INFO);
	assert_int_equal(report_priority(OUTCOME_TIMEOUT),
			 LOG_DAEMON | LOG_WARNING);
	assert_int_equal(report_priority(OUTCOME_ERROR), LOG_DAEMON | LOG_ERR);
}

static int say_hello(void *arg)
{
	(void)arg;
	report_stderr("hello");
	return 3;
}

static void writes_one_line_to_stderr(void **state)
{
	struct ended e = support_fork(say_hello, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_string_equal(e.text, "oci-syncfs-hook: hello\n");
}

/* A pipe that is full and that nobody reads. */
static int say_hello_to_nobody(void *arg)
{
	int fds[2];

	(void)arg;
	if (pipe(fds) || fcntl(fds[1], F_SETFL, O_NONBLOCK))
		return 1;
	while (write(fds[1], "x", 1) == 1)
		;
	/* Blocking again, as an engine's pipe is. */
	if (fcntl(fds[1], F_SETFL, 0) || dup2(fds[1], 2) < 0)
		return 1;
	report_stderr("hello");
	return 3;
}

static void full_stderr_does_not_block(void **state)
{
	struct ended e = support_fork(say_hello_to_nobody, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 3);
	assert_true(e.ms < 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(synced),
		cmocka_unit_test(without_a_sync_the_whole_run_counts),
		cmocka_unit_test(other_outcomes),
		cmocka_unit_test(hostile_names_stay_in_their_field),
		cmocka_unit_test(long_names_do_not_push_the_reason_out),
		cmocka_unit_test(priorities),
		cmocka_unit_test(writes_one_line_to_stderr),
		cmocka_unit_test(full_stderr_does_not_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
