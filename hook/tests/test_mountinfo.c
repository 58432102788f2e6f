// SPDX-License-Identifier: GPL-2.0-or-later
/* mountinfo.c */
#include "mountinfo.h"

#include <string.h>

#include "cleanup.h"
#include "support.h"

static const char MOUNTS[] =
	"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
	"44 22 0:39 / /a rw - overlay overlay rw,lowerdir=/l,volatile\n"
	"45 22 0:40 / /a\\040-\\040b rw shared:2 master:3 - overlay x\\040y rw,upperdir=/volatile\n"
	"46 22 0:41 / /short rw - overlay\n"
	"47 22 0:42 / /none rw no separator\n"
	"48x 22 0:43 / /odd rw - overlay overlay rw,volatile\n"
	"\n"
	"49 22 0:44 / /last rw - overlay overlay rw,fsync=volatile";

static char *options_of(uint64_t id)
{
	cleanup_fclose FILE *f = NULL;
	char copy[sizeof(MOUNTS)];

	memcpy(copy, MOUNTS, sizeof(copy));
	f = fmemopen(copy, sizeof(copy) - 1, "r");
	assert_non_null(f);
	return mountinfo_options(f, id);
}

static void finds_the_options_of_a_mount(void **state)
{
	static const struct {
		uint64_t id;
		const char *options;
	} cases[] = {
		{ 22, "rw" },
		{ 44, "rw,lowerdir=/l,volatile" },
		{ 45, "rw,upperdir=/volatile" },
		{ 46, NULL },
		{ 47, NULL },
		{ 48, NULL },
		{ 49, "rw,fsync=volatile" },
		{ 4, NULL },
		{ 0, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < array_size(cases); i++) {
		cleanup_free char *options = options_of(cases[i].id);

		if (!cases[i].options) {
			assert_null(options);
			continue;
		}
		assert_non_null(options);
		assert_string_equal(options, cases[i].options);
	}
}

static void tells_an_option_from_a_value(void **state)
{
	(void)state;
	assert_true(mountinfo_has_option("volatile", "volatile"));
	assert_true(mountinfo_has_option("rw,volatile,x", "volatile"));
	assert_true(mountinfo_has_option("rw,volatile", "volatile"));
	assert_false(mountinfo_has_option("", "volatile"));
	assert_false(mountinfo_has_option("rw,volatiles", "volatile"));
	assert_false(mountinfo_has_option("rw,xvolatile", "volatile"));
	assert_false(mountinfo_has_option("rw,upperdir=volatile", "volatile"));
	assert_false(mountinfo_has_option("rw,vol", "volatile"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_options_of_a_mount),
		cmocka_unit_test(tells_an_option_from_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
