#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Who is told that a write failed: each descriptor of the overlay that lost it,
# once, and nobody else.

load ../helper

setup() {
	load_overlay
	quiet_flusher
	make_fs "$DISK1"
	map_upper
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'syncfs /mnt/a'
}

# Let the device fail writes to the data of /up/a/upper/f, and to nothing else.
break_file() {
	remap_file /up/a/upper/f error
}

@test "each descriptor that was open learns of it once, the neighbour never" {
	break_file
	ovlio 'open d1 rD /mnt/a' 'open d2 rD /mnt/a' 'open n rD /mnt/b' \
		'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		'!EIO syncfs d1' 'syncfs d1' '!EIO syncfs d2' 'syncfs d2' \
		'syncfs n' 'open d3 rD /mnt/a' 'syncfs d3'
}

@test "also if it was the flusher that hit it, after the overlay inode was evicted" {
	break_file
	ovlio 'open d rD /mnt/a' 'open n rD /mnt/b' \
		'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		'sh echo 2 >/proc/sys/vm/drop_caches' 'sh sync -f /up || true' \
		'clean /up/a/upper/f' '!EIO syncfs d' 'syncfs d' 'syncfs n'
}

@test "also if the suspect was dropped before anybody synced" {
	break_file
	ovlio 'open d rD /mnt/a' \
		'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		'sh sync -f /up || true' 'clean /up/a/upper/f' \
		'sh echo 2 >/proc/sys/vm/drop_caches' '!EIO syncfs d' 'syncfs d'
}

@test "fsync reports what it always did" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'open d rD /mnt/a' '!EIO syncfs d' \
		'!EIO fsync f' 'fsync f'
}

@test "fsync tells who opens the file later, if nobody synced meanwhile" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		'sh sync -f /up || true' 'clean /up/a/upper/f'
	# The reaper drops it; it must not have the error to itself.
	eventually 15 no_suspects
	ovlio 'open f rw /mnt/a/f' '!EIO fsync f' 'fsync f'
}

@test "syncfs fails if the upper was shut down while there are suspects" {
	ovlio 'open g rwc /mnt/a/g' 'write g 0 64K' 'close g'
	xfs_io -x -c shutdown /up
	ovlio '!EIO syncfs /mnt/a'
}

@test "syncfs fails if the upper was shut down before names were committed" {
	ovlio 'syncfs /mnt/a' 'sh mkdir /mnt/a/dir'
	no_suspects
	xfs_io -x -c shutdown /up
	ovlio '!EIO syncfs /mnt/a'
}

@test "remount,ro fails, and umount leaves a line in the log" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' '!EIO remount /mnt/a ro'
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K'
	dmesg -C
	umount /mnt/a
	dmesg | grep 'data of the unmounted overlay may be lost'
}
