#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Its commit copies each block of the tree that it changes and that was written before.

load ../helper

# new_files NAME: 1,200 KiB of data; of 500 files btrfs of 7.3 writes most by itself.
new_files() {
	ovlio "each 300 open f rwc /mnt/a/$1-%; write f 0 4K; close f"
}

# The stock kernel's sync starts with sync_fs(0).
@test "what the commit changes is not written before" {
	local own whole
	new_files own
	own=$(written ovlio 'syncfs /mnt/a')
	echo 0 >"$SWITCH"
	new_files whole
	whole=$(written ovlio 'syncfs /mnt/a')
	echo "own $own KiB, whole $whole KiB"
	[ "$own" -ge 1200 ]
	[ $((own - 1200)) -lt $(((whole - 1200) * 3 / 5)) ]
}
