#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The marked points of tests/stress: on the machine itself, no guest.

bats_require_minimum_version 1.5.0

setup() {
	TOP=$BATS_TEST_DIRNAME/../../..
	STRESS=$TOP/tests/stress
}

# names: those of the points, as race_points.c prints them.
names() {
	sed -nE 's/.*\[OVL_RACE_[A-Z0-9_]+\] = \{ "([a-z0-9-]+)".*/\1/p' "$STRESS/race_points.c" | sort
}

@test "the points apply to each kernel, and change nothing but what they add" {
	local version
	for version in "$TOP"/kernel/patches/*; do
		"$TOP/kernel/tree" "${version##*/}" "$BATS_TEST_TMPDIR/tree" "$STRESS/race-points.patch"
	done
	run -0 grep '^-[^-]' "$STRESS/race-points.patch"
	# The reaper's delay, and a condition that gets braces
	[ "${#lines[@]}" = 2 ]
}

@test "nothing of them is in what goes upstream, or in the packages" {
	local version
	run ! grep -rl 'ovl_race\|race_points' "$TOP"/kernel/{overlayfs,patches,series} "$TOP/packaging"
	for version in "$TOP"/kernel/patches/*; do
		"$TOP/kernel/tree" "${version##*/}" "$BATS_TEST_TMPDIR/tree"
		run ! grep -rl 'ovl_race\|race_points' "$BATS_TEST_TMPDIR/tree"
	done
}

@test "each point is in the engine, and in the table of kernel/README.md" {
	local name
	[ "$(names | wc -l)" -ge 30 ]
	run -0 diff <(names | tr 'a-z-' 'A-Z_') \
		<(grep -ohE '^\+.*ovl_race(_or)?\([A-Z0-9_]+' "$STRESS/race-points.patch" |
			sed 's/.*(//' | sort -u)
	for name in $(names); do
		sed -n '/^## Windows/,/^## /p' "$TOP/kernel/README.md" | grep -qF "\`$name\`" ||
			{ echo "not in kernel/README.md: $name" && false; }
	done
}
