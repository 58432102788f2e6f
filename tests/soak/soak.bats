#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Containers come and go for $SOAK_MINUTES, in rounds; at the end of each the
# load has stopped and what is left of it is counted. What the samples must look
# like is judge.py's to say. In the guest, by tests/soak/run.

load ../kernel/helper
load ../hook/lib
load samples
load load

# Too few rounds cannot be judged (judge.py), and each ends with a wait for the
# flusher and the reaper.
ROUNDS=8

setup_file() {
	D=/up
	HOOK=$(hook_binary)
	load_overlay
	make_fs "$DISK1"
	# As the flusher, and not as make_fs has it
	[ "$(upper_type)" != xfs ] || echo 100 >/proc/sys/fs/xfs/xfssyncd_centisecs
	mkdir -p $D
	mount_fs "$DISK1" $D
	start_syslog
	export D HOOK LOG SYSLOGD
}

setup() {
	:
}

teardown() {
	:
}

teardown_file() {
	touch "$BATS_FILE_TMPDIR/enough"
	end_containers
	stop_syslog
	unmount_all
}

# busy: everything at once for $BUSY seconds.
busy() {
	local job jobs=() end=$((SECONDS + BUSY))
	rm -f "$BATS_FILE_TMPDIR/enough"
	for job in passers_by_runc passers_by_crun mounter syncer evictor sampler; do
		"$job" &
		jobs+=($!)
	done
	tell_residents
	while [ $SECONDS -lt $end ]; do sleep 0.5; done
	touch "$BATS_FILE_TMPDIR/enough"
	hear_residents
	for job in "${jobs[@]}"; do
		wait "$job"
	done
}

# settle: what was dirty is written by the flusher, and forgotten by the reaper,
# without a sync and without eviction.
settle() {
	eventually 15 no_suspects || true
	sample settled
}

# drop: all caches, until that changes nothing: xfs frees an inode when what its log
# has of it was written to its place.
drop() {
	local inodes last=''
	for _ in {1..10}; do
		echo 3 >/proc/sys/vm/drop_caches
		inodes=$(in_use "$(upper_inode_cache)")
		[ "$inodes" != "$last" ] || break
		last=$inodes
		sleep 1
	done
}

# rest: nothing is dirty and nothing cached but what is in use.
rest() {
	local name
	for name in resident-{1,2} probe; do
		sync -f "$D/$name/rootfs"
	done
	sync -f "$D"
	drop
	sample rest
}

@test "containers come and go, and each is synced when it stops" {
	local seconds=$((SOAK_MINUTES * 60)) began=$SECONDS
	# What is left of a round after some ten seconds for settle and rest
	BUSY=$((seconds / ROUNDS - 10))
	[ $BUSY -ge 8 ] || BUSY=8
	[ $BUSY -le 20 ] || BUSY=20
	# The flusher is in a hurry, so that a round does not have to wait for it.
	echo 100 | tee /proc/sys/vm/dirty_{writeback,expire}_centisecs >/dev/null
	container_image
	passing_bundle
	residents
	overlay probe
	overlay idle
	begin_samples
	for ((ROUND = 1; ROUND <= ROUNDS || SECONDS - began < seconds; ROUND++)); do
		busy
		settle
		rest
		all_were_synced
	done
}

@test "they are gone, and nothing is left of them in memory" {
	end_containers
	unmount_all 3>&-
	no_suspects
	rmmod overlay
	insmod "$OVERLAY_KO"
}
