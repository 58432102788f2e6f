#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What "run" refuses before it starts a guest, on the machine itself.

bats_require_minimum_version 1.5.0

setup() {
	mkdir -p "$BATS_TEST_TMPDIR/tests/bench" "$BATS_TEST_TMPDIR/build/bench"
	cp "$BATS_TEST_DIRNAME/../run" "$BATS_TEST_TMPDIR/tests/bench"
	cd "$BATS_TEST_TMPDIR" || return
}

@test "a run that is not complete is not overwritten" {
	echo 'done 0 12' >build/bench/batch-000.log
	run -2 tests/bench/run
	[[ $output == *"has a run that is not complete"* ]]
	run -2 tests/bench/run --rounds 1 --readme
	[[ $output == *"has a run that is not complete"* ]]
	[ -s build/bench/batch-000.log ]
	# If it is, or nothing was measured, it goes on to make a plan, which is not here.
	: >build/bench/complete
	run -127 tests/bench/run
	[[ $output != *"not complete"* ]]
	[ ! -e build/bench/batch-000.log ]
}

@test "quick and partial runs leave it alone" {
	local part
	echo 'done 0 12' >build/bench/batch-000.log
	for part in --quick "--only 1" "--fs xfs" "--contenders ours"; do
		# shellcheck disable=SC2086  # words
		run ! tests/bench/run $part
		[ -s build/bench/batch-000.log ]
	done
	[ -d build/bench-quick ]
	[ -d build/bench-part ]
}

@test "there must be something to go on with" {
	run -2 tests/bench/run --resume
	[[ $output == *"has left its plan in build/bench,"* ]]
	run -2 tests/bench/run --resume --quick
	[[ $output == *"has left its plan in build/bench-quick,"* ]]
	run -2 tests/bench/run --resume --seed 4
	[[ $output == *"takes nothing but"* ]]
}

@test "what was begun with one kernel does not go on with another" {
	mkdir -p kernel build/bench/put
	touch build/bench/{plan.tsv,put/ours.ko,command}
	# shellcheck disable=SC2016  # for the script
	printf '%s\n' '#!/bin/sh' 'echo KERNEL_RELEASE=$1.99' >kernel/version
	chmod +x kernel/version
	echo '6.12 6.12.99' >build/bench/kernel
	KERNEL=6.1 run -2 tests/bench/run --resume
	[[ $output == *"of kernel 6.12 6.12.99, not 6.1 6.1.99"* ]]
	echo '6.12 6.12.98' >build/bench/kernel
	run -2 tests/bench/run --resume
	[[ $output == *"of kernel 6.12 6.12.98, not 6.12 6.12.99"* ]]
}
