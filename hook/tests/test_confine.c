// SPDX-License-Identifier: GPL-2.0-or-later
/* confine.c */
#include "confine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

#include "cleanup.h"
#include "support.h"

/* A line of /proc/self/status, as the number it has. */
static unsigned long long status_of(const char *key, int base)
{
	cleanup_fclose FILE *f = fopen("/proc/self/status", "re");
	size_t len = strlen(key);
	char line[200];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, len) && line[len] == ':')
			return strtoull(line + len + 1, NULL, base);
	return ~0ULL;
}

/* Each check is a child's exit status: what it does cannot be undone. */
static int prepare_and_drop(void *arg)
{
	unsigned long long search = 1ULL << CAP_DAC_READ_SEARCH;
	bool had = status_of("CapEff", 16) & search;
	struct error err;
	bool kept;

	(void)arg;
	if (confine_prepare(false, &kept, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (status_of("NoNewPrivs", 10) != 1)
		return 2;
	if (!kept && status_of("CapBnd", 16) != 0)
		return 3;
	if (status_of("CapAmb", 16) != 0)
		return 4;
	if (status_of("CapEff", 16) != (had ? search : 0) ||
	    status_of("CapPrm", 16) != (had ? search : 0) ||
	    status_of("CapInh", 16) != 0)
		return 5;
	if (confine_drop_all(&err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 6;
	}
	if (status_of("CapEff", 16) || status_of("CapPrm", 16) ||
	    status_of("CapInh", 16))
		return 7;
	return kept ? 50 : 0;
}

/* For the root of another process. */
static int prepare_for_processes(void *arg)
{
	unsigned long long both = 1ULL << CAP_DAC_READ_SEARCH |
				  1ULL << CAP_SYS_PTRACE;
	unsigned long long search = 1ULL << CAP_DAC_READ_SEARCH;
	unsigned long long had = status_of("CapEff", 16);
	struct error err;
	bool kept;

	(void)arg;
	if (confine_prepare(true, &kept, &err) < 0 ||
	    status_of("CapEff", 16) != (had & both) ||
	    status_of("CapPrm", 16) != (had & both))
		return 1;
	if (confine_keep_search(&err) < 0 ||
	    status_of("CapPrm", 16) != (had & search))
		return 2;
	if (confine_keep_search(&err) < 0 || confine_drop_all(&err) < 0 ||
	    status_of("CapPrm", 16))
		return 3;
	return confine_keep_search(&err) < 0 || status_of("CapPrm", 16) ? 4 : 0;
}

static void keeps_what_another_process_needs(void **state)
{
	struct ended e = support_fork(prepare_for_processes, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_int_equal(e.status, 0);
}

static void gives_up_everything(void **state)
{
	struct ended e = support_fork(prepare_and_drop, NULL, -1);

	(void)state;
	assert_true(e.exited);
	if (e.status == 50)
		print_message("no CAP_SETPCAP here: the bounding set stays\n");
	else
		assert_int_equal(e.status, 0);
	assert_string_equal(e.text, "");
}

/* What a rootless engine has. */
static int without_setpcap(void *arg)
{
	cap_t none = cap_init();
	struct error err;
	bool kept = false;

	(void)arg;
	if (cap_set_proc(none) || cap_free(none))
		return 1;
	if (confine_prepare(false, &kept, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	if (!kept && status_of("CapBnd", 16) != 0)
		return 3;
	if (status_of("NoNewPrivs", 10) != 1 || status_of("CapPrm", 16))
		return 4;
	return confine_drop_all(&err) < 0 ? 5 : 0;
}

static void works_without_capabilities(void **state)
{
	struct ended e = support_fork(without_setpcap, NULL, -1);

	(void)state;
	assert_true(e.exited);
	assert_string_equal(e.text, "");
	assert_int_equal(e.status, 0);
}

/* Inheritable and ambient ones would survive an exec. */
static int with_ambient(void *arg)
{
	static const cap_value_t caps[] = { CAP_CHOWN };
	cap_t have = cap_get_proc();
	struct error err;
	bool kept;

	(void)arg;
	if (cap_set_flag(have, CAP_INHERITABLE, 1, caps, CAP_SET) ||
	    cap_set_proc(have) || cap_set_ambient(CAP_CHOWN, CAP_SET))
		return 50;
	cap_free(have);
	if (!status_of("CapAmb", 16))
		return 1;
	if (confine_prepare(false, &kept, &err) < 0)
		return 2;
	return status_of("CapAmb", 16) || status_of("CapInh", 16) ? 3 : 0;
}

static void clears_the_ambient_set(void **state)
{
	struct ended e = support_fork(with_ambient, NULL, -1);

	(void)state;
	assert_true(e.exited);
	if (e.status == 50) {
		print_message("no capabilities here that could be ambient\n");
		skip();
	}
	assert_int_equal(e.status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_up_everything),
		cmocka_unit_test(keeps_what_another_process_needs),
		cmocka_unit_test(works_without_capabilities),
		cmocka_unit_test(clears_the_ambient_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
