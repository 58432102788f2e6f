#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hook under podman, rootful, with crun and with runc, as the file for
# hooks.d has it. In the guest, with the image that has podman:
#   tests/guest/run --image engines --disk 2G --put build/hook/oci-syncfs-hook \
#       --put tests/hook --put tests/engines --put oci-config -- bats engines/podman.bats

setup_file() {
	load ../hook/lib
	HOOK=$(hook_binary)
	data_disk
	start_syslog
	install -D "$HOOK" /usr/libexec/oci/hooks.d/oci-syncfs-hook
	install -D -m 644 oci-config/podman/overlay-syncfs.json \
		/usr/share/containers/oci/hooks.d/overlay-syncfs.json
	export HOOK D LOG SYSLOGD
	tar -C "$D/lower" -c . | pod import - localhost/busybox >&2
	# One that nobody syncs.
	pod run -d --name neighbour --network none localhost/busybox sh -c \
		'dd if=/dev/zero of=/data bs=1M count=64; sleep 100000' >&2
	sleep 3
}

teardown_file() {
	load ../hook/lib
	pod rm -f -t 0 -a
	stop_syslog
	umount -l "$D"
}

setup() {
	load ../hook/lib
	NAME=c$BATS_TEST_NUMBER
}

teardown() {
	pod rm -f -t 0 "$NAME" 2>/dev/null || true
}

pod() {
	podman --root "$D/containers" --runroot "$D/run" --storage-driver overlay \
		--cgroup-manager cgroupfs --events-backend none --runtime "${RUNTIME:-crun}" "$@" 3>&-
}

# start [OPTION...]: a container that writes, and stays.
start() {
	pod run -d --name "$NAME" --network none \
		--annotation io.overlay-syncfs.enable=true "$@" localhost/busybox \
		sh -c 'dd if=/dev/zero of=/data bs=1M count=4 2>/dev/null; sleep 100000'
	ID=$(pod inspect --format '{{.ID}}' "$NAME")
	UPPER=$(pod inspect --format '{{.GraphDriver.Data.UpperDir}}' "$NAME")
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$(stat -c %s "$UPPER/data" 2>/dev/null)" != 4194304 ] || break
		sleep 0.1
	done
	run ! on_disk "$UPPER/data"
}

neighbour_on_disk() {
	on_disk "$(pod inspect --format '{{.GraphDriver.Data.UpperDir}}' neighbour)/data"
}

# synced COUNT: so many records of this container, all of them good.
synced() {
	wait_record "$ID"
	[ "$(records "$ID" | wc -l)" = "$1" ]
	[ "$(records "$ID" | grep -c 'stage=poststop .*mode=per-overlay .*result=synced$')" = "$1" ]
	run ! neighbour_on_disk
}

stops() {
	start
	pod stop -t 1 "$NAME"
	synced 1
	on_disk "$UPPER/data"
}

@test "crun: stop" {
	RUNTIME=crun stops
}

@test "runc: stop" {
	RUNTIME=runc stops
}

@test "kill" {
	start
	pod kill "$NAME"
	pod wait "$NAME"
	synced 1
}

@test "restart" {
	start
	pod restart -t 1 "$NAME"
	synced 1
	pod stop -t 1 "$NAME"
	synced 2
}

@test "rm of a running container" {
	start
	pod rm -f -t 1 "$NAME"
	synced 1
}

@test "run --rm: volatile, and said to be" {
	start --rm
	pod stop -t 1 "$NAME"
	wait_record "$ID"
	records "$ID" | grep -q 'stage=poststop .*result=skipped: volatile$'
}

@test "without the annotation nothing is run" {
	pod run --name "$NAME" --network none localhost/busybox sh -c 'echo x >/data'
	ID=$(pod inspect --format '{{.ID}}' "$NAME")
	[ -z "$(records "$ID")" ]
}
