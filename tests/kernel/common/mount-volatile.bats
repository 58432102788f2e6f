#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An overlay that promises nothing gets nothing: as in the kernel's own module.

load ../helper

own_module() {
	rmmod overlay
	insmod "$OVERLAY_KO"
}

setup() {
	# Left by a test that failed with the kernel's own.
	[ -e "$SWITCH" ] || own_module
	pristine
	mount_upper
}

# volatile OPTION: an overlay that promises nothing records and writes nothing.
volatile() {
	umount /mnt/a
	mount_overlay a ",$1"
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'open g rwc /mnt/a/g' 'write g 0 64K' 'close g' \
		'truncate /mnt/a/g 16K' 'sh rm /mnt/a/g'
	no_suspects
	run -0 --separate-stderr written ovlio 'syncfs /mnt/a' 'remount /mnt/a ro' 'umount /mnt/a'
	[ "$output" = 0 ]
	ovlio 'dirty /up/a/upper/f'
}

@test "volatile: nothing is recorded, nothing is written" {
	volatile volatile
}

# It came after 6.1.
# bats test_tags=not-6-1
@test "fsync=volatile is the same" {
	volatile fsync=volatile
}

# What a volatile overlay says after a write error on its upper, which was
# another overlay's.
volatile_after_error() {
	rm -rf /up/c
	mount_overlay c ,volatile
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K'
	sync -f /up || true
	ovlio 'clean /up/a/upper/f' 'open d rD /mnt/c' '!EIO syncfs d' '!EIO syncfs d' \
		'open g rwc /mnt/c/g' '!EIO fsync g' '!EIO syncfs /mnt/c'
	umount /mnt/c
	# Only what comes after the mount counts.
	rm -rf /up/c/work
	mount_overlay c ,volatile
	ovlio 'syncfs /mnt/c'
	umount /mnt/c
}

@test "volatile: an error on the upper stays, as with the kernel's own module" {
	umount /mnt/a /mnt/b /up
	map_upper
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'syncfs /mnt/a'
	remap_file /up/a/upper/f error
	volatile_after_error
	umount /mnt/a /mnt/b
	rmmod overlay
	modprobe --ignore-install overlay
	mount_overlay a
	volatile_after_error
	umount /mnt/a
	own_module
}
