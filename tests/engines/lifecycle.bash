# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Loaded by the tests of podman, rootful and rootless: what a container goes through,
# under the runtime $1. $NAME is the container's or pod's, $PODMAN what the table says.

STOPPED="poststop $SYNCED"

stops() {
	start "$NAME" --network none
	alone "$PODMAN $1" stop "$STOPPED" pod stop -t 0 "$NAME"
	alone "$PODMAN $1" 'rm after it' '' pod rm "$NAME"
}

ends() {
	# Its overlay is there from the start on.
	pod create --name "$NAME" --network none --annotation io.overlay-syncfs.enable=true \
		localhost/busybox sh -c "$WRITE"
	DATA=("$(upper_of "$NAME")/data")
	alone "$PODMAN $1" 'run to its end' "$STOPPED" pod start -a "$NAME"
	[ "$(stat -c %s "${DATA[0]}")" = 4194304 ]
}

kills() {
	start "$NAME" --network none
	alone "$PODMAN $1" kill "$STOPPED" pod kill "$NAME"
}

restarts() {
	start "$NAME" --network none
	# It writes again as soon as it runs again.
	EXPECT=$STOPPED measure "$PODMAN $1" restart pod restart -t 0 "$NAME"
	[ "$DID" = "$STOPPED" ]
	[ "$OTHER" = "$NEIGHBOUR_PAGES" ]
	[ "$KIB" -ge "$OWN_KIB" ]
	[ "$KIB" -lt $((OWN_KIB + SLACK_KIB)) ]
	has_written "${DATA[0]}"
	alone "$PODMAN $1" 'stop after it' "$STOPPED" pod stop -t 0 "$NAME"
}

removes() {
	start "$NAME" --network none
	# Its data is written before it is removed.
	alone "$PODMAN $1" 'rm -f, running' "$STOPPED" pod rm -f -t 0 "$NAME"
	[ ! -e "${DATA[0]}" ]
}

removes_itself() {
	start "$NAME" --rm --network none
	alone "$PODMAN $1" 'run --rm, stop' 'poststop - skipped: volatile' pod stop -t 0 "$NAME"
	# Nothing of it either.
	[ "$KIB" -lt "$OWN_KIB" ]
}

pods() {
	local n
	pod pod create --name "$NAME" --network none
	for n in 1 2 3; do
		start "$NAME-$n" --pod "$NAME"
	done
	alone "$PODMAN $1" 'pod stop, 3 containers' "$STOPPED, $STOPPED, $STOPPED" \
		pod pod stop -t 0 "$NAME"
	pod pod start "$NAME"
	for n in 0 1 2; do
		has_written "${DATA[n]}"
	done
	local others=("${DATA[@]:1}")
	DATA=("${DATA[0]}")
	alone "$PODMAN $1" 'stop of one in a pod' "$STOPPED" pod stop -t 0 "$NAME-1"
	DATA=("${others[@]}")
	[ "$(dirty "${DATA[@]}")" = 2048 ]
	alone "$PODMAN $1" 'pod rm -f, 2 running' "$STOPPED, $STOPPED" pod pod rm -f -t 0 "$NAME"
}
