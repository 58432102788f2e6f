# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Loaded by the tests of podman: it, its storage, and containers that write.

load lib

WRITE='dd if=/dev/zero of=/data bs=1M count=4 2>/dev/null'

pod() {
	podman --root "$D/containers" --runroot "$D/run" --storage-driver overlay \
		--cgroup-manager cgroupfs --events-backend none --runtime "${RUNTIME:-crun}" "$@" 3>&-
}

# podman_disk: for setup_file; with the configuration that a host has.
podman_disk() {
	engine_disk
	mkdir -p /etc/criu
	echo "action-script $HOOK" >/etc/criu/default.conf
	podman_storage
}

# podman_storage: an image, and a container that nobody syncs.
podman_storage() {
	install -D -m 644 oci-config/podman/overlay-syncfs.json \
		/usr/share/containers/oci/hooks.d/overlay-syncfs.json
	tar -C "$D/lower" -c . | pod import - localhost/busybox >&2
	pod run -d --name neighbour --network none localhost/busybox sh -c \
		'dd if=/dev/zero of=/data bs=1M count=256; sleep 100000' >&2
	has_written "$(upper_of neighbour)/data" "$NEIGHBOUR_PAGES"
	# What making them has left.
	sync -f /
}

podman_disk_end() {
	pod pod rm -f -t 0 -a
	pod rm -f -t 0 -a
	stop_syslog
	umount -l "$D"
}

podman_neighbour() {
	neighbour "/proc/$(pod inspect --format '{{.State.Pid}}' neighbour)/root/data" \
		"$(upper_of neighbour)/data"
}

upper_of() {
	pod inspect --format '{{.GraphDriver.Data.UpperDir}}' "$1"
}

# start NAME [OPTION...]: a container that writes, and stays. Adds to DATA.
start() {
	local data
	pod run -d --name "$1" --annotation io.overlay-syncfs.enable=true "${@:2}" \
		localhost/busybox sh -c "$WRITE; while :; do sleep 1; done"
	data=$(upper_of "$1")/data
	DATA+=("$data")
	has_written "$data"
}

# has_written FILE [PAGES]: all of it, and it is still dirty.
has_written() {
	local i
	for ((i = 0; i < 300; i++)); do
		[ "$(dirty "$1")" != "${2:-1024}" ] || return 0
		sleep 0.1
	done
	return 1
}

# write_again NAME: in the container, which runs.
write_again() {
	pod exec "$1" sh -c "$WRITE"
	has_written "$(upper_of "$1")/data"
}
