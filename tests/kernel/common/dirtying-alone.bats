#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Paths that need an upper, a syncfs, or an oracle of their own.

# power-cut knows one device.
# bats file_tags=not-ext4-extjournal,not-xfs-extlog

load ../durable

@test "fallocate, the size is kept" {
	ovlio 'in /mnt/a' 'open f rw f' 'fallocate f keep 256K 1M' 'close f' \
		'sh power-cut lost %b' 'syncfs /mnt/a' 'sh power-cut survived %b'
	[ "$(stat -c %b /mnt/a/f)" -ge 2560 ]
}

# A page that is pinned is clean after a sync, but with data=journal: ext4 leaves
# it dirty, after an fsync and without an overlay, too.
pinned_is() {
	case $FS in
	ext4-journal) echo dirty ;;
	*) echo clean ;;
	esac
}

# btrfs refuses to write a page that was dirtied behind its back: -EUCLEAN.
# bats test_tags=not-btrfs
@test "a page pinned through a mapping that is gone when the I/O into it ends" {
	# The snapshots need the other disk.
	dmsetup create slow --table "0 2048 delay $DISK3 0 1500 $DISK3 0 0"
	ovlio 'open f rw /mnt/a/f' 'mmap m f 64K' 'store m 0 64K' \
		'aioread r m /dev/mapper/slow 64K' 'munmap m' 'close f' 'syncfs /mnt/a' \
		"$(pinned_is) /up/a/upper/f" 'aiowait r' 'sleep 0.3' 'dirty /up/a/upper/f' \
		'sh power-cut before' 'syncfs /mnt/a' 'sh power-cut after'
	was_durable ''
}

# bats test_tags=not-btrfs
@test "a page pinned through a mapping that was made while a sync looked for pins" {
	dmsetup create slow --table "0 2048 delay $DISK3 0 3000 $DISK3 0 0"
	ovlio 'open f rw /mnt/a/f' 'mmap m f 64K' 'store m 0 64K' 'munmap m' 'close f' \
		"sh ovlio 'syncfs /mnt/a' &" 'sleep 0.4' \
		'open f rw /mnt/a/f' 'mmap m f 64K' 'store m 0 64K' \
		'aioread r m /dev/mapper/slow 64K' 'munmap m' 'close f' 'syncfs /mnt/a' \
		"$(pinned_is) /up/a/upper/f" 'aiowait r' 'sleep 0.3' 'dirty /up/a/upper/f' \
		'sh power-cut before' 'syncfs /mnt/a' 'sh power-cut after'
	was_durable ''
}

@test "lazytime: utimes" {
	mount -o remount,lazytime /up
	durable 'sh touch -d "2001-02-03 04:05:06.789" f'
}

@test "lazytime: times of a file that is written again" {
	mount -o remount,lazytime /up
	durable 'open f rw f' 'write f 0 4K' 'syncfs /mnt/a' 'sleep 0.1' 'write f 0 4K' 'close f'
}

@test "lazytime: times of a mapped file" {
	mount -o remount,lazytime /up
	durable 'open f rw f' 'mmap m f 4K' 'close f' 'store m 0 4K' \
		'syncfs /mnt/a' 'sleep 0.1' 'store m 0 4K'
}
