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

# stand_ins: a guest that measures at once, and what else a run calls; with a plan of
# two rounds.
stand_ins() {
	mkdir -p kernel packaging/suite tests/guest build/bench/put
	cp "$BATS_TEST_DIRNAME"/../*.{py,gp,awk} tests/bench
	printf '%s\n' '#!/bin/sh' 'exec "$@"' >packaging/suite/buildroot
	printf '%s\n' '#!/bin/sh' 'echo KERNEL_RELEASE=6.12.99' >kernel/version
	# shellcheck disable=SC2016  # for the script
	printf '%s\n' '#!/bin/sh' 'sed "s/ .*//; s/.*/cell &\ndone & 1/" build/bench/plan.cells' >tests/guest/run
	chmod +x packaging/suite/buildroot kernel/version tests/guest/run
	python3 -B tests/bench/plan.py build/bench --rounds 2 --only 4 --fs ext4 --contenders ours
	touch build/bench/{put/ours.ko,command}
	echo '6.12 6.12.99' >build/bench/kernel
}

# measured: the ids of what was.
measured() {
	sed -n 's/^done \([0-9]*\).*/\1/p' build/bench/batch-*.log | sort -n
}

@test "what is left of later rounds when the time is over is left out, and said to be" {
	stand_ins
	# The guest prints no results.
	run -1 tests/bench/run --resume --minutes 0
	[ "$(measured)" = "$(jq '.cells[] | select(.round == 0).id' build/bench/plan.json)" ]
	[ "$(cat build/bench/left-out)" = "$(jq '.cells[] | select(.round == 1).id' build/bench/plan.json)" ]
	grep -q "For want of time $(wc -l <build/bench/left-out) of " build/bench/bench.md
	[ ! -e build/bench/complete ]
	run -1 tests/bench/run --resume
	[ "$(measured)" = "$(jq '.cells[].id' build/bench/plan.json)" ]
	[ ! -s build/bench/left-out ]
	run ! grep 'For want of time' build/bench/bench.md
	run -2 tests/bench/run --minutes long
	[[ $output == *"--minutes takes a number, not 'long'"* ]]
}

@test "what was begun and has failed is not left out" {
	local id batch
	stand_ins
	id=$(jq '[.cells[] | select(.round == 1).id] | last' build/bench/plan.json)
	batch=$(basename "$(grep -l "^$id " build/bench/batch-*.cells)" .cells)
	printf '%s\n' "cell $id" "failed $id" resumed >"build/bench/$batch.log"
	run -1 --separate-stderr tests/bench/run --resume --minutes 0
	[ -s build/bench/left-out ]
	run ! grep -qx "$id" build/bench/left-out
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
