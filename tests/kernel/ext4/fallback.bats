#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Instances of ext4 for which per-overlay sync is not known to be enough get the
# sync of the whole upper, and the log says so.

load ../helper

# whole_upper MOUNT-OPTIONS: what is on the upper is written, whoever wrote it.
whole_upper() {
	mount -o "noauto_da_alloc$1" "$DISK1" /up
	dmesg -C
	mount_overlay a
	mount_overlay b
	dmesg | grep 'syncing the whole upper fs'
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M'
	dirty_neighbour 4
	ovlio 'syncfs /mnt/a' 'clean /up/a/upper/f' 'clean /up/b/upper/big'
}

@test "ext4 without a journal" {
	umount /mnt/a /mnt/b /up
	mkfs.ext4 -q -F -O ^has_journal "$DISK1"
	whole_upper ""
}

@test "ext4 with a journal that is not used" {
	umount /mnt/a /mnt/b /up
	whole_upper ,noload
}

@test "ext4 with a journal on another device" {
	umount /mnt/a /mnt/b /up
	mkfs.ext4 -q -F -b 4096 -O journal_dev "$DISK2"
	mkfs.ext4 -q -F -b 4096 -J device="$DISK2" "$DISK1"
	whole_upper ""
}

@test "ext4 with a journal of its own is not one of them" {
	umount /mnt/a /mnt/b
	dmesg -C
	mount_overlay a
	run ! grep 'syncing the whole upper fs' <(dmesg)
}
