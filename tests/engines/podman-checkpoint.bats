#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checkpoint and restore by podman, rootful, with crun and with runc: the hook as
# CRIU's action script, and at poststop. To run it: see podman.bats.

load podman

setup_file() {
	podman_disk
}

teardown_file() {
	podman_disk_end
}

setup() {
	NAME=c$BATS_TEST_NUMBER DATA=()
	podman_neighbour
}

teardown() {
	pod rm -f -t 0 "$NAME" 2>/dev/null || true
}

DUMPED="pre-dump $SYNCED, post-dump $SYNCED"
STOPPED="poststop $SYNCED"

running() {
	[ "$(pod inspect --format '{{.State.Status}}' "$NAME")" = running ]
}

leaves_running() {
	start "$NAME" --network none
	alone "podman $1" 'checkpoint --leave-running' "$DUMPED" \
		pod container checkpoint --leave-running "$NAME"
	running
	write_again "$NAME"
	alone "podman $1" 'stop after it' "$STOPPED" pod stop -t 0 "$NAME"
}
for_each_runtime 'checkpoint that leaves the container running' leaves_running

restores() {
	start "$NAME" --network none
	alone "podman $1" checkpoint "$DUMPED, $STOPPED" pod container checkpoint "$NAME"
	alone "podman $1" restore '' pod container restore "$NAME"
	running
	write_again "$NAME"
	alone "podman $1" 'stop after it' "$STOPPED" pod stop -t 0 "$NAME"
}
for_each_runtime 'checkpoint, restore, stop' restores

# Of a container that it has imported, podman (5.4) runs no poststop hook. What
# stops it unmounts its overlay, and that is a sync of this overlay alone.
imports() {
	local archive=$BATS_TEST_TMPDIR/archive
	start "$NAME" --network none
	alone "podman $1" 'checkpoint --export' "$DUMPED, $STOPPED" \
		pod container checkpoint --export "$archive" "$NAME"
	pod rm "$NAME"
	EXPECT='' measure "podman $1" 'restore --import' pod container restore --import "$archive" --name "$NAME"
	[ -z "$DID" ]
	[ "$OTHER" = "$NEIGHBOUR_PAGES" ]
	[ "$KIB" -lt "$SLACK_KIB" ]
	running
	DATA=("$(upper_of "$NAME")/data")
	[ "$(stat -c %s "${DATA[0]}")" = 4194304 ]
	write_again "$NAME"
	if [ "$1" = runc ]; then
		# What runc has restored CRIU (4.1) cannot seize, with or without a hook.
		run ! pod container checkpoint --leave-running "$NAME"
		running
	else
		alone "podman $1" 'checkpoint of the imported' "$DUMPED" \
			pod container checkpoint --leave-running "$NAME"
	fi
	write_again "$NAME"
	alone "podman $1" 'stop of the imported' '' pod stop -t 0 "$NAME"
	[ "$KIB" -ge "$OWN_KIB" ]
}
for_each_runtime 'export, import, stop' imports
