#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/faults without a kernel of its own: the trials that it plans. In the build root.

bats_require_minimum_version 1.5.0

setup() {
	TOP=$BATS_TEST_DIRNAME/../../..
	CRASH=$TOP/build/tests/crash FAULTS=$TOP/build/tests/faults
	cd "$BATS_TEST_TMPDIR" || exit
}

# plans FS: of a hundred seeds
plans() {
	local seed
	for seed in {1..100}; do
		"$FAULTS" plan -t "$1" "$seed"
	done
}

# kinds FS: of the faults in them
kinds() {
	plans "$1" | awk '$1 == "%fault" { print $2 } $1 == "%during" { print $3 }' |
		sort -u | xargs
}

@test "a seed makes the same trial each time, another seed another one" {
	"$FAULTS" plan 5 >a
	"$FAULTS" plan 5 >b
	"$FAULTS" plan 6 >c
	cmp a b
	run ! cmp a c
}

@test "every kind of fault comes up, if the filesystem has it" {
	[ "$(kinds ext4)" = 'data flakey full gone metadata no-space range read-only removed shutdown slow' ]
	[ "$(kinds xfs)" = 'data flakey full gone metadata no-space range removed shutdown slow' ]
	[ "$(kinds btrfs)" = 'data flakey full gone metadata no-space range removed slow' ]
}

@test "one kind only, if asked for, or all but some" {
	for seed in {1..30}; do
		"$FAULTS" plan -k gone "$seed" | grep -qE '^%(fault|during [0-9]+) gone$'
		"$FAULTS" plan -w removed,full "$seed" | grep -vqE '^%(fault|during [0-9]+) (full|removed)'
	done
}

@test "every trial can be, has one fault, and syncs by descriptors after it" {
	for seed in {1..100}; do
		"$FAULTS" plan "$seed" >trial
		"$CRASH" filter <trial >valid
		cmp trial valid
		[ "$(grep -cE '^%(fault|during) ' trial)" = 1 ]
		sed '1,/^%\(fault\|during\) /d' trial | grep -qE '^(%sync|syncfs) '
		[ "$(grep -c '^%open' trial)" = 4 ]
	done
}

@test "after a fault that hits one overlay's data, nothing is freed or made that could get its blocks" {
	for seed in {1..60}; do
		"$FAULTS" plan -k data "$seed" | sed '1,/^%\(fault\|during\) /d' >after
		run ! grep -vE '^(%|open o[0-9]+ rwd? |(write|writev|aiowrite|uringwrite|store|mmap|writeback|close) |evict|syncfs )' after
	done
}
