#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the super block says of the journal may not be what ext4 does with it.

load ../helper

# bats test_tags=not-ext4-nojournal
@test "mounted by a copy of the super block: the whole upper is synced" {
	umount /mnt/a /mnt/b /up
	dmesg -C
	mount -t ext4 -o "$(upper_options),sb=131072" "$DISK1" /up
	mount_overlay a
	mount_overlay b
	dmesg | grep 'syncing the whole upper fs of upperdir=/up/a/upper'
	dirty_neighbour 4
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'syncfs /mnt/a' \
		'clean /up/a/upper/f' 'clean /up/b/upper/big'
}

# bats test_tags=not-ext4-nojournal,not-ext4-journal
@test "mounted without using its journal: the whole upper is synced" {
	umount /mnt/a /mnt/b /up
	dmesg -C
	mount -t ext4 -o noauto_da_alloc,noload "$DISK1" /up
	mount_overlay a
	mount_overlay b
	dmesg | grep 'syncing the whole upper fs of upperdir=/up/a/upper'
	dirty_neighbour 4
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'syncfs /mnt/a' \
		'clean /up/a/upper/f' 'clean /up/b/upper/big'
}
