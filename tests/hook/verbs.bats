#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command line, and CRIU's environment, on real overlays with our module:
# each syncs what it names, and nothing of the neighbour's. In the guest.

setup_file() {
	load lib
	HOOK=$(hook_binary)
	data_disk
	export HOOK D
}

teardown_file() {
	load lib
	umount "$D"
}

setup() {
	load lib
	overlay neighbour
	N=$B
	overlay "c$BATS_TEST_NUMBER"
	printf '{"root":{"path":"rootfs"}}' >"$B/config.json"
	dd if=/dev/zero of="$B/rootfs/data" bs=1M count=2 2>/dev/null
	dd if=/dev/zero of="$N/rootfs/data" bs=1M count=4 2>/dev/null
	run ! on_disk "$B/upper/data"
	run ! on_disk "$N/upper/data"
	RUNNING=
}

teardown() {
	[ -z "$RUNNING" ] || kill "$RUNNING"
	# One test has unmounted it.
	umount -l "$B/rootfs" 2>/dev/null || true
	umount -l "$N/rootfs"
	rm -rf "$N"
}

# A process that lives in the container.
process() {
	chroot "$B/rootfs" /bin/busybox sleep 1000 3>&- &
	RUNNING=$!
	sleep 1
}

# only_ours: ours is down, the neighbour's is not.
only_ours() {
	[[ $output == *" upper=ext4 mode=per-overlay "*" errno=- result=synced" ]]
	on_disk "$B/upper/data"
	run ! on_disk "$N/upper/data"
}

@test "sync PATH" {
	run -0 timeout 60 "$HOOK" sync "$B/rootfs"
	[[ $output == *"stage=sync mount=$B/rootfs "* ]]
	only_ours
}

@test "sync PATH, relative" {
	cd "$B"
	run -0 timeout 60 "$HOOK" sync rootfs
	only_ours
}

@test "sync --bundle" {
	run -0 timeout 60 "$HOOK" sync --bundle "$B"
	only_ours
}

@test "sync --pid" {
	process
	run -0 timeout 60 "$HOOK" sync --pid "$RUNNING"
	[[ $output == *"mount=/proc/$RUNNING/root "* ]]
	only_ours
}

@test "sync of a directory in the overlay, or of the host: not" {
	mkdir "$B/rootfs/dir"
	run -1 timeout 60 "$HOOK" sync "$B/rootfs/dir"
	[[ $output == *"is inside an overlay but none is mounted there"* ]]
	run -1 timeout 60 "$HOOK" sync "$D"
	[[ $output == *"result=skipped: not an overlay: "*" is ext4 "* ]]
	run -1 timeout 60 "$HOOK" sync --pid $$
	run ! on_disk "$B/upper/data"
	run ! on_disk "$N/upper/data"
}

@test "criu: pre-dump and post-dump, and again" {
	local action
	process
	for action in pre-dump post-dump post-dump; do
		dd if=/dev/zero of="$B/rootfs/data" bs=1M count=2 2>/dev/null
		run -0 env -i CRTOOLS_SCRIPT_ACTION=$action CRTOOLS_INIT_PID="$RUNNING" \
			timeout 60 "$HOOK" --strict <&-
		[[ $output == *"stage=$action mount=/proc/$RUNNING/root "* ]]
		only_ours
	done
}

@test "a container whose root is the overlay of another mount namespace" {
	umount "$B/rootfs"
	unshare -m --propagation unchanged sh -c "
		mount -t overlay overlay $B/rootfs -o lowerdir=$D/lower,upperdir=$B/upper,workdir=$B/work &&
			dd if=/dev/zero of=$B/rootfs/data bs=1M count=2 2>/dev/null &&
			exec chroot $B/rootfs /bin/busybox sleep 1000" 3>&- &
	RUNNING=$!
	sleep 2
	run -0 timeout 60 "$HOOK" sync --pid $RUNNING
	only_ours
}

@test "status tells what each sync would write, as the switch is" {
	local switch=/sys/module/overlay/parameters/sync_upper_inodes
	run -0 "$HOOK" status
	echo "$output"
	grep -Eq "^per-overlay +ext4 +- +$B/rootfs$" <<<"$output"
	grep -Eq "^per-overlay +ext4 +- +$N/rootfs$" <<<"$output"
	"$HOOK" status --json "$B/rootfs" | jq -e --arg b "$B" '
		. == [{mount: "\($b)/rootfs", sync: "per-overlay", upper: "ext4",
			upperdir: "\($b)/upper", volatile: false, read_only: false}]'
	echo N >$switch
	run -0 "$HOOK" status "$B/rootfs"
	echo Y >$switch
	grep -q "^whole-upper " <<<"$output"
	# Nothing was written by looking.
	run ! on_disk "$B/upper/data"
}
