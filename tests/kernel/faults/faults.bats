#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What becomes of modifications when the kernel is out of memory.

load ../helper

FAILSLAB=/sys/kernel/debug/failslab

setup() {
	PATH=$BATS_TEST_DIRNAME/..:$PATH
	# Its line in the log comes once for each load.
	rmmod overlay
	insmod "$OVERLAY_KO"
	quiet_flusher
	make_fs "$DISK1"
	map_upper
	only_slab
	echo N >$FAILSLAB/ignore-gfp-wait
	echo 0 >$FAILSLAB/probability
	echo -1 >$FAILSLAB/times
	echo 1 >$FAILSLAB/verbose
	dmesg -C
}

teardown() {
	memory_is_back
	echo N >$FAILSLAB/cache-filter
	everywhere
	unmount_all
}

# only_slab: a task's fail-nth is common to all that can be made to fail.
only_slab() {
	local kind
	for kind in /sys/kernel/debug/fail*/; do
		echo 32 >"$kind/stacktrace-depth"
		echo 1 | tee "$kind/require-start" >"$kind/require-end"
	done
	everywhere
}

# everywhere: below whatever function.
everywhere() {
	echo 0 >$FAILSLAB/require-start
	echo 0xffffffffffffffff >$FAILSLAB/require-end
	echo 0 | tee $FAILSLAB/reject-start >$FAILSLAB/reject-end
}

# only_cache NAME: no allocation but from this slab cache may fail.
only_cache() {
	echo Y >$FAILSLAB/cache-filter
	echo 1 >"/sys/kernel/slab/$1/failslab"
}

# not_below_btrfs: which aborts its transaction then, in btrfs_create_new_inode()
# for one, is read-only from there on, and may warn of its own accounting at umount.
not_below_btrfs() {
	local at start=0 end=0
	while read -r at; do
		# It is in one piece, after what is rarely called of everything.
		[ $((at - end)) -lt $((1 << 20)) ] || start=$at
		end=$at
	done < <(sort /proc/kallsyms | awk '
		$3 == "_etext" { exit }
		$3 ~ /^btrfs_[a-z0-9_]+$/ { print "0x" $1 }')
	echo "$start" >$FAILSLAB/reject-start
	echo "$end" >$FAILSLAB/reject-end
}

# only_overlay: no allocation but below a function of overlayfs may fail.
only_overlay() {
	[[ $FS != btrfs* ]] || not_below_btrfs
	local size start
	read -r _ size _ _ _ start _ < <(grep '^overlay ' /proc/modules)
	printf '%#x' "$start" >$FAILSLAB/require-start
	printf '%#x' $((start + size)) >$FAILSLAB/require-end
}

no_memory() {
	echo 100 >$FAILSLAB/probability
}

memory_is_back() {
	echo 0 >$FAILSLAB/probability
}

# failing N COMMAND...: the Nth of COMMAND's allocations that may fail does; and
# whether the log says so.
failing() {
	local n=$1
	shift
	dmesg -C
	# shellcheck disable=SC2016  # expanded by the inner shell
	bash -c 'echo "$1" >/proc/self/fail-nth && shift && exec "$@"' bash "$n" "$@" || true
	dmesg | grep -q 'FAULT_INJECTION: forcing a failure'
}

# each_allocation ATTEMPT CHECK: ATTEMPT N, which uses failing, for N from 1, with
# CHECK after each; prints how many allocations failed. Some do so in silence, so
# eight times of it are the end.
each_allocation() {
	local attempt=$1 check=$2 n silent=0 failed=0
	for ((n = 1; silent < 8; n++)); do
		if "$attempt" "$n"; then
			failed=$((failed + 1)) silent=0
		else
			silent=$((silent + 1))
		fi
		"$check" >&2
	done
	echo "$failed"
}

# all_clean: nothing of overlay a is dirty.
all_clean() {
	find /up/a/upper /up/a/work -type f -printf 'clean %p\0' | xargs -0 ovlio
}

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
	local n
	umount /mnt/a /mnt/b
	rmmod overlay
	only_cache kmem_cache_node
	for ((n = 1; ; n++)); do
		failing "$n" insmod "$OVERLAY_KO" || break
		[ ! -e /sys/module/overlay ]
		[ ! -e /sys/kernel/slab/ovl_suspect ]
		[ ! -e /sys/kernel/slab/ovl_inode ]
	done
	echo "$n allocations"
	# Each of its two caches was refused.
	[ "$n" = 3 ]
	echo 0 >/sys/kernel/slab/kmem_cache_node/failslab
	[ -e "$SWITCH" ]
}
