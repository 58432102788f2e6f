#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# How long suspects live, who waits for whom, and who is told of errors.

load ../helper

# slow_file: /mnt/a/f is there, and each write to its data takes a second. Not
# to the journal: a commit does not wait for data that is overwritten.
slow_file() {
	umount /mnt/a /mnt/b /up
	map_upper
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a'
	remap_file /up/a/upper/f delay 1000
}

@test "syncfs returns only when its own data is down" {
	slow_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "a second syncfs returns only when what the first submitted is down" {
	slow_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 1M'
	ovlio 'syncfs /mnt/a' &
	sleep 0.3
	# The first is under way, the second has nothing of its own to submit.
	ovlio 'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
	wait $!
}

@test "a second syncfs writes what was dirtied after the first began" {
	slow_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 1M'
	ovlio 'syncfs /mnt/a' &
	sleep 0.3
	ovlio 'dirty /up/a/upper/f' 'open g rwc /mnt/a/g' 'write g 0 64K' 'close g' \
		'syncfs /mnt/a' 'clean /up/a/upper/f' 'clean /up/a/upper/g'
	wait $!
}

# btrfs_sync_fs() waits for all ordered extents.
# bats test_tags=not-btrfs
@test "syncfs of the neighbour does not wait for ours" {
	slow_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 1M'
	ovlio 'syncfs /mnt/a' &
	sleep 0.1
	ovlio 'open g rwc /mnt/b/g' 'write g 0 4K' 'syncfs /mnt/b' \
		'clean /up/b/upper/g' 'dirty /up/a/upper/f'
	wait $!
}

@test "syncfs waits for the upper's journal too" {
	umount /mnt/a /mnt/b /up
	dmsetup create slow --table "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 0 $DISK1 0 600"
	mount_upper /dev/mapper/slow
	# One delay for the data, another for the journal: at least.
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4K' 'clock a' 'syncfs /mnt/a' 'clock b' |
		awk '$1 == "a" { a = $2 } $1 == "b" { print $2 - a; exit !($2 - a > 1.1) }'
}

# Writes one file again and again, and makes new ones, until it is killed.
writer() {
	local i
	for ((i = 0; ; i++)); do
		dd if=/dev/zero of=/mnt/a/f bs=64K count=16 conv=notrunc status=none
		echo >"/mnt/a/$i"
	done
}

@test "syncfs returns while a writer keeps dirtying" {
	writer 3>&- &
	timeout 60 ovlio 'sleep 0.5' 'syncfs /mnt/a' 'syncfs /mnt/a' 'syncfs /mnt/a'
	kill $!
	wait $! || true
}

# slow_writer STOP: makes new files, each with a page that is under writeback and
# dirty again, so that whoever submits it has to wait, until there is a file STOP.
slow_writer() {
	local i
	for ((i = 0; ; i++)); do
		[ ! -e "$1" ] || return 0
		xfs_io -f -c 'pwrite -q 0 4K' "/mnt/a/$i"
		xfs_io -c 'sync_range -w 0 4K' -c 'pwrite -q 0 4K' "/up/a/upper/$i"
	done
}

@test "syncfs returns while files are added that it would have to wait for" {
	local synced=$BATS_TEST_TMPDIR/synced stop=$BATS_TEST_TMPDIR/stop status=0
	umount /mnt/a /mnt/b /up
	dmsetup create slow --table "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 0 $DISK1 0 1500"
	mount_upper /dev/mapper/slow
	slow_writer "$stop" 3>&- &
	sleep 1
	ovlio 'syncfs /mnt/a' "sh touch $synced" 3>&- &
	eventually 60 test -e "$synced" || status=1
	touch "$stop"
	wait
	[ $status = 0 ]
}

@test "a file that is only read is no suspect" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'syncfs /mnt/a'
	no_suspects
	exec 9</mnt/a/f
	cat <&9 >/dev/null
	no_suspects
	exec 9<&-
}

@test "suspects go when a sync finds them clean" {
	local i
	for i in {1..50}; do echo >"/mnt/a/$i"; done
	[ "$(in_use ovl_suspect)" -ge 50 ]
	ovlio 'syncfs /mnt/a'
	no_suspects
}

@test "suspects that became clean go without a sync, with or without an overlay inode" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'open g rwc /mnt/a/g' 'write g 0 1M' 'close g'
	evict
	[ "$(in_use ovl_suspect)" = 2 ]
	sync -f /up
	eventually 15 no_suspects
}

@test "a suspect that was mapped goes when it is clean" {
	ovlio 'open f rwc /mnt/a/f' 'ftruncate f 1M' 'mmap m f 1M' 'store m 0 1M' 'munmap m' \
		'close f' 'syncfs /mnt/a'
	no_suspects
}

@test "a clean suspect goes with its overlay inode" {
	ovlio 'open f rwc /mnt/a/f' 'close f'
	[ "$(in_use ovl_suspect)" = 1 ]
	evict
	no_suspects
}

@test "a dirty suspect goes with its last name and its overlay inode, at once" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'dirty /up/a/upper/f'
	[ "$(in_use ovl_suspect)" = 1 ]
	rm /mnt/a/f
	no_suspects
}

@test "an evicted dirty file that is removed behind the overlay's back is let go" {
	local before
	before=$(used_space)
	ovlio 'open f rwc /mnt/a/f' 'write f 0 48M' 'fsync f' 'write f 0 48M'
	evict
	rm /up/a/upper/f
	eventually 15 no_suspects
	eventually 5 space_is_back "$before"
}

@test "lazytime: a syncfs takes the times of a written file with it" {
	umount /mnt/a /mnt/b /up
	mount -o "lazytime,$(upper_options)" "$DISK1" /up
	mount_overlay a
	# A suspect stays one until its times have gone to the journal. On file
	# systems with i_version only a read leaves them out of it.
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4K' 'syncfs /mnt/a' \
		'sh cat /mnt/a/f >/dev/null' 'close f' 'syncfs /mnt/a'
	no_suspects
}

@test "lazytime: the reaper takes the times of a closed file with it" {
	umount /mnt/a /mnt/b /up
	mount -o "lazytime,$(upper_options)" "$DISK1" /up
	mount_overlay a
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4K' 'syncfs /mnt/a' \
		'sh cat /mnt/a/f >/dev/null' 'close f'
	[ "$(in_use ovl_suspect)" = 1 ]
	eventually 30 no_suspects
}

@test "umount with orphans: evicted dirty, removed behind its back, removed while open" {
	local before
	before=$(used_space)
	ovlio 'open e rwc /mnt/a/e' 'write e 0 1M' 'close e' 'open r rwc /mnt/a/r' 'write r 0 16M' 'close r' \
		'sh echo 2 >/proc/sys/vm/drop_caches' 'open u r /up/a/upper/r' 'sh rm /up/a/upper/r' \
		'open o rwc /mnt/a/o' 'write o 0 16M' 'sh rm /mnt/a/o' 'close o' \
		'umount /mnt/a' 'clean /up/a/upper/e'
	no_suspects
	umount /mnt/b
	sync -f /up
	eventually 60 space_is_back "$before"
	umount /up
}

@test "lazy umount: what is still open can be synced, and the last to close syncs all" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'open g rwc /mnt/a/g' 'write g 0 1M' \
		'open h rwc /mnt/a/h' 'ftruncate h 64K' 'mmap m h 64K' 'close h' \
		'open u rwc /mnt/a/u' 'write u 0 64K' 'sh rm /mnt/a/u' \
		'sh umount -l /mnt/a' 'store m 0 64K' 'syncfs g' \
		'clean /up/a/upper/f' 'clean /up/a/upper/g' 'clean /up/a/upper/h' \
		'write f 0 64K' 'close f' 'store m 0 4K' 'close g' 'close u' \
		'dirty /up/a/upper/f' 'dirty /up/a/upper/h' 'munmap m'
	eventually 60 ovlio 'clean /up/a/upper/f' 'clean /up/a/upper/h'
	eventually 60 no_suspects
	umount /mnt/b /up
}

@test "mount again, right after umount" {
	local i
	for i in {1..10}; do
		ovlio "open f rwc /mnt/a/$i" 'write f 0 64K' 'close f' 'open g rwc /mnt/a/g' 'write g 0 64K'
		umount /mnt/a
		mount_overlay a
		ovlio "clean /up/a/upper/$i" 'clean /up/a/upper/g' 'open g rw /mnt/a/g' 'write g 0 64K' \
			'syncfs /mnt/a' 'clean /up/a/upper/g'
	done
}

@test "mount again, while a lazily unmounted overlay holds the same upper" {
	local again=$BATS_TEST_TMPDIR/again
	{ declare -f mount_overlay && echo mount_overlay a; } >"$again"
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'sh umount -l /mnt/a' "sh bash $again" \
		'open g rw /mnt/a/f' 'write f 0 64K' 'syncfs g' 'clean /up/a/upper/f' \
		'write g 0 64K' 'syncfs f' 'clean /up/a/upper/f' \
		'write g 0 64K' 'close f' 'write g 0 64K' 'close g' 'syncfs /mnt/a' 'clean /up/a/upper/f'
	eventually 60 no_suspects
	umount /mnt/a /mnt/b /up
}

@test "the module unloads after use, and leaves nothing" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M'
	evict
	# Open for write in the upper directory: a suspect until the very end.
	ovlio 'open f rw /mnt/a/f' 'close f' 'open u rw /up/a/upper/f' 'umount /mnt/a'
	umount /mnt/b
	rmmod overlay
	[ ! -e /sys/kernel/slab/ovl_suspect ]
	umount /up
	insmod "$OVERLAY_KO"
}

@test "the module unloads after heavy use, and leaves no object and no busy inode" {
	local _
	mkdir /mnt/a/d /mnt/b/d
	dmesg -C
	for _ in {1..5}; do
		flood /mnt/a/d 300 cwC &
		flood /mnt/b/d 300 cmsnC
		wait $!
		evict
		flood /mnt/a/d 300 owCu &
		flood /mnt/b/d 100 omsnC
		wait $!
		umount /mnt/a
		mount_overlay a
		ovlio 'open f rwc /mnt/b/f' 'write f 0 64K' 'sh umount -l /mnt/b' 'write f 0 64K'
		mount_overlay b
	done
	umount /mnt/a
	eventually 60 umount /mnt/b
	eventually 60 rmmod overlay
	[ ! -e /sys/kernel/slab/ovl_suspect ] && [ ! -e /sys/kernel/slab/ovl_inode ]
	umount /up
	run ! grep -E 'Busy inodes|Objects remaining|still has objects' <(dmesg)
	insmod "$OVERLAY_KO"
}
