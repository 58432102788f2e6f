#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A log that nobody forces, as the filesystem is read-only.

# power-cut knows one device.
# bats file_tags=not-xfs-extlog

load ../durable

@test "forced to be read-only, and then direct I/O beyond the end of an open file" {
	local force=$BATS_TEST_TMPDIR/force
	{ declare -f force_read_only && echo force_read_only; } >"$force"
	ovlio 'in /mnt/a' 'open f rwd f' "sh timeout 100 bash $force" 'write f 256K 64K' \
		'sh power-cut lost %s' 'syncfs /mnt/a' 'sh power-cut survived %s'
}
