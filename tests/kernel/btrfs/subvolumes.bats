#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Subvolumes share one super block, so the overlays on them one upper filesystem.

load ../helper

setup() {
	pristine
	mkdir -p /up
	mount_fs "$DISK1" /up
	btrfs -q subvolume create /up/a
	btrfs -q subvolume create /up/b
	mount_overlay a
	mount_overlay b
	sync -f /up
}

@test "syncfs leaves the other subvolume's files dirty" {
	dirty_neighbour 16
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4M' 'close f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
	neighbour_dirty 16
}

@test "a snapshot that is made meanwhile takes nothing from a sync" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'sh btrfs -q subvolume snapshot /up/a /up/s' \
		'write f 0 64K' 'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}
