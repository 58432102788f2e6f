#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hook as CRIU's action script, under runc and crun. In the guest, with the
# image that has CRIU:
#   tests/guest/run --image engines --disk 1G --put build/hook/oci-syncfs-hook \
#       --put tests/hook --put tests/engines -- bats engines/criu.bats

setup_file() {
	load ../hook/lib
	HOOK=$(hook_binary)
	data_disk
	start_syslog
	mkdir -p /etc/criu
	export HOOK D LOG SYSLOGD
}

teardown_file() {
	load ../hook/lib
	stop_syslog
	umount "$D"
}

setup() {
	load ../hook/lib
	NAME=c$BATS_TEST_NUMBER
	overlay neighbour
	N=$B
	dd if=/dev/zero of="$N/rootfs/data" bs=1M count=16 2>/dev/null
	overlay "$NAME"
	# It writes, says so, and stays.
	bundle "$NAME" 'dd if=/dev/zero of=/data bs=1M count=4 2>/dev/null; : >/ready; while :; do sleep 1; done'
	rm -f /etc/criu/*.conf
}

teardown() {
	runc delete -f "$NAME" 2>/dev/null || true
	crun delete -f "$NAME" 2>/dev/null || true
	umount -l "$B/rootfs" "$N/rootfs"
	rm -rf "$N"
}

# run_until_ready RUNTIME: without a file of ours, which CRIU could not dump.
run_until_ready() {
	local i
	"$1" --log "$B/out" run -d -b "$B" "$NAME" >/dev/null 2>&1 </dev/null 3>&- ||
		{ cat "$B/out"; return 1; }
	for ((i = 0; i < 300; i++)); do
		[ ! -e "$B/rootfs/ready" ] || break
		sleep 0.1
	done
	run ! on_disk "$B/upper/data"
}

# checkpoint RUNTIME [OPTION...]
checkpoint() {
	local runtime=$1
	shift
	"$runtime" checkpoint --image-path "$B/images" "$@" "$NAME" >"$B/out" 2>&1 ||
		{ cat "$B/out"; tail -n 20 "$B/images/dump.log"; return 1; }
}

# criu_records STAGE: those of the process that was dumped; none has a name.
criu_records() {
	grep "oci-syncfs-hook: container=- stage=$1 " "$LOG" | grep "$2" || true
}

# checkpoints RUNTIME CONFIGURATION: the container is synced, alone, by both.
checkpoints() {
	local runtime=$1 pid
	echo "action-script $HOOK" >"$2"
	run_until_ready "$runtime"
	pid=$("$runtime" state "$NAME" | jq .pid)
	checkpoint "$runtime" --leave-running
	criu_records pre-dump "/proc/$pid/root" | grep -q 'mode=per-overlay .*result=synced$'
	criu_records post-dump "/proc/$pid/root" | grep -q 'mode=per-overlay .*result=synced$'
	on_disk "$B/upper/data"
	run ! on_disk "$N/upper/data"
	[ "$("$runtime" state "$NAME" | jq -r .status)" = running ]
}

@test "runc: a checkpoint that leaves the container running" {
	checkpoints runc /etc/criu/default.conf
}

@test "crun: a checkpoint that leaves the container running" {
	checkpoints crun /etc/criu/default.conf
}

@test "runc: its own configuration, which has the script run twice" {
	checkpoints runc /etc/criu/runc.conf
	criu_records post-dump synced
}

# stops_and_restores RUNTIME
stops_and_restores() {
	echo "action-script $HOOK" >/etc/criu/default.conf
	run_until_ready "$1"
	checkpoint "$1"
	on_disk "$B/upper/data"
	run ! on_disk "$N/upper/data"
	"$1" restore -d --image-path "$B/images" -b "$B" "$NAME" >"$B/out" 2>&1 </dev/null 3>&- ||
		{ cat "$B/out"; return 1; }
	[ "$("$1" state "$NAME" | jq -r .status)" = running ]
}

@test "runc: checkpoint and restore" {
	stops_and_restores runc
}

@test "crun: checkpoint and restore" {
	stops_and_restores crun
}

@test "without the hook a checkpoint leaves the data in memory" {
	run_until_ready runc
	checkpoint runc --leave-running
	run ! on_disk "$B/upper/data"
}

@test "runc checkpoint --pre-dump runs no script: the command before it does it" {
	local pid
	echo "action-script $HOOK" >/etc/criu/default.conf
	run_until_ready runc
	pid=$(runc state "$NAME" | jq .pid)
	"$HOOK" sync --pid "$pid"
	on_disk "$B/upper/data"
	run ! on_disk "$N/upper/data"
	checkpoint runc --pre-dump
	[ -z "$(criu_records pre-dump "/proc/$pid/root")" ]
}

@test "a container without an overlay is not lost by a checkpoint; strict keeps it running" {
	umount "$B/rootfs"
	cp -a "$D/lower/." "$B/rootfs/"
	echo "action-script $HOOK" >/etc/criu/default.conf
	runc run -d -b "$B" "$NAME" >/dev/null 2>&1 </dev/null 3>&-
	sleep 2
	checkpoint runc --leave-running
	[ "$(runc state "$NAME" | jq -r .status)" = running ]
	# At pre-dump, before anything is frozen.
	echo '{"strict":true}' >/etc/oci-syncfs-hook.json
	run ! checkpoint runc
	rm /etc/oci-syncfs-hook.json
	[ "$(runc state "$NAME" | jq -r .status)" = running ]
	mount -t overlay overlay "$B/rootfs" -o "lowerdir=$D/lower,upperdir=$B/upper,workdir=$B/work"
}
