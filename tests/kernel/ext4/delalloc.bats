#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Space that was promised when a file was written, and is not there when its
# blocks are allocated: ext4 throws the data away. It should not happen; it does
# if the bitmaps are damaged.

# Another file system than the name says, and with data=journal no delayed
# allocation:
# bats file_tags=not-ext4-extjournal,not-ext4-journal

load ../helper
load ../ext4/damage

# ext4_do_writepages() commits and tries again, finds nothing left to write, and
# returns 0. So nobody can be told.
@test "if a sync hits it nobody is told" {
	damage
	ovlio 'open d rD /mnt/a' 'open f rw /mnt/a/f' 'write f 0 64K' 'syncfs d' 'fsync f'
	lost
}

@test "if the flusher hits it nobody is told, with or without an overlay" {
	damage
	ovlio 'open d rD /mnt/a' 'open u rD /up' 'open f rw /mnt/a/f' 'write f 0 64K' \
		"$(flusher_writes /up/a/upper/f)" 'syncfs d' 'syncfs u' 'fsync f'
	lost
}
