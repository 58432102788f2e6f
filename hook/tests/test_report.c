// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c and error.c */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <termios.h>
#include <unistd.h>

#include "support.h"

static const char *format(struct record *record, struct result *result)
{
	static char line[REPORT_LINE_MAX];

	record->result = result;
	report_format(record, FORMAT_TEXT, line, sizeof(line));
	return line;
}

static const char *as_json(struct record *record, struct result *result)
{
	static char line[REPORT_LINE_MAX];

	record->result = result;
	report_format(record, FORMAT_JSON, line, sizeof(line));
	return line;
}

static void synced(void **state)
{
	struct record rec = { .id = "c1",
			      .stage = STAGE_POSTSTOP,
			      .total_ns = 9000000000 };
	struct result r = { .outcome = OUTCOME_SYNCED,
			    .mode = MODE_PER_OVERLAY,
			    .sync_ns = 1034567890,
			    .mount = "/b/rootfs",
			    .upper_fs = "ext4" };

	(void)state;
	assert_string_equal(
		format(&rec, &r),
		"container=c1 stage=poststop mount=/b/rootfs upper=ext4 mode=per-overlay duration=1.034567s errno=- result=synced");
	assert_string_equal(
		as_json(&rec, &r),
		"{\"container\":\"c1\",\"stage\":\"poststop\",\"mount\":\"/b/rootfs\",\"upper\":\"ext4\",\"mode\":\"per-overlay\",\"duration_us\":1034567,\"errno\":null,\"result\":\"synced\",\"reason\":null,\"notes\":null}");
	r.mode = MODE_WALK;
	note_add(&r.note, "3 files");
	assert_contains(format(&rec, &r), "mode=walk ");
	assert_contains(format(&rec, &r), "result=synced (3 files)");
	assert_contains(as_json(&rec, &r), "\"notes\":\"3 files\"");
	r.mode = MODE_WHOLE_UPPER;
	assert_contains(format(&rec, &r), "mode=whole-upper ");
}

static void without_a_sync_the_whole_run_counts(void **state)
{
	struct record rec = { .stage = STAGE_UNKNOWN, .total_ns = 2500000 };
	struct result r = { .outcome = OUTCOME_ERROR,
			    .sync_ns = -1,
			    .errnum = EIO };

	(void)state;
	strcpy(r.text, "no stage");
	assert_string_equal(
		format(&rec, &r),
		"container=- stage=unknown mount=- upper=- mode=- duration=0.002500s errno=EIO result=error: no stage");
	assert_string_equal(
		as_json(&rec, &r),
		"{\"container\":null,\"stage\":\"unknown\",\"mount\":null,\"upper\":null,\"mode\":null,\"duration_us\":2500,\"errno\":\"EIO\",\"result\":\"error\",\"reason\":\"no stage\",\"notes\":null}");
}

static void other_outcomes(void **state)
{
	struct note note = { "n" };
	struct record rec = { .id = "c",
			      .stage = STAGE_PRESTART,
			      .note = &note };
	struct result r = { .outcome = OUTCOME_SKIPPED, .sync_ns = -1 };

	(void)state;
	strcpy(r.text, "volatile");
	assert_contains(format(&rec, &r), "stage=prestart ");
	assert_contains(format(&rec, &r), "result=skipped: volatile (n)");
	r.outcome = OUTCOME_NO_OVERLAY;
	strcpy(r.text, "not an overlay");
	assert_contains(format(&rec, &r), "result=skipped: not an overlay (n)");
	r.outcome = OUTCOME_TIMEOUT;
	strcpy(r.text, "timed out after 8 s, still running");
	strcpy(r.note.text, "m");
	assert_contains(format(&rec, &r),
			"result=timed out after 8 s, still running (m; n)");
	assert_contains(as_json(&rec, &r), "\"result\":\"timeout\",\"reason\":"
					   "\"timed out after 8 s, still ");
}

static void hostile_names_stay_in_their_field(void **state)
{
	struct note note = { "a\nb" };
	struct record rec = { .id = "a b=c\nfake: line\x1b[2J\xff",
			      .stage = STAGE_POSTSTOP,
			      .note = &note };
	struct result r = { .outcome = OUTCOME_ERROR,
			    .sync_ns = -1,
			    .mount = "/m n\n",
			    .upper_fs = "x y" };

	(void)state;
	strcpy(r.text, "cannot open \"/x\ny\"");
	assert_string_equal(
		format(&rec, &r),
		"container=a\\x20b\\x3dc\\x0afake:\\x20line\\x1b[2J\\xff "
		"stage=poststop mount=/m\\x20n\\x0a upper=x\\x20y mode=- "
		"duration=0.000000s errno=- "
		"result=error: cannot open \"/x\\x0ay\" (a\\x0ab)");
	assert_contains(as_json(&rec, &r), "\"mount\":\"/m\\\\x20n\\\\x0a\"");
	assert_contains(as_json(&rec, &r), "\\\"/x\\\\x0ay\\\"");
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
	assert_int_equal(err.errnum, ENOENT);
	strcpy(r.text, err.text);
	line = format(&rec, &r);
	assert_true(strlen(line) < REPORT_LINE_MAX - 1);
	assert_contains(line, "container=iiii");
	assert_contains(line, " stage=unknown ");
	assert_contains(line, "result=error: cannot open \"ppp");
	assert_contains(line, "ppp\": No such file or directory");
}

/* Whatever there is that can be too long or has to be escaped. */
static void the_worst_still_fits(void **state)
{
	struct result r = { .outcome = OUTCOME_ERROR, .sync_ns = -1 };
	struct note note;
	char id[5000];
	struct record rec = { .id = id, .note = &note };
	const char *line;
	size_t len;

	(void)state;
	memset(id, '\\', sizeof(id));
	id[sizeof(id) - 1] = '\0';
	memcpy(r.text, id, sizeof(r.text) - 1);
	memcpy(r.mount, id, sizeof(r.mount) - 1);
	memcpy(r.upper_fs, id, sizeof(r.upper_fs) - 1);
	memcpy(r.note.text, id, sizeof(r.note.text) - 1);
	memcpy(note.text, id, sizeof(note.text) - 1);
	note.text[sizeof(note.text) - 1] = '\0';
	line = format(&rec, &r);
	len = strlen(line);
	assert_true(len < REPORT_LINE_MAX - 1);
	assert_int_equal(line[len - 1], ')');
	line = as_json(&rec, &r);
	len = strlen(line);
	assert_true(len < REPORT_LINE_MAX - 1);
	assert_int_equal(line[len - 1], '}');
	assert_contains(line, "\"reason\":\"\\\\x5c\\\\x5c");
}

static void priorities(void **state)
{
	(void)state;
	assert_int_equal(report_priority(OUTCOME_SYNCED),
			 LOG_DAEMON | LOG_INFO);
	assert_int_equal(report_priority(OUTCOME_SKIPPED),
			 LOG_DAEMON | LOG_INFO);
	assert_int_equal(report_priority(OUTCOME_NO_OVERLAY),
			 LOG_DAEMON | LOG_NOTICE);
	assert_int_equal(report_priority(OUTCOME_TIMEOUT),
			 LOG_DAEMON | LOG_WARNING);
	assert_int_equal(report_priority(OUTCOME_ERROR), LOG_DAEMON | LOG_ERR);
}

static int say_hello(void *arg)
{
	(void)arg;
	report_stderr(REPORT_IDENT, "hello");
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
	report_stderr(REPORT_IDENT, "hello");
	return 3;
}

/*
 * A terminal that nobody reads, with room for some of the line: it is ready to
 * be written to, and then the write waits for the rest.
 */
static int say_much_to_nobody(void *arg)
{
	static char line[REPORT_LINE_MAX - 1];
	struct pollfd p = { .events = POLLOUT };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), slave;
	struct termios t;
	char some[64];

	(void)arg;
	if (master < 0 || grantpt(master) || unlockpt(master))
		return 1;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (slave < 0 || tcgetattr(slave, &t))
		return 2;
	cfmakeraw(&t);
	if (tcsetattr(slave, TCSANOW, &t))
		return 6;
	while (write(slave, "x", 1) == 1)
		;
	p.fd = slave;
	while (!poll(&p, 1, 10))
		if (read(master, some, sizeof(some)) < 1)
			return 4;
	if (fcntl(slave, F_SETFL, 0) || dup2(slave, 2) < 0)
		return 5;
	memset(line, 'x', sizeof(line) - 1);
	alarm(10);
	report_stderr(REPORT_IDENT, line);
	return 3;
}

static void stderr_that_takes_a_part_does_not_block(void **state)
{
	struct ended e = support_fork(say_much_to_nobody, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 3);
	assert_true(e.ms < 5000);
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
		cmocka_unit_test(the_worst_still_fits),
		cmocka_unit_test(priorities),
		cmocka_unit_test(writes_one_line_to_stderr),
		cmocka_unit_test(full_stderr_does_not_block),
		cmocka_unit_test(stderr_that_takes_a_part_does_not_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
