#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Stores through shared mappings. A page that was written back is read-only
# until the next store, of which overlayfs is not told.

load ../durable

@test "a store through a mapping" {
	durable 'open f rw /mnt/a/f' 'mmap m f 256K' 'store m 4K 64K'
}

@test "a store through a mapping whose descriptor is closed" {
	durable 'open f rw /mnt/a/f' 'mmap m f 256K' 'close f' 'store m 4K 64K'
}

@test "a store through a mapping after a syncfs" {
	durable 'open f rw /mnt/a/f' 'mmap m f 256K' 'close f' 'store m 4K 64K' \
		'syncfs /mnt/a' 'store m 4K 64K'
}

@test "a store through a mapping after many syncfs" {
	durable 'open f rw /mnt/a/f' 'mmap m f 256K' 'close f' 'store m 4K 64K' \
		'syncfs /mnt/a' 'syncfs /mnt/a' 'syncfs /mnt/a' 'store m 4K 64K'
}

@test "a store through a mapping that is gone at the syncfs" {
	durable 'open f rw /mnt/a/f' 'mmap m f 256K' 'close f' 'syncfs /mnt/a' \
		'store m 4K 64K' 'munmap m'
}

@test "a store by a child, through a mapping that its parent has no more" {
	durable 'open f rw /mnt/a/f' 'mmap m f 256K' 'fork c store m 4K 64K' \
		'munmap m' 'close f' 'syncfs /mnt/a' 'join c'
}

@test "a store through a second mapping, when the first is gone" {
	durable 'open f rw /mnt/a/f' 'mmap m f 256K' 'mmap n f 256K' 'close f' \
		'store m 0 4K' 'munmap m' 'syncfs /mnt/a' 'store n 4K 64K'
}

@test "a store through a mapping that was read-only until mprotect" {
	durable 'open f rw /mnt/a/f' 'mmapread m f 256K' 'close f' 'syncfs /mnt/a' \
		'mprotect m rw' 'store m 4K 64K'
}

@test "a store through a mapping of an evicted file" {
	durable 'open f rw /mnt/a/f' 'mmap m f 256K' 'close f' 'store m 4K 64K' \
		'munmap m' 'sh echo 2 >/proc/sys/vm/drop_caches'
}

@test "a store through a mapping of a file without blocks" {
	durable 'open g rwc /mnt/a/g' 'ftruncate g 256K' 'mmap m g 256K' \
		'close g' 'syncfs /mnt/a' 'store m 64K 4K' 'munmap m'
}

@test "a page pinned through a mapping that is gone when the I/O into it ends" {
	# The snapshots need the other disk.
	dmsetup create slow --table "0 2048 delay $DISK3 0 1500 $DISK3 0 0"
	ovlio 'open f rw /mnt/a/f' 'mmap m f 64K' 'store m 0 64K' \
		'aioread r m /dev/mapper/slow 64K' 'munmap m' 'close f' 'syncfs /mnt/a' \
		'clean /up/a/upper/f' 'aiowait r' 'sleep 0.3' 'dirty /up/a/upper/f' \
		'sh power-cut lost' 'syncfs /mnt/a' 'clean /up/a/upper/f' 'sh power-cut survived'
}
