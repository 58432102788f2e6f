#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# podman with the kernel's own module: its umount writes everybody after each stop,
# whatever the hook does; a checkpoint that leaves the container running has none.
# To run it: see podman.bats, with --module stock.

load podman
load stock

setup_file() {
	[ ! -e /sys/module/overlay/parameters/sync_upper_inodes ]
	podman_disk
}

teardown_file() {
	podman_disk_end
}

setup() {
	NAME=c$BATS_TEST_NUMBER
	# shellcheck disable=SC2034  # measure reads it
	DATA=()
	podman_neighbour
}

teardown() {
	pod rm -f -t 0 "$NAME" 2>/dev/null || true
	rm -f /etc/oci-syncfs-hook.json
}

# begin: a start may sync everybody here.
begin() {
	start "$NAME" --network none
	podman_neighbour
}

skips_at_stop() {
	begin
	everybody "podman $1" 'stock: stop' "$(skipped poststop)" pod stop -t 0 "$NAME"
}
for_each_runtime 'stop: skips, and the umount in it writes everybody' skips_at_stop

syncs_at_checkpoint() {
	begin
	everybody "podman $1" 'stock: checkpoint' 'pre-dump whole-upper synced, post-dump whole-upper synced' \
		pod container checkpoint --leave-running "$NAME"
}
for_each_runtime 'checkpoint: syncs everybody' syncs_at_checkpoint

walks_at_checkpoint() {
	fallback walk
	begin
	alone "podman $1" 'stock: checkpoint, walk' "pre-dump $WALKED, post-dump $WALKED" \
		pod container checkpoint --leave-running "$NAME"
}
for_each_runtime 'checkpoint, walk: this container alone' walks_at_checkpoint
