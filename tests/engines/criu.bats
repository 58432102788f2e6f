#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the hook is, and is not, as CRIU's action script; what a checkpoint writes
# with it is in runtimes.bats and podman-checkpoint.bats. To run it: see podman.bats.

load runtime

DUMPED="pre-dump $SYNCED, post-dump $SYNCED"

@test "runc: its own configuration, which has the script run twice" {
	mv /etc/criu/default.conf /etc/criu/runc.conf
	start runc
	alone runc 'checkpoint, runc.conf' "pre-dump $SYNCED, $DUMPED, post-dump $SYNCED" \
		checkpoint runc --leave-running
}

# without_hook RUNTIME: what it is for.
without_hook() {
	rm /etc/criu/default.conf
	start "$1"
	EXPECT='' measure "$1" 'checkpoint, no hook' checkpoint "$1" --leave-running
	[ -z "$DID" ]
	[ "$OWN" = 1024 ]
}
for_each_runtime 'without the hook a checkpoint leaves the data in memory' without_hook

# writer RUNTIME: writes all the time, and has no hook at poststop.
writer() {
	bundle "$NAME" 'while :; do echo x; done >/data'
	"$1" --log "$B/out" run -d -b "$B" "$NAME" >/dev/null 2>&1 </dev/null 3>&-
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$(dirty "${DATA[0]}")" = 0 ] || return 0
		sleep 0.1
	done
	return 1
}

writes_until_frozen() {
	writer "$1"
	EXPECT=$DUMPED measure "$1" 'checkpoint of a writer' checkpoint "$1"
	[ "$DID" = "$DUMPED" ]
	[ "$OWN" = 0 ]
	[ "$OTHER" = "$NEIGHBOUR_PAGES" ]
}
for_each_runtime 'post-dump: what is written until the tasks are frozen is down' writes_until_frozen

@test "pre-dump alone would not do" {
	# shellcheck disable=SC2016  # CRIU's variable
	printf '%s\n' '#!/bin/sh' '[ "$CRTOOLS_SCRIPT_ACTION" != pre-dump ] || exec '"$HOOK" >"$B/script"
	chmod +x "$B/script"
	echo "action-script $B/script" >/etc/criu/default.conf
	writer runc
	EXPECT="pre-dump $SYNCED" measure runc 'checkpoint, pre-dump only' checkpoint runc
	[ "$DID" = "pre-dump $SYNCED" ]
	[ "$OWN" != 0 ]
}

# The process is the only name that it has.
@test "the records of a checkpoint name the process" {
	start runc
	local pid
	pid=$(runc state "$NAME" | jq .pid)
	checkpoint runc --leave-running
	[ "$(grep -c "oci-syncfs-hook: container=- stage=.*-dump mount=/proc/$pid/root " "$LOG")" = 2 ]
}

@test "a container without an overlay is not lost by a checkpoint; strict keeps it running" {
	umount "$B/rootfs"
	cp -a "$D/lower/." "$B/rootfs/"
	export DATA=("$B/rootfs/data")
	start runc
	checkpoint runc --leave-running
	[ "$(status runc)" = running ]
	# At pre-dump, before anything is frozen.
	echo '{"strict":true}' >/etc/oci-syncfs-hook.json
	run ! checkpoint runc
	[ "$(status runc)" = running ]
	runc delete -f "$NAME"
	rm -r "$B/rootfs"
	overlay "$NAME"
}
