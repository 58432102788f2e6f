// SPDX-License-Identifier: GPL-2.0-or-later
/* hook.c: whole runs, each in a child with the state as its standard input */
#include "hook.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "support.h"

struct run {
	struct options options;
	int log_fd;
};

static int run_hook(void *arg)
{
	const struct run *run = arg;

	return hook_run(&run->options, run->log_fd);
}

static struct ended hook(enum stage stage, bool strict, const char *state)
{
	struct run run = {
		.options = { .stage = stage, .strict = strict, .timeout = 10 },
		.log_fd = -1
	};
	cleanup_close int fd = support_pipe_with(state, strlen(state));
	struct ended e = support_fork(run_hook, &run, fd);

	assert_true(e.exited);
	/* One line, whatever happens. */
	assert_non_null(strchr(e.text, '\n'));
	assert_int_equal(strchr(e.text, '\n') - e.text, strlen(e.text) - 1);
	return e;
}

static void malformed_state(void **state)
{
	struct ended e;

	(void)state;
	e = hook(STAGE_UNKNOWN, false, "{\"id\":");
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "oci-syncfs-hook: container=- stage=unknown ");
	assert_contains(e.text, "result=error: the container state on standard "
				"input is truncated");
	e = hook(STAGE_POSTSTOP, false, "{\"id\":");
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "container=- stage=poststop ");
	e = hook(STAGE_POSTSTOP, true, "{\"id\":");
	assert_int_equal(e.status, 1);
	e = hook(STAGE_PRESTART, false, "");
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "is empty");
}

static void stage_that_cannot_be_told(void **state)
{
	struct ended e = hook(STAGE_UNKNOWN, false,
			      "{\"id\":\"c\",\"bundle\":\"/b\","
			      "\"status\":\"running\"}");

	(void)state;
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "container=c stage=unknown");
	assert_contains(e.text, "use --stage prestart or --stage poststop");
}

static void option_goes_before_the_status(void **state)
{
	struct ended e = hook(STAGE_POSTSTOP, false,
			      "{\"id\":\"c\",\"bundle\":\"/none\","
			      "\"status\":\"created\"}");

	(void)state;
	assert_contains(e.text, "stage=poststop");
	assert_int_equal(e.status, 0);
}

static char *state_of(const char *dir, const char *status)
{
	static char text[PATH_MAX + 100];

	snprintf(text, sizeof(text),
		 "{\"id\":\"c1\",\"status\":\"%s\",\"bundle\":\"%s\"}", status,
		 dir);
	return text;
}

static void rootfs_that_is_no_overlay(void **state)
{
	static const char config[] = "{\"root\":{\"path\":\"rootfs\"}}";
	struct ended e;

	support_write(support_path(*state, "config.json"), config,
		      strlen(config));
	assert_int_equal(mkdir(support_path(*state, "rootfs"), 0755), 0);
	e = hook(STAGE_UNKNOWN, false, state_of(*state, "stopped"));
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "container=c1 stage=poststop duration=0.");
	assert_contains(e.text,
			"result=error: rootfs \"rootfs\" is not an overlay");
	e = hook(STAGE_UNKNOWN, true, state_of(*state, "stopped"));
	assert_int_equal(e.status, 1);
	e = hook(STAGE_UNKNOWN, false, state_of(*state, "creating"));
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "stage=prestart");
}

static void overlay_is_synced_and_logged(void **state)
{
	char merged[PATH_MAX], config[2 * PATH_MAX], packet[500] = "";
	struct run run = { .options = { .strict = true, .timeout = 20 } };
	const char *text = state_of(*state, "stopped");
	cleanup_close int fd = support_pipe_with(text, strlen(text));
	struct ended e;
	int pair[2];

	if (!support_overlay(*state, "", merged))
		skip();
	snprintf(config, sizeof(config), "{\"root\":{\"path\":\"%s\"}}",
		 merged);
	support_write(support_path(*state, "config.json"), config,
		      strlen(config));
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	run.log_fd = pair[0];
	e = support_fork(run_hook, &run, fd);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "container=c1 stage=poststop duration=");
	assert_contains(e.text, "s result=synced");
	assert_true(recv(pair[1], packet, sizeof(packet) - 1, MSG_DONTWAIT) >
		    0);
	assert_contains(packet, "<30>oci-syncfs-hook: container=c1 stage=");
	assert_contains(packet, "s result=synced");
	close(pair[0]);
	close(pair[1]);
}

static void state_that_never_ends(void **state)
{
	struct run run = { .options = { .stage = STAGE_POSTSTOP, .timeout = 1 },
			   .log_fd = -1 };
	struct ended e;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	e = support_fork(run_hook, &run, fds[0]);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	assert_true(e.ms >= 1000 && e.ms < 4000);
	assert_contains(e.text, "did not end within 1 s");
	close(fds[0]);
	close(fds[1]);
}

static int run_usage(void *arg)
{
	return hook_usage_error(arg, -1);
}

static void usage_errors_have_a_status_of_their_own(void **state)
{
	struct error err = { "no such option" };
	struct ended e = support_fork(run_usage, &err, -1);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 2);
	assert_contains(e.text, "result=error: no such option\n");
}

#define with_dir(fn)                                                           \
	cmocka_unit_test_setup_teardown(fn, support_setup, support_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_state),
		cmocka_unit_test(stage_that_cannot_be_told),
		cmocka_unit_test(option_goes_before_the_status),
		with_dir(rootfs_that_is_no_overlay),
		with_dir(overlay_is_synced_and_logged),
		cmocka_unit_test(state_that_never_ends),
		cmocka_unit_test(usage_errors_have_a_status_of_their_own),
	};

	support_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
