#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hook under runc and crun alone: each stop and each checkpoint writes that
# container, and nothing of its neighbour. To run it: see podman.bats.

load runtime

DUMPED="pre-dump $SYNCED, post-dump $SYNCED"
STOPPED="poststop $SYNCED"

deletes() {
	start "$1"
	stop "$1"
	alone "$1" delete "$STOPPED" "$1" delete "$NAME"
}
for_each_runtime 'run, kill, delete' deletes

runs() {
	bundle "$NAME" "$WRITE"
	add_hook "$NAME" poststop "$HOOK"
	alone "$1" 'run to its end' "$STOPPED" "$1" run -b "$B" "$NAME"
	[ "$(stat -c %s "${DATA[0]}")" = 4194304 ]
}
for_each_runtime 'run to its end' runs

leaves_running() {
	start "$1"
	alone "$1" 'checkpoint --leave-running' "$DUMPED" checkpoint "$1" --leave-running
	[ "$(status "$1")" = running ]
	write_again
	stop "$1"
	alone "$1" 'delete after it' "$STOPPED" "$1" delete "$NAME"
}
for_each_runtime 'checkpoint that leaves the container running' leaves_running

# Either deletes what it has checkpointed, and runs poststop.
restores() {
	start "$1"
	alone "$1" checkpoint "$DUMPED, $STOPPED" checkpoint "$1"
	alone "$1" restore '' restore "$1"
	[ "$(status "$1")" = running ]
	write_again
	stop "$1"
	alone "$1" 'delete after it' "$STOPPED" "$1" delete "$NAME"
}
for_each_runtime 'checkpoint, restore, delete' restores

# A pre-dump runs no script, so the command syncs before it; the dump that it
# prepares does.
dumps_before() {
	start "$1"
	alone "$1" "sync --pid, for a pre-dump" "sync $SYNCED" \
		"$HOOK" sync --pid "$("$1" state "$NAME" | jq .pid)"
	alone "$1" 'checkpoint --pre-dump' '' "$1" checkpoint --pre-dump --image-path "$B/before" "$NAME"
	[ "$(status "$1")" = running ]
	write_again
	alone "$1" 'checkpoint after it' "$DUMPED, $STOPPED" checkpoint "$1" --parent-path ../before
}
for_each_runtime 'sync, checkpoint --pre-dump, checkpoint' dumps_before
