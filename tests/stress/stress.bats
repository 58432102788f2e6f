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
	mount_overlay d
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

# Overlay c comes and goes; what it holds is synced by remount,ro, or umount only.
mounter() {
	local times=0
	until [ -e /tmp/enough ]; do
		mount_overlay c && churn /mnt/c 1 2 "$RANDOM" || return
		[ $((times++ % 2)) = 0 ] || LIBMOUNT_FORCE_MOUNT2=always mount -o remount,ro /mnt/c || return
		umount /mnt/c || return
	done
}

# It writes everything that is dirty, too.
freezer() {
	until [ -e /tmp/enough ]; do
		sleep 5
		fsfreeze -f /up || return
		sleep 0.3
		fsfreeze -u /up || return
	done
}

# On the odd ones nothing is written but by syncs, on the even ones the flusher
# is in their way, and the upper is frozen now and then.
set_flusher() {
	quiet_flusher
	[ $(($1 % 2)) = 1 ] || echo 100 | tee /proc/sys/vm/dirty_{writeback,expire}_centisecs
}

# storm ROUND SECONDS: $THREADS processes, 14 of them for the rest of it.
storm() {
	local round=$1 seconds=$2 churns=$((THREADS - 14)) job jobs=() others=()
	rm -f /tmp/enough
	evictor 3>&- &
	toggler 3>&- &
	reader 3>&- &
	reader 3>&- &
	mounter 3>&- &
	others+=($!)
	if [ $((round % 2)) = 0 ]; then
		freezer 3>&- &
		others+=($!)
	fi
	churn /mnt/a "$seconds" $((churns * 2 / 5)) "$round" 3>&- &
	jobs+=($!)
	churn /mnt/b "$seconds" $((churns * 3 / 10)) "$((round + 1000))" 3>&- &
	jobs+=($!)
	churn --syncfs /mnt/a "$seconds" $((churns / 5)) 3>&- &
	jobs+=($!)
	churn --syncfs /mnt/b "$seconds" $((churns / 10)) 3>&- &
	jobs+=($!)
	churn --remap /mnt/b "$seconds" 2 3>&- &
	jobs+=($!)
	# The reaper finds all of d clean: the first suspect, and none left
	churn --reopen /mnt/d "$seconds" 4 3>&- &
	jobs+=($!)
	for job in "${jobs[@]}"; do
		wait "$job"
	done
	touch /tmp/enough
	for job in "${others[@]}"; do
		wait "$job"
	done
	wait
	echo Y >"$SWITCH"
	echo "$seconds $THREADS" >>"$OUT/ran"
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

# unseen COLUMN: the points that have 0 there: 2, passes; 4, hits.
unseen() {
	awk -v column="$1" '$column == 0 { print $1 }' "$OUT/points" | sort
}

# idle: those that are not for this upper: only these wait for the flusher.
idle() {
	[[ $FS = @(xfs|btrfs)* ]] || printf 'isync-%s\n' queue sleep
}

# rare: those that are not hit in five minutes each time.
rare() {
	echo
}

# Of the module that the storm has run on, before it is loaded anew
# bats test_tags=points
@test "each marked point was passed" {
	cat /sys/module/overlay/parameters/race_points >"$OUT/points"
	awk 'BEGIN { print "# point passes delays hits" } { print "#", $0 }' "$OUT/points" >&3
	run -0 diff <(idle) <(unseen 2)
}

# bats test_tags=points,windows
@test "the window of each was hit" {
	run -0 comm -13 <({ idle && rare; } | sort) <(unseen 4)
	[ -z "$output" ]
}

@test "the storm over, nothing is left of it in memory" {
	storm 1 10
	umount /mnt/a /mnt/b /mnt/d
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
