#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# With the kernel's own module: what a stop and a checkpoint write under each
# fallback. To run it: see podman.bats, with --module stock.

load runtime
load stock

setup_file() {
	[ ! -e /sys/module/overlay/parameters/sync_upper_inodes ]
	runtime_disk
}

# The umount is what has always cost everybody.
skips_at_stop() {
	start "$1"
	stop "$1"
	nobody "$1" 'stock: delete' "$(skipped poststop)" "$1" delete "$NAME"
	everybody "$1" 'stock: umount after it' '' umount "$B/rootfs"
	overlay "$NAME"
}
for_each_runtime 'stop: skips, and the umount after it writes everybody' skips_at_stop

walks_at_stop() {
	fallback walk
	start "$1"
	stop "$1"
	alone "$1" 'stock: delete, walk' "poststop $WALKED" "$1" delete "$NAME"
}
for_each_runtime 'stop, walk: this container alone' walks_at_stop

# The default: durable before cheap.
syncs_at_checkpoint() {
	start "$1"
	everybody "$1" 'stock: checkpoint' 'pre-dump whole-upper synced, post-dump whole-upper synced' \
		checkpoint "$1" --leave-running
}
for_each_runtime 'checkpoint: syncs everybody' syncs_at_checkpoint

walks_at_checkpoint() {
	fallback walk
	start "$1"
	alone "$1" 'stock: checkpoint, walk' "pre-dump $WALKED, post-dump $WALKED" \
		checkpoint "$1" --leave-running
}
for_each_runtime 'checkpoint, walk: this container alone' walks_at_checkpoint

skips_at_checkpoint() {
	fallback skip
	start "$1"
	nobody "$1" 'stock: checkpoint, skip' "$(skipped pre-dump post-dump)" \
		checkpoint "$1" --leave-running
}
for_each_runtime 'checkpoint, skip: nothing is written' skips_at_checkpoint
