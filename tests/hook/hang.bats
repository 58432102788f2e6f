#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Things that never answer, and many containers at once. In the guest.

setup_file() {
	load lib
	HOOK=$(hook_binary)
	data_disk
	start_syslog
	export HOOK D LOG SYSLOGD
}

teardown_file() {
	load lib
	stop_syslog
	umount "$D"
}

setup() {
	load lib
}

# A file system whose daemon is us, and we never answer.
mount_dead_fuse() {
	modprobe -q fuse || true
	exec {FUSE}<>/dev/fuse
	mount -i -t fuse dead "$1" -o "fd=$FUSE,rootmode=40000,user_id=0,group_id=0"
}

# Closing the descriptor ends the connection: whoever waits gets an error.
end_dead_fuse() {
	exec {FUSE}>&-
	umount -l "$1"
}

@test "a rootfs on a FUSE that hangs: the hook leaves in time, nothing stays" {
	local b=$D/fuse start=$EPOCHREALTIME
	mkdir -p "$b/rootfs"
	printf '{"root":{"path":"rootfs"}}' >"$b/config.json"
	mount_dead_fuse "$b/rootfs"
	run -1 timeout 30 "$HOOK" --timeout 2 --strict {FUSE}>&- \
		<<<'{"id":"fuse","status":"stopped","bundle":"'"$b"'"}'
	echo "$output"
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a < 10) }'
	[[ $output == *"result=timed out after 2 s opening rootfs \"rootfs\"" ]]
	sleep 1
	run ! pgrep -x oci-syncfs-hook
	end_dead_fuse "$b/rootfs"
}

@test "a bundle on a FUSE that hangs" {
	local b=$D/fusebundle
	mkdir -p "$b"
	mount_dead_fuse "$b"
	run -0 timeout 30 "$HOOK" --timeout 2 {FUSE}>&- \
		<<<'{"id":"fuse","status":"stopped","bundle":"'"$b"'"}'
	echo "$output"
	[[ $output == *"result=timed out after 2 s reading the config.json of \"$b\"" ]]
	end_dead_fuse "$b"
}

@test "200 containers stop at once, each in time, each synced" {
	local i pids=() start
	for ((i = 0; i < 200; i++)); do
		overlay "m$i"
		printf '{"root":{"path":"rootfs"}}' >"$B/config.json"
		dd if=/dev/zero of="$B/rootfs/data" bs=64K count=1 2>/dev/null
	done
	start=$EPOCHREALTIME
	for ((i = 0; i < 200; i++)); do
		"$HOOK" --strict --timeout 60 2>/dev/null 3>&- \
			<<<'{"id":"m'$i'","status":"stopped","bundle":"'"$D/m$i"'"}' &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a " s" }'
	for ((i = 0; i < 200; i++)); do
		[ "$(records "m$i" | wc -l)" = 1 ]
		records "m$i" | grep -q 'result=synced$'
		on_disk "$D/m$i/upper/data"
		umount "$D/m$i/rootfs"
	done
}
