#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An upper filesystem without a device: nothing to write, and nothing to fail.

load ../helper

@test "every kind of sync succeeds, and keeps no suspect" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'mmap m f 1M' 'store m 0 64K' 'syncfs /mnt/a' \
		'munmap m' 'close f' 'syncfs /mnt/a'
	no_suspects
	ovlio 'open f rw /mnt/a/f' 'write f 0 1M' 'close f' 'remount /mnt/a ro' 'remount /mnt/a rw' \
		'open f rw /mnt/a/f' 'write f 0 1M' 'close f' 'umount /mnt/a'
	no_suspects
}

@test "the log has no line about it" {
	umount /mnt/a
	dmesg -C
	mount_overlay a
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'umount /mnt/a'
	run ! grep overlayfs <(dmesg)
}

@test "no other device is written to or flushed" {
	traced() {
		ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a'
	}
	make_other_fs
	run ! flushed_after_last_write "$DISK1" traced
	run ! grep block_rq_ /sys/kernel/tracing/trace
	umount /other
}

# make_other_fs: with something to write.
make_other_fs() {
	FS=ext4 make_fs "$DISK1"
	mkdir -p /other
	mount "$DISK1" /other
	ovlio 'open f rwc /other/f' 'write f 0 1M'
}
