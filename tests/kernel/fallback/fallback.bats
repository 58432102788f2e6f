#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An upper filesystem of which nothing is known gets the sync of the whole of it,
# and the log says so.

load ../helper

@test "the log has one line for each overlay" {
	umount /mnt/a /mnt/b
	dmesg -C
	mount_overlay a
	mount_overlay b
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a' 'close f' \
		'remount /mnt/a ro' 'remount /mnt/a rw'
	local overlay
	for overlay in a b; do
		[ "$(dmesg | grep -c "overlayfs: syncing the whole upper fs of upperdir=/up/$overlay/upper: .* on this $FS\.")" = 1 ]
	done
}

@test "none if it would not be synced anyhow" {
	umount /mnt/a /mnt/b
	dmesg -C
	mount_overlay a ,volatile
	run ! grep 'syncing the whole upper fs' <(dmesg)
}

@test "syncfs is that of the whole upper, and flushed" {
	whole() {
		dirty_neighbour 4
		ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'syncfs /mnt/a' \
			'clean /up/a/upper/f' 'clean /up/b/upper/big'
	}
	flushed_after_last_write "$DISK1" whole
}

@test "umount is that of the whole upper" {
	dirty_neighbour 4
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'umount /mnt/a' \
		'clean /up/a/upper/f' 'clean /up/b/upper/big'
}

@test "remount,ro is that of the whole upper" {
	dirty_neighbour 4
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'remount /mnt/a ro' \
		'clean /up/a/upper/f' 'clean /up/b/upper/big'
}

@test "suspects are dropped, and their errors told" {
	umount /mnt/a /mnt/b /up
	map_upper
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'syncfs /mnt/a'
	no_suspects
	remap_file /up/a/upper/f error
	ovlio 'open d rD /mnt/a' 'open n rD /mnt/b' 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		'!EIO syncfs d' 'syncfs d' 'syncfs n'
	no_suspects
}
