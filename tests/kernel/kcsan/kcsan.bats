#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# That KCSAN was looking, after everything else. What it has found of the overlay
# module ends the guest badly anyway (tests/guest/reports, tests/guest/kcsan).

bats_require_minimum_version 1.5.0

# count NAME: of /sys/kernel/debug/kcsan
count() {
	sed -n "s/^$1: //p" /sys/kernel/debug/kcsan
}

@test "KCSAN is on, had watchpoints enough, and has seen races" {
	sed 's/^/# /' /sys/kernel/debug/kcsan >&3
	[ "$(count enabled)" = 1 ]
	[ "$(count setup_watchpoints)" -gt 10000 ]
	[ "$(count data_races)" -gt 0 ]
	[ "$(count no_capacity)" -lt $(($(count setup_watchpoints) / 100)) ]
}
