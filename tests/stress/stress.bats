#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything at once for $STRESS_SECONDS, in rounds; after each, all must be on
# the device. What the checkers of a debug kernel have to say of it is
# kernel/checkers' and the guest harness's to find.

load ../kernel/helper

setup() {
	load_overlay
	make_fs "$DISK1"
	map_upper
	local overlay
	for overlay in a b; do
		mkdir "/up/$overlay/lower/"{0..3}
		seq 3000 | tee "/up/$overlay/lower/"{0..3}/{0..20} >/dev/null
	done
	remount_overlays
}

remount_overlays() {
	umount /mnt/a /mnt/b
	mount_overlay a
	mount_overlay b
}

# Until the end of the round, each of these.
evictor() {
	until [ -e /tmp/enough ]; do
		echo 2 >/proc/sys/vm/drop_caches
		sleep 0.3
		echo 3 >/proc/sys/vm/drop_caches
		sleep 0.7
	done
}

toggler() {
	until [ -e /tmp/enough ]; do
		echo N >"$SWITCH"
		sleep 0.5
		echo Y >"$SWITCH"
		sleep 1.5
	done
}

reader() {
	until [ -e /tmp/enough ]; do
		find /mnt/a /mnt/b -type f -exec cat {} + >/dev/null 2>&1 || true
	done
}

# Overlay c comes and goes; what it holds is synced by umount only.
mounter() {
	until [ -e /tmp/enough ]; do
		mount_overlay c && churn /mnt/c 1 2 "$RANDOM" && umount /mnt/c || return
	done
}

# On the odd ones nothing is written but by syncs, on the even ones the flusher
# is in their way.
set_flusher() {
	quiet_flusher
	[ $(($1 % 2)) = 1 ] || echo 100 | tee /proc/sys/vm/dirty_{writeback,expire}_centisecs
}

# storm ROUND SECONDS
storm() {
	local round=$1 seconds=$2 job jobs=()
	rm -f /tmp/enough
	evictor 3>&- &
	toggler 3>&- &
	reader 3>&- &
	mounter 3>&- &
	mounter=$!
	churn /mnt/a "$seconds" 4 "$round" 3>&- &
	jobs+=($!)
	churn /mnt/b "$seconds" 3 "$((round + 1000))" 3>&- &
	jobs+=($!)
	churn --syncfs /mnt/a "$seconds" 3 3>&- &
	jobs+=($!)
	churn --syncfs /mnt/b "$seconds" 2 3>&- &
	jobs+=($!)
	for job in "${jobs[@]}"; do
		wait "$job"
	done
	touch /tmp/enough
	wait "$mounter"
	wait
	echo Y >"$SWITCH"
}

@test "writers, mappers, renamers, evictors, mounts and syncs at once: nothing is lost" {
	local round overlay
	for ((round = 1; round * 30 <= STRESS_SECONDS; round++)); do
		set_flusher "$round"
		storm "$round" 30
		quiet_flusher
		ovlio 'syncfs /mnt/a' 'syncfs /mnt/b'
		for overlay in a b c; do
			OVERLAY=$overlay power-cut survived
		done
	done
	[ "$round" -gt 1 ]
}

@test "the storm over, nothing is left of it in memory" {
	storm 1 10
	umount /mnt/a /mnt/b
	no_suspects
	rmmod overlay
	umount /up
	insmod "$OVERLAY_KO"
}

teardown() {
	touch /tmp/enough
	wait
	unmount_all
}
