#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A disk that answers, but late: dm-delay below the upper directories. In the guest.

setup_file() {
	load lib
	HOOK=$(hook_binary)
	modprobe dm-delay
	# There is no udev here: dmsetup makes its nodes itself.
	export DM_DISABLE_UDEV=1
	dmsetup create disk --table "$(delayed 0)"
	data_disk /dev/mapper/disk
	# It is to survive the loss of the disk.
	sync -f "$D"
	start_syslog
	export HOOK D LOG SYSLOGD
}

teardown_file() {
	load lib
	stop_syslog
	umount "$D"
	dmsetup remove disk
}

setup() {
	load lib
}

teardown() {
	becomes "$(delayed 0)"
	grep -q " $D " /proc/mounts || mount /dev/mapper/disk "$D"
	for B in "$D"/*-late; do
		! grep -q " $B/rootfs " /proc/mounts || umount "$B/rootfs"
	done
}

# delayed MS: a table of the disk, whose writes take so long.
delayed() {
	echo "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 0 $DISK1 0 $1 $DISK1 0 0"
}

# becomes TABLE: the disk, without waiting for what is dirty.
becomes() {
	dmsetup reload disk --table "$1"
	dmsetup suspend --nolockfs --noflush disk
	dmsetup resume disk
}

# sync_running: the hook has left a child that goes on.
sync_running() {
	pgrep -x oci-syncfs-hook
}

# comes_late RUNTIME
comes_late() {
	local name=$1-late start
	overlay "$name"
	bundle "$name" 'cat /bin/busybox /bin/busybox >/data'
	add_hook "$name" poststop "$HOOK" --timeout 2
	run_to_end "$1" "$name"
	run ! on_disk "$D/$name/upper/data"
	sha256sum <"$D/$name/upper/data" >"$BATS_TEST_TMPDIR/sum"
	becomes "$(delayed 6000)"
	start=$EPOCHREALTIME
	timeout 60 "$1" delete "$name" 3>&-
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a " s"; exit b - a >= 6 }'
	records "$name" | grep 'result=timed out after 2 s, still running$'
	[ "$(records "$name" | wc -l)" = 1 ]
	sync_running
	# It ends by itself; who syncs after it does not wait for ever either.
	timeout 90 bash -c 'while pgrep -x oci-syncfs-hook >/dev/null; do sleep 0.2; done'
	becomes "$(delayed 0)"
	timeout 60 sync -f "$B/rootfs"
	# The disk is gone: what is there after that was there before.
	becomes "0 $(blockdev --getsz "$DISK1") error"
	umount "$B/rootfs" "$D"
	becomes "$(delayed 0)"
	mount /dev/mapper/disk "$D"
	sha256sum <"$B/upper/data" | cmp - "$BATS_TEST_TMPDIR/sum"
}

@test "runc: a sync that takes longer than --timeout goes on, and completes" {
	comes_late runc
}

@test "crun: a sync that takes longer than --timeout goes on, and completes" {
	comes_late crun
}
