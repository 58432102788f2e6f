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
	pod pod rm -f -t 0 "$NAME" 2>/dev/null || true
	pod rm -f -t 0 "$NAME" 2>/dev/null || true
}

STOPPED="poststop $SYNCED"

stops() {
	RUNTIME=$1
	start "$NAME" --network none
	alone "podman $1" stop "$STOPPED" pod stop -t 0 "$NAME"
	alone "podman $1" 'rm after it' '' pod rm "$NAME"
}
for_each_runtime stop stops

ends() {
	RUNTIME=$1
	# Its overlay is there from the start on.
	pod create --name "$NAME" --network none --annotation io.overlay-syncfs.enable=true \
		localhost/busybox sh -c "$WRITE"
	DATA=("$(upper_of "$NAME")/data")
	alone "podman $1" 'run to its end' "$STOPPED" pod start -a "$NAME"
	[ "$(stat -c %s "${DATA[0]}")" = 4194304 ]
}
for_each_runtime 'run to its end' ends

kills() {
	RUNTIME=$1
	start "$NAME" --network none
	alone "podman $1" kill "$STOPPED" pod kill "$NAME"
}
for_each_runtime kill kills

restarts() {
	RUNTIME=$1
	start "$NAME" --network none
	# It writes again as soon as it runs again.
	EXPECT=$STOPPED measure "podman $1" restart pod restart -t 0 "$NAME"
	[ "$DID" = "$STOPPED" ]
	[ "$OTHER" = $NEIGHBOUR_PAGES ]
	[ "$KIB" -ge $OWN_KIB ]
	[ "$KIB" -lt $((OWN_KIB + SLACK_KIB)) ]
	has_written "${DATA[0]}"
	alone "podman $1" 'stop after it' "$STOPPED" pod stop -t 0 "$NAME"
}
for_each_runtime restart restarts

removes() {
	RUNTIME=$1
	start "$NAME" --network none
	# Its data is written before it is removed.
	alone "podman $1" 'rm -f, running' "$STOPPED" pod rm -f -t 0 "$NAME"
	[ ! -e "${DATA[0]}" ]
}
for_each_runtime 'rm of a running container' removes

removes_itself() {
	RUNTIME=$1
	start "$NAME" --rm --network none
	alone "podman $1" 'run --rm, stop' 'poststop - skipped: volatile' pod stop -t 0 "$NAME"
	# Nothing of it either.
	[ "$KIB" -lt $OWN_KIB ]
}
for_each_runtime 'run --rm: volatile, and said to be' removes_itself

pods() {
	local n
	RUNTIME=$1
	pod pod create --name "$NAME" --network none
	for n in 1 2 3; do
		start "$NAME-$n" --pod "$NAME"
	done
	alone "podman $1" 'pod stop, 3 containers' "$STOPPED, $STOPPED, $STOPPED" \
		pod pod stop -t 0 "$NAME"
	pod pod start "$NAME"
	for n in 0 1 2; do
		has_written "${DATA[n]}"
	done
	local others=("${DATA[@]:1}")
	DATA=("${DATA[0]}")
	alone "podman $1" 'stop of one in a pod' "$STOPPED" pod stop -t 0 "$NAME-1"
	DATA=("${others[@]}")
	[ "$(dirty "${DATA[@]}")" = 2048 ]
	alone "podman $1" 'pod rm -f, 2 running' "$STOPPED, $STOPPED" pod pod rm -f -t 0 "$NAME"
}
for_each_runtime 'pod of several containers' pods

@test "without the annotation nothing is run" {
	EXPECT='' measure 'podman crun' 'run, no annotation' \
		pod run --name "$NAME" --network none localhost/busybox sh -c 'echo x >/data'
	[ -z "$DID" ]
	[ "$OTHER" = $NEIGHBOUR_PAGES ]
}
