#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Each place where the engine allocates, and each allocation below its sync. That there
# are no other places: kernel/host/allocations.bats.

load ../helper
# shellcheck source-path=SCRIPTDIR source=inject.bash
. "$BATS_TEST_DIRNAME/inject.bash"

# recorded_in_vain: more files than a page has room for records of.
recorded_in_vain() {
	local commands=() n
	for ((n = 0; n < 200; n++)); do
		commands+=("open f rwc /mnt/a/$n" "write f 0 100" 'close f')
	done
	dmesg -C
	with_stack
	no_memory
	ovlio "${commands[@]}"
	memory_is_back
	failed_below ovl_suspect_add
	[ "$(dmesg | grep -c 'no memory to track')" = 1 ]
	# All of it, recorded or not
	dirty_neighbour 1
	ovlio 'syncfs /mnt/a' 'clean /up/b/upper/big'
	all_clean
	power-cut survived
}

@test "no object for a record: each file is synced all the same" {
	below ovl_suspect_add
	recorded_in_vain
}

@test "no page for a record: each file is synced all the same" {
	choose $FAILPAGES
	below ovl_suspect_add
	recorded_in_vain
}

# Only ext4 has some.
# bats test_tags=not-xfs,not-btrfs
@test "no object for the slots: the overlay is mounted, and synced without" {
	umount /mnt/a /mnt/b
	dmesg -C
	with_stack
	below ovl_upper_slots_get
	no_memory
	mount_overlay a
	memory_is_back
	failed_below ovl_upper_slots_get
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
	umount /mnt/a
}

# failing_sync N: the Nth allocation of a sync fails. It says so, or all is clean.
failing_sync() {
	local n=$1 status=0 left=$BATS_TEST_TMPDIR/left
	ovlio "open f rwc /mnt/a/$n" 'write f 0 5000' "mkdir /mnt/a/dir$n"
	# The log does not have all: a mempool has the message suppressed.
	echo 0 >"$left"
	failing "$n" ovlio 'syncfs /mnt/a' "sh cat /proc/\$PPID/fail-nth >$left" || true
	[ "$FAILED" = 0 ] || status=1
	[ $status = 1 ] || all_clean >&2 || echo "$n" >>"$BATS_TEST_TMPDIR/wrong"
	echo "$status" >>"$BATS_TEST_TMPDIR/told"
	[ "$(cat "$left")" = 0 ]
}

# each_of_sync: prints how many failed, and of how many syncs that was told.
each_of_sync() {
	local failed told
	below ovl_sync_upper_inodes
	failed=$(each_allocation failing_sync true)
	told=$(grep -c 1 "$BATS_TEST_TMPDIR/told") || true
	echo "$failed allocations failed, $told syncs"
	[ "$failed" -gt 0 ]
	# What ext4 was refused in phase 0, phase 1 is not; others throw the data away.
	[[ $FS != ext4* ]] || [ "$told" = 0 ]
	[ ! -e "$BATS_TEST_TMPDIR/wrong" ]
	ovlio 'syncfs /mnt/a' || ovlio 'syncfs /mnt/a'
	all_clean
}

# Whatever is below it is, on btrfs, btrfs: see not_below_btrfs.
# bats test_tags=not-btrfs
@test "whichever object a sync is refused, it is complete or fails" {
	each_of_sync
}
