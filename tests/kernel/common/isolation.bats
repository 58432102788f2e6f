#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a sync of one overlay writes: all of its own, nothing of its neighbour.

load ../helper

# At most 1 MiB beyond the 4 of file data: journal and inodes. With data in the
# journal it is written twice.
own_bytes() {
	local most=5120
	[ "$FS" != ext4-journal ] || most=9216
	[ "$1" -ge 4096 ] && [ "$1" -le $most ]
}

@test "syncfs writes this overlay's file and leaves the neighbour's dirty" {
	dirty_neighbour 64
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4M' 'dirty /up/a/upper/f'
	run -0 --separate-stderr written ovlio 'syncfs /mnt/a'
	own_bytes "$output"
	ovlio 'clean /up/a/upper/f'
	neighbour_dirty 64
}

@test "umount writes this overlay's file and leaves the neighbour's dirty" {
	dirty_neighbour 64
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4M'
	run -0 --separate-stderr written umount /mnt/a
	own_bytes "$output"
	ovlio 'clean /up/a/upper/f'
	neighbour_dirty 64
}

@test "remount,ro writes this overlay's file and leaves the neighbour's dirty" {
	dirty_neighbour 64
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4M'
	run -0 --separate-stderr written ovlio 'remount /mnt/a ro'
	own_bytes "$output"
	ovlio 'clean /up/a/upper/f'
	neighbour_dirty 64
}

# With an external journal, fsync need not flush the device that has the data.
# bats test_tags=not-ext4-extjournal
@test "syncfs costs at most one flush more than one fsync" {
	local limit own n
	ovlio 'open f rwc /up/plain' 'write f 0 4M'
	limit=$(flushes ovlio 'fsync /up/plain')
	[ "$limit" -gt 0 ]
	# A commit too many may be joined by what it was too early for.
	for n in {1..8}; do
		ovlio "open f rwc /mnt/a/$n" 'write f 0 4M'
		own=$(flushes ovlio 'syncfs /mnt/a')
		[ "$own" -ge "$limit" ] && [ "$own" -le $((limit + 1)) ]
	done
}

@test "overwritten data is flushed even if somebody else's fsync left the log clean" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a'
	# The neighbour's fsync takes the timestamps of f with it, not its data.
	ovlio 'open f rw /mnt/a/f' 'write f 0 1M' \
		'open g rwc /mnt/b/g' 'write g 0 4K' 'fsync g' \
		'dirty /up/a/upper/f'
	run -0 --separate-stderr flushes ovlio 'syncfs /mnt/a'
	[ "$output" -ge 1 ]
	ovlio 'clean /up/a/upper/f'
}

@test "a second syncfs has nothing to write" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4M' 'syncfs /mnt/a'
	run -0 --separate-stderr written ovlio 'syncfs /mnt/a'
	[ "$output" -le 64 ]
}

@test "many small files are all written" {
	local i
	mkdir /mnt/a/many
	for i in {1..300}; do
		echo "$i" >"/mnt/a/many/$i"
	done
	ovlio 'dirty /up/a/upper/many/1' 'dirty /up/a/upper/many/300'
	ovlio 'syncfs /mnt/a'
	for i in {1..300}; do
		printf '%s\0' "clean /up/a/upper/many/$i"
	done | xargs -0 ovlio
}

@test "with the parameter off, syncfs is that of the whole upper" {
	dirty_neighbour 16
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4M'
	echo N >"$SWITCH"
	ovlio 'syncfs /mnt/a' 'clean /up/a/upper/f' 'clean /up/b/upper/big'
}

@test "what was dirtied while the parameter was off is synced when it is on again" {
	dirty_neighbour 16
	echo N >"$SWITCH"
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4M'
	echo Y >"$SWITCH"
	ovlio 'syncfs /mnt/a' 'clean /up/a/upper/f'
	neighbour_dirty 16
}
