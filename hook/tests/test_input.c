// SPDX-License-Identifier: GPL-2.0-or-later
/* input.c and deadline.c */
#include "input.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "support.h"

static void reads_to_the_end(void **state)
{
	struct deadline d = deadline_after(5);
	cleanup_free char *text = NULL;
	cleanup_close int fd = support_pipe_with("hello", 5);
	struct error err;
	size_t len;

	(void)state;
	assert_int_equal(input_read(fd, "it", &d, &text, &len, &err), 0);
	assert_int_equal(len, 5);
	assert_memory_equal(text, "hello", 5);
}

static int read_file_of(const char *dir, size_t size, size_t *len,
			struct error *err)
{
	struct deadline d = deadline_after(5);
	cleanup_free char *text = NULL;
	cleanup_free char *content = malloc(size);
	cleanup_close int fd = -1;

	memset(content, 'x', size);
	support_write(support_path(dir, "f"), content, size);
	fd = open(support_path(dir, "f"), O_RDONLY | O_CLOEXEC);
	return input_read(fd, "it", &d, &text, len, err);
}

static void takes_one_mebibyte(void **state)
{
	struct error err;
	size_t len;

	assert_int_equal(INPUT_MAX, 1048576);
	assert_int_equal(read_file_of(*state, INPUT_MAX, &len, &err), 0);
	assert_int_equal(len, INPUT_MAX);
}

static void refuses_a_byte_more(void **state)
{
	struct error err;
	size_t len;

	assert_int_equal(read_file_of(*state, INPUT_MAX + 1, &len, &err), -1);
	assert_string_equal(err.text, "it is larger than 1 MiB: refused");
}

static void endless_input_ends_at_the_limit(void **state)
{
	struct deadline d = deadline_after(10);
	cleanup_close int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	cleanup_free char *text = NULL;
	struct error err;
	size_t len;

	(void)state;
	assert_int_equal(input_read(fd, "it", &d, &text, &len, &err), -1);
	assert_contains(err.text, "larger than 1 MiB");
}

static void silent_writer_meets_the_deadline(void **state)
{
	struct deadline d = deadline_after(1);
	cleanup_free char *text = NULL;
	struct error err;
	int fds[2];
	size_t len;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "{", 1), 1);
	assert_int_equal(input_read(fds[0], "it", &d, &text, &len, &err), -1);
	assert_contains(err.text, "it did not end within 1 s");
	assert_true(deadline_elapsed_ns(&d) >= NSEC_PER_SEC);
	assert_true(deadline_elapsed_ns(&d) < 3 * NSEC_PER_SEC);
	assert_int_equal(deadline_left_ms(&d), 0);
	close(fds[0]);
	close(fds[1]);
}

static void nonblocking_descriptor_is_waited_for(void **state)
{
	struct deadline d = deadline_after(1);
	cleanup_free char *text = NULL;
	struct error err;
	int fds[2];
	size_t len;

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(input_read(fds[0], "it", &d, &text, &len, &err), -1);
	assert_contains(err.text, "did not end within");
	close(fds[0]);
	close(fds[1]);
}

static void closed_descriptor_is_an_error(void **state)
{
	struct deadline d = deadline_after(5);
	cleanup_free char *text = NULL;
	struct error err;
	size_t len;

	(void)state;
	assert_int_equal(input_read(999, "it", &d, &text, &len, &err), -1);
	assert_string_equal(err.text, "cannot read it: Bad file descriptor");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_to_the_end),
		cmocka_unit_test_setup_teardown(
			takes_one_mebibyte, support_setup, support_teardown),
		cmocka_unit_test_setup_teardown(
			refuses_a_byte_more, support_setup, support_teardown),
		cmocka_unit_test(endless_input_ends_at_the_limit),
		cmocka_unit_test(silent_writer_meets_the_deadline),
		cmocka_unit_test(nonblocking_descriptor_is_waited_for),
		cmocka_unit_test(closed_descriptor_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
