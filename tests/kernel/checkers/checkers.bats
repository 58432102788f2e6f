#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The debug kernel's checkers, after everything else. What they say at once ends
# the guest badly anyway (tests/guest/reports).

bats_require_minimum_version 1.5.0

@test "lockdep is still on: it gives up at its first report" {
	grep -E '^ *debug_locks: +1$' /proc/lockdep_stats
}
