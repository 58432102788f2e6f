#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hook under rootless podman, which starts it in a user namespace of its
# own, and where it has no privileges at all. A checkpoint needs root.
# To run it: see podman.bats.

load podman
load lifecycle

USER_ID=1000

as_user() {
	(cd "$D/home" && setpriv --reuid $USER_ID --regid $USER_ID --clear-groups --inh-caps=-all \
		env -i HOME="$D/home" USER=user PATH="$PATH" XDG_RUNTIME_DIR=/run/user/$USER_ID "$@")
}

# pod: as in podman.bash, but the user's.
pod() {
	as_user podman --root "$D/home/containers" --runroot /run/user/$USER_ID/containers \
		--storage-driver overlay --cgroup-manager cgroupfs --events-backend none \
		--runtime "${RUNTIME:-crun}" "$@" 3>&-
}

setup_file() {
	chmod a+rx /run/guest /run/guest/files
	engine_disk
	# Debian's gives it its ranges in /etc/subuid and /etc/subgid.
	useradd -u $USER_ID -m -d "$D/home" user
	mkdir -p /run/user
	install -d -o $USER_ID -g $USER_ID /run/user/$USER_ID
	chmod a+rw /dev/fuse
	podman_storage
}

teardown_file() {
	podman_disk_end
}

setup() {
	NAME=c$BATS_TEST_NUMBER DATA=()
	podman_neighbour
}

teardown() {
	pod pod rm -f -t 0 "$NAME" 2>/dev/null || true
	pod rm -f -t 0 "$NAME" 2>/dev/null || true
}

export PODMAN=rootless
for_each_runtime stop stops
# To podman they are the same; and rootless, each takes twice the time.
RUNTIMES=crun for_each_runtime kill kills
RUNTIMES=crun for_each_runtime restart restarts
RUNTIMES=crun for_each_runtime 'rm of a running container' removes
RUNTIMES=crun for_each_runtime 'run --rm: volatile, and said to be' removes_itself
RUNTIMES=crun for_each_runtime 'pod of several containers' pods

# Where it has capabilities to give up, unlike below: no remark.
@test "the hook runs as root of podman's user namespace" {
	start "$NAME" --network none
	pod stop -t 0 "$NAME"
	wait_record "$(pod inspect --format '{{.Id}}' "$NAME")" | grep 'result=synced$'
}

@test "a checkpoint is refused by podman itself" {
	start "$NAME" --network none
	run ! pod container checkpoint "$NAME"
	[[ $output == *"requires root"* ]]
}

@test "with fuse-overlayfs it does nothing, and says so" {
	pod() {
		as_user podman --root "$D/home/fuse" --runroot /run/user/$USER_ID/fuse \
			--storage-driver overlay --storage-opt overlay.mount_program=/usr/bin/fuse-overlayfs \
			--cgroup-manager cgroupfs --events-backend none --runtime crun "$@" 3>&-
	}
	tar -C "$D/lower" -c . | pod import - localhost/busybox
	local EXPECT='poststop - skipped: fuse-overlayfs'
	start "$NAME" --network none
	measure rootless 'stop, fuse-overlayfs' pod stop -t 0 "$NAME"
	[[ $DID == "$EXPECT"* ]]
	[ "$OWN" = 1024 ]
	[ "$OTHER" = "$NEIGHBOUR_PAGES" ]
	pod rm -f "$NAME"
}

@test "a user without capabilities: what it cannot give up is said, and it syncs" {
	overlay own
	dd if=/dev/zero of="$B/rootfs/data" bs=1M count=4 2>/dev/null
	# shellcheck disable=SC2034  # measure reads it
	DATA=("$B/upper/data")
	alone 'a user' 'sync PATH' "sync $SYNCED" as_user "$HOOK" sync "$B/rootfs"
	grep -q "stage=sync mount=$B/rootfs .*result=synced (unprivileged: capability bounding set kept)$" "$LOG"
	umount "$B/rootfs"
}
