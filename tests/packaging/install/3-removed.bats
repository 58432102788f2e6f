#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Third boot: as if the packages had never been there.

load lib

@test "after removal and a reboot the kernel's own module is loaded, and podman runs" {
	[ -d /sys/module/overlay ]
	[ ! -e "$PARAMETER" ]
	storage
	run -0 podman run --rm --network none box busybox echo "runs"
	[[ $output == *runs* ]]
}
