# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Containers with an overlay root file system, and a syslog daemon to read the
# hook's records from. For the guest (tests/guest/run): as root, with $DISK1.

bats_require_minimum_version 1.5.0

# Where --put leaves the hook, or where it was built.
hook_binary() {
	local p
	for p in "${HOOK:-}" ./oci-syncfs-hook \
		"$BATS_TEST_DIRNAME/../../build/hook/oci-syncfs-hook" \
		"$BATS_TEST_DIRNAME/../../../build/hook/oci-syncfs-hook"; do
		if [ -n "$p" ] && [ -x "$p" ]; then
			readlink -f "$p"
			return
		fi
	done
	echo "no oci-syncfs-hook: run make hook, or set HOOK" >&2
	return 1
}

# The file system that upper directories are on, and what containers are of.
data_disk() {
	D=/mnt/hook
	mkdir -p $D
	mkfs.ext4 -q -F "${1:-$DISK1}"
	mount "${1:-$DISK1}" $D
	lower_layer
	# Nothing is written unless somebody asks for it.
	echo 0 >/proc/sys/vm/dirty_writeback_centisecs
}

lower_layer() {
	mkdir -p "$D"/lower/bin "$D"/lower/{proc,dev,sys,tmp}
	cp /usr/bin/busybox "$D/lower/bin/busybox"
	ln -s busybox "$D/lower/bin/sh"
}

start_syslog() {
	LOG=$BATS_FILE_TMPDIR/log
	: >"$LOG"
	busybox syslogd -n -O "$LOG" 3>&- &
	SYSLOGD=$!
	local i
	for ((i = 0; i < 100; i++)); do
		[ -S /dev/log ] && return
		sleep 0.1
	done
	return 1
}

stop_syslog() {
	kill "$SYSLOGD"
	rm -f /dev/log
}

# records CONTAINER: what the hook logged of it.
records() {
	grep "oci-syncfs-hook: container=$1 " "$LOG" || true
}

# wait_record CONTAINER: the same, once there is one.
wait_record() {
	local i
	for ((i = 0; i < 100; i++)); do
		[ -z "$(records "$1")" ] || break
		sleep 0.1
	done
	records "$1"
}

# overlay NAME [OPTION]: a fresh bundle directory with an overlay at rootfs.
overlay() {
	B=$D/$1
	mkdir -p "$B"/{upper,work,rootfs}
	mount -t overlay overlay "$B/rootfs" \
		-o "lowerdir=$D/lower,upperdir=$B/upper,workdir=$B/work${2:+,$2}"
}

# bundle NAME SCRIPT: a config.json that runs SCRIPT in $B/rootfs.
bundle() {
	B=$D/$1
	mkdir -p "$B/rootfs"
	rm -f "$B/config.json"
	runc spec -b "$B"
	jq --arg script "$2" '
		.process.terminal = false | .root.readonly = false |
		.process.args = ["/bin/sh", "-c", $script]
	' "$B/config.json" >"$B/config.new"
	mv "$B/config.new" "$B/config.json"
}

# add_hook NAME STAGE PATH [ARG...]: append a hook to a bundle's config.json.
add_hook() {
	local config=$D/$1/config.json stage=$2 path=$3
	shift 3
	jq --arg stage "$stage" --arg path "$path" '
		.hooks[$stage] += [{path: $path, args: ([$path] + $ARGS.positional)}]
	' "$config" --args -- "$@" >"$config.new"
	mv "$config.new" "$config"
}

# run_to_end RUNTIME NAME: run it detached, wait until it has stopped.
run_to_end() {
	local i
	"$1" run -d -b "$D/$2" "$2" >"$D/$2.out" 2>&1 </dev/null 3>&- ||
		{ cat "$D/$2.out"; return 1; }
	for ((i = 0; i < 300; i++)); do
		[ "$("$1" state "$2" | jq -r .status)" = stopped ] && return
		sleep 0.1
	done
	return 1
}

# on_disk FILE: whether all of it has been given a place there. filefrag does
# not sync; a dirty page of ext4 has none yet.
on_disk() {
	[ -s "$1" ] && ! filefrag -v "$1" | grep -q delalloc
}
