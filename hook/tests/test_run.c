// SPDX-License-Identifier: GPL-2.0-or-later
/* run.c, hook.c: whole runs, each in a child with the state as its standard input */
#include "run.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
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

/* A kernel without the feature; nothing but what options say. */
static int run_it(void *arg)
{
	const struct run *r = arg;

	return run(&r->options, "/none", r->log_fd);
}

static struct ended hook(enum stage stage, bool strict, const char *state)
{
	struct run r = {
		.options = { .stage = stage, .strict = strict, .timeout = 10 },
		.log_fd = -1
	};
	cleanup_close int fd = support_pipe_with(state, strlen(state));
	struct ended e = support_fork(run_it, &r, fd);

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
			      "\"status\":\"paused\"}");

	(void)state;
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "container=c stage=unknown");
	assert_contains(e.text, "use --stage");
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
	assert_contains(e.text, "container=c1 stage=poststop mount=/tmp/");
	assert_contains(e.text, "/rootfs upper=- mode=- duration=0.");
	assert_contains(e.text,
			"result=skipped: not an overlay: rootfs \"rootfs\" is");
	e = hook(STAGE_UNKNOWN, true, state_of(*state, "stopped"));
	assert_int_equal(e.status, 1);
	e = hook(STAGE_UNKNOWN, false, state_of(*state, "creating"));
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "stage=prestart");
}

static void overlay_is_synced_and_logged(void **state)
{
	char merged[PATH_MAX], config[2 * PATH_MAX], packet[500] = "";
	struct run r = { .options = { .strict = true,
				      .timeout = 20,
				      .fallback = FALLBACK_SYNC } };
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
	r.log_fd = pair[0];
	e = support_fork(run_it, &r, fd);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "container=c1 stage=poststop mount=");
	assert_contains(e.text, "s errno=- result=synced");
	assert_true(recv(pair[1], packet, sizeof(packet) - 1, MSG_DONTWAIT) >
		    0);
	assert_contains(packet, "<30>oci-syncfs-hook: container=c1 stage=");
	assert_contains(packet, "s errno=- result=synced");
	close(pair[0]);
	close(pair[1]);
}

static void state_that_never_ends(void **state)
{
	struct run r = { .options = { .stage = STAGE_POSTSTOP, .timeout = 1 },
			 .log_fd = -1 };
	struct ended e;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	e = support_fork(run_it, &r, fds[0]);
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
	assert_true(e.ms >= 1000 && e.ms < 4000);
	assert_contains(e.text, "did not end within 1 s");
	close(fds[0]);
	close(fds[1]);
}

/* A whole run with the configuration and the options given. */
static struct ended configured(const char *dir, const char *config,
			       struct run *r, const char *text)
{
	cleanup_close int fd = support_pipe_with(text, strlen(text));
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/hook.json", dir);
	support_write(path, config, strlen(config));
	r->options.config = path;
	r->log_fd = -1;
	return support_fork(run_it, r, fd);
}

#define STATE(annotations)                                                     \
	"{\"id\":\"c\",\"bundle\":\"/none\",\"status\":\"stopped\","           \
	"\"annotations\":{" annotations "}}"

static void policy_decides_whether(void **state)
{
	struct run r = { .options = { .strict = true } };
	struct ended e;

	e = configured(*state, "{\"enable\":\"annotation\"}", &r, STATE(""));
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "result=skipped: not enabled by annotation\n");
	e = configured(*state, "{\"enable\":\"annotation\"}", &r,
		       STATE("\"io.overlay-syncfs.enable\":\"true\""));
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "errno=ENOENT result=error: cannot open the "
				"bundle \"/none\"");
	e = configured(*state, "{}", &r,
		       STATE("\"io.overlay-syncfs.enable\":\"false\""));
	assert_contains(e.text, "result=skipped: disabled by annotation\n");
	e = configured(*state, "{\"enable\":\"never\"}", &r,
		       STATE("\"io.overlay-syncfs.enable\":\"true\""));
	assert_contains(e.text,
			"result=skipped: disabled by the configuration\n");
}

static void options_go_last(void **state)
{
	struct run r = { .options = { .stage = STAGE_POSTSTOP } };
	struct ended e;

	/* Not strict: neither the file nor the annotation may. */
	e = configured(*state, "{}", &r,
		       STATE("\"io.overlay-syncfs.strict\":\"true\""));
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "(annotation strict=true not permitted)\n");
	e = configured(*state, "{\"ceiling\":{\"strict\":true}}", &r,
		       STATE("\"io.overlay-syncfs.strict\":\"true\""));
	assert_int_equal(e.status, 1);
	e = configured(*state, "{\"strict\":true}", &r, STATE(""));
	assert_int_equal(e.status, 1);
	e = configured(*state, "{\"strict\":true}", &r,
		       STATE("\"io.overlay-syncfs.strict\":\"false\""));
	assert_int_equal(e.status, 0);
	r.options.strict = true;
	e = configured(*state, "{\"strict\":true}", &r,
		       STATE("\"io.overlay-syncfs.strict\":\"false\""));
	assert_int_equal(e.status, 1);
}

static void wrong_configuration_is_told(void **state)
{
	struct run r = { .options = { .stage = STAGE_POSTSTOP } };
	struct ended e;

	e = configured(*state, "{\"tiemout\":1}", &r, STATE(""));
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "container=c stage=poststop ");
	assert_contains(e.text, "/hook.json has an unknown \"tiemout\"");
	r.options.strict = true;
	e = configured(*state, "{\"tiemout\":1}", &r, STATE(""));
	assert_int_equal(e.status, 1);
}

static void json_is_all_there_is(void **state)
{
	struct run r = { .options = { .stage = STAGE_POSTSTOP } };
	struct ended e;

	e = configured(*state, "{\"log-format\":\"json\"}", &r, STATE(""));
	assert_int_equal(strncmp(e.text, "{\"container\":\"c\",", 17), 0);
	assert_contains(e.text, "\"result\":\"error\"");
	r.options.format = FORMAT_TEXT;
	e = configured(*state, "{\"log-format\":\"json\"}", &r, STATE(""));
	assert_int_equal(strncmp(e.text, "oci-syncfs-hook: container=c ", 29),
			 0);
}

/* As under an outer filter that lets no process give up capabilities. */
static int run_unconfined(void *arg)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(capset), 0) ||
	    seccomp_load(ctx))
		return 100;
	seccomp_release(ctx);
	return run_it(arg);
}

static void failure_before_the_job_ends_as_its_stage_does(void **state)
{
	struct run r = { .options = { .stage = STAGE_POSTSTOP }, .log_fd = -1 };
	struct ended e = support_fork(run_unconfined, &r, -1);

	(void)state;
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "stage=poststop ");
	assert_contains(e.text, "result=error: cannot drop the capabilities");
	r.options.strict = true;
	assert_int_equal(support_fork(run_unconfined, &r, -1).status, 1);
	/* Never lose a container for want of a sync. */
	memset(&r.options, 0, sizeof(r.options));
	r.options.verb = VERB_CRIU;
	setenv("CRTOOLS_SCRIPT_ACTION", "post-dump", 1);
	setenv("CRTOOLS_INIT_PID", "1", 1);
	e = support_fork(run_unconfined, &r, -1);
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "stage=post-dump ");
	setenv("CRTOOLS_SCRIPT_ACTION", "network-unlock", 1);
	assert_int_equal(support_fork(run_unconfined, &r, -1).status, 0);
	unsetenv("CRTOOLS_SCRIPT_ACTION");
	unsetenv("CRTOOLS_INIT_PID");
}

static void sync_command(void **state)
{
	char merged[PATH_MAX];
	struct run r = { .options = { .verb = VERB_SYNC,
				      .target = { .kind = TARGET_PATH,
						  .path = merged } },
			 .log_fd = -1 };
	struct ended e;

	snprintf(merged, sizeof(merged), "%s", (const char *)*state);
	e = support_fork(run_it, &r, -1);
	assert_int_equal(e.status, 1);
	assert_contains(e.text, "stage=sync ");
	assert_contains(e.text, "result=skipped: not an overlay");
	if (!support_overlay(*state, "", merged))
		skip();
	e = support_fork(run_it, &r, -1);
	assert_int_equal(e.status, 0);
	assert_contains(e.text, "mode=whole-upper ");
	assert_contains(e.text, "result=synced (this kernel tells no write");
}

static int run_usage(void *arg)
{
	struct options o = { .verb = VERB_HOOK };

	return run_usage_error(&o, arg, -1);
}

static void usage_errors_have_a_status_of_their_own(void **state)
{
	struct error err = { .text = "no such option" };
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
		with_dir(policy_decides_whether),
		with_dir(options_go_last),
		with_dir(wrong_configuration_is_told),
		with_dir(json_is_all_there_is),
		cmocka_unit_test(failure_before_the_job_ends_as_its_stage_does),
		with_dir(sync_command),
		cmocka_unit_test(usage_errors_have_a_status_of_their_own),
	};

	support_namespace();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
