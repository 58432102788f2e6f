#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the super block says of the journal may not be what ext4 does with it.

load ../helper

# whole_upper OPTIONS: mounted with them, it is synced, and the log says so.
whole_upper() {
	umount /mnt/a /mnt/b /up
	dmesg -C
	mount -t ext4 -o "$1" "$DISK1" /up
	mount_overlay a
	mount_overlay b
	dmesg | grep 'syncing the whole upper fs of upperdir=/up/a/upper'
	dirty_neighbour 4
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'syncfs /mnt/a' \
		'clean /up/a/upper/f' 'clean /up/b/upper/big'
}

# bats test_tags=not-ext4-nojournal
@test "mounted by a copy of the super block: the whole upper is synced" {
	whole_upper "$(upper_options),sb=131072"
}

# bats test_tags=not-ext4-nojournal,not-ext4-journal
@test "mounted without using its journal: the whole upper is synced" {
	whole_upper noauto_da_alloc,noload
}
