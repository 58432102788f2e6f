#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hook under podman, rootful, with crun and with runc, as the file for
# hooks.d has it. In the guest, with the image that has podman:
#   tests/guest/run --image engines --memory 2048 --disk 2G \
#       --put build/hook/oci-syncfs-hook --put build/tests/ovlio \
#       --put tests/tools/upper.bash --put tests/hook --put tests/engines \
#       --put oci-config -- bats engines/podman.bats

load podman
load lifecycle

setup_file() {
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
	pod pod rm -f -t 0 "$NAME" 2>/dev/null || true
	pod rm -f -t 0 "$NAME" 2>/dev/null || true
}

export PODMAN=podman
for_each_runtime stop stops
for_each_runtime 'run to its end' ends
for_each_runtime kill kills
for_each_runtime restart restarts
for_each_runtime 'rm of a running container' removes
for_each_runtime 'run --rm: volatile, and said to be' removes_itself
for_each_runtime 'pod of several containers' pods

@test "without the annotation nothing is run" {
	pod run -d --name "$NAME" --network none localhost/busybox \
		sh -c "$WRITE; while :; do sleep 1; done"
	DATA=("$(upper_of "$NAME")/data")
	has_written "${DATA[0]}"
	# By its umount.
	alone 'podman crun' 'stop, no annotation' '' pod stop -t 0 "$NAME"
}
