#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What becomes of modifications when the kernel is out of memory.

load ../helper

# shellcheck source-path=SCRIPTDIR source=inject.bash
. "$BATS_TEST_DIRNAME/inject.bash"

@test "without memory for a suspect the whole upper is synced, and this is said once" {
	dirty_neighbour 1
	only_cache ovl_suspect
	no_memory
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f'
	ovlio 'open f rwc /mnt/a/g' 'write f 0 64K' 'close f'
	memory_is_back
	# The neighbour's.
	[ "$(in_use ovl_suspect)" = 1 ]
	ovlio 'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f' \
		'clean /up/a/upper/g' 'clean /up/b/upper/big'
	power-cut survived
	[ "$(dmesg | grep -c 'no memory to track')" = 1 ]
}

@test "the overlay that had no memory syncs the whole upper from then on, its neighbour does not" {
	only_cache ovl_suspect
	no_memory
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f'
	memory_is_back
	ovlio 'syncfs /mnt/a'
	dirty_neighbour 1
	ovlio 'syncfs /mnt/a' 'clean /up/b/upper/big'
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		'open g rwc /mnt/b/g' 'write g 0 64K' 'syncfs /mnt/b' \
		'clean /up/b/upper/g' 'dirty /up/a/upper/f'
	umount /mnt/a
	ovlio 'clean /up/a/upper/f'
	# Mounted again, it has forgotten.
	mount_overlay a
	dirty_neighbour 1
	ovlio 'syncfs /mnt/a' 'dirty /up/b/upper/big'
}

# unrecorded COMMAND...: what ovlio does without memory for suspects, in an overlay
# that had all it needed before, is synced.
unrecorded() {
	umount /mnt/a
	mount_overlay a
	only_cache ovl_suspect
	no_memory
	ovlio "$@" 'syncfs /mnt/a'
	memory_is_back
	all_clean
}

@test "without memory, whatever modifies a file is synced" {
	echo lower | tee /up/a/lower/{write,truncate} >/dev/null
	ovlio 'open f rwc /mnt/a/old' 'write f 0 64K' 'syncfs /mnt/a'
	unrecorded 'truncate /mnt/a/old 1000'
	unrecorded 'truncate /mnt/a/truncate 2'
	unrecorded 'open f rwt /mnt/a/old' 'write f 0 5000'
	unrecorded 'open f rwc /mnt/a/new' 'write f 0 5000'
	unrecorded 'open f rw /mnt/a/write' 'write f 0 5000'
	unrecorded 'tmpfile f /mnt/a' 'write f 0 5000' 'linkat f /mnt/a/was-tmp'
	power-cut survived
}

failing_mount() {
	failing "$1" mount -t overlay a /mnt/a \
		-o lowerdir=/up/a/lower,upperdir=/up/a/upper,workdir=/up/a/work
}

unmounted() {
	! grep -q '^a /mnt/a ' /proc/mounts || umount /mnt/a
}

@test "a mount for which any one allocation fails leaves nothing behind" {
	local failed
	umount /mnt/a
	only_overlay
	failed=$(each_allocation failing_mount unmounted)
	echo "$failed allocations"
	[ "$failed" -gt 10 ]
	umount /mnt/b /up
	no_suspects
	rmmod overlay
	insmod "$OVERLAY_KO"
}

failing_write() {
	failing "$1" ovlio "open f rw /mnt/a/$1" 'write f 0 5000'
}

synced() {
	evict
	ovlio 'syncfs /mnt/a'
	all_clean
}

@test "whichever allocation fails in a write with copy up, the sync is complete" {
	local failed
	head -c 100K /dev/urandom | tee /up/a/lower/{1..200} >/dev/null
	sync -f /up
	umount /mnt/a
	mount_overlay a
	only_overlay
	failed=$(each_allocation failing_write synced)
	echo "$failed allocations"
	[ "$failed" -gt 5 ]
	power-cut survived
}

@test "a module that finds no memory is not loaded, and leaves nothing" {
	local n hit=
	umount /mnt/a /mnt/b
	rmmod overlay
	only_cache kmem_cache_node
	echo 2 >$FAILSLAB/verbose
	for ((n = 1; ; n++)); do
		failing "$n" insmod "$OVERLAY_KO" || break
		[ ! -e /sys/module/overlay ]
		[ ! -e /sys/kernel/slab/ovl_suspect ]
		failed_below ovl_suspect_cache_init && hit=1
		[ ! -e /sys/kernel/slab/ovl_inode ]
	done
	echo "$n allocations"
	# Each of its two caches was refused, the engine's as well.
	[ "$n" = 3 ] && [ "$hit" ]
	echo 0 >/sys/kernel/slab/kmem_cache_node/failslab
	[ -e "$SWITCH" ]
}
