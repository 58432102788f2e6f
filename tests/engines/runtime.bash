# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Loaded by the tests of runc and crun alone: a bundle whose container writes, says so,
# and stays. The hook is in its configuration for poststop, and CRIU's action script.

load lib

WRITE='dd if=/dev/zero of=/data bs=1M count=4 2>/dev/null'

runtime_disk() {
	engine_disk
	overlay neighbour
	mkdir -p /etc/criu
	sync -f "$D"
}

# For those that look at nothing first
setup_file() {
	runtime_disk
}

teardown_file() {
	umount -l "$D/neighbour/rootfs"
	stop_syslog
	umount -l "$D"
}

setup() {
	NAME=c$BATS_TEST_NUMBER
	neighbour "$D/neighbour/rootfs/data" "$D/neighbour/upper/data"
	overlay "$NAME"
	# Once more whenever there is a file that says so: an exec would be a second
	# tree of processes, which CRIU could not dump.
	bundle "$NAME" "$WRITE; while sleep 0.2; do [ ! -e /again ] || { rm /again; $WRITE; }; done"
	add_hook "$NAME" poststop "$HOOK"
	DATA=("$B/upper/data")
	echo "action-script $HOOK" >/etc/criu/default.conf
}

teardown() {
	runc delete -f "$NAME" 2>/dev/null || true
	crun delete -f "$NAME" 2>/dev/null || true
	umount -l "$B/rootfs"
	rm -rf "$B"
	rm -f /etc/criu/*.conf /etc/oci-syncfs-hook.json
}

# start RUNTIME: without a file of ours, which CRIU could not dump.
start() {
	"$1" --log "$B/out" run -d -b "$B" "$NAME" >/dev/null 2>&1 </dev/null 3>&- ||
		{ cat "$B/out"; return 1; }
	has_written
}

has_written() {
	local i
	for ((i = 0; i < 300; i++)); do
		[ "$(dirty "${DATA[0]}")" != 1024 ] || return 0
		sleep 0.1
	done
	return 1
}

write_again() {
	touch "$B/rootfs/again"
	has_written
}

status() {
	"$1" state "$NAME" | jq -r .status
}

# stop RUNTIME: it has ended, and is still to be deleted.
stop() {
	local i
	"$1" kill "$NAME" KILL
	for ((i = 0; i < 300; i++)); do
		[ "$(status "$1")" != stopped ] || return 0
		sleep 0.1
	done
	return 1
}

# checkpoint RUNTIME [OPTION...]
checkpoint() {
	local runtime=$1
	shift
	"$runtime" checkpoint --image-path "$B/images" "$@" "$NAME" >"$B/out" 2>&1 ||
		{ cat "$B/out"; tail -n 20 "$B/images/dump.log"; return 1; }
}

restore() {
	"$1" restore -d --image-path "$B/images" -b "$B" "$NAME" >"$B/out" 2>&1 </dev/null 3>&- ||
		{ cat "$B/out"; return 1; }
}
