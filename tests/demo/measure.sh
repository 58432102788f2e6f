#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: two containers on one upper filesystem, B with 256 MiB that
# nobody has written yet. Measure what stopping A costs, or, as the limit that
# no sync can go below, one fsync of as much. Then cut the power.
#
#   measure.sh stock|patched|limit FS
#
# Prints progress, and for the host: "result {JSON}", "expect ACTION SHA256
# FILE" for what must be there after the reset.
set -euo pipefail

module=$1
PATH=$PWD:$PATH
hook=$PWD/oci-syncfs-hook
records=/tmp/records

FS=$2
# shellcheck source-path=SCRIPTDIR source=../tools/upper.bash
. ./upper.bash

quiet_flusher
mkdir -p /up
mount_fs "$DISK1" /up
disk=$(basename "$DISK1")

bundle() {
	local dir=/up/$1
	mkdir -p "$dir"/{upper,work,rootfs}
	mount -t overlay "$1" "$dir/rootfs" \
		-o "lowerdir=/up/image,upperdir=$dir/upper,workdir=$dir/work"
	runc spec -b "$dir"
	jq --arg script "$2" --arg hook "$hook" '
		.process.terminal = false | .root.readonly = false |
		.process.args = ["/bin/sh", "-c", $script] |
		.hooks.poststop = [{path: $hook,
			args: [$hook, "--stage", "poststop", "--timeout", "300",
				"--fallback", "sync"]}]
	' "$dir/config.json" >"$dir/config.new"
	mv "$dir/config.new" "$dir/config.json"
}

# container NAME SCRIPT: run it until it has written what it is to write.
container() {
	bundle "$1" "$2; touch /ready; exec busybox sleep 1000"
	runc run -d -b "/up/$1" "$1" >/dev/null 2>&1 </dev/null
	until [ -e "/up/$1/rootfs/ready" ]; do sleep 0.1; done
}

# Counters of the device: sectors written, flushes.
counters() {
	awk '{ print $7, $16 }' "/sys/block/$disk/stat"
}

neighbour_pages() {
	ovlio 'pages /up/b/upper/big'
}

# report ACTION SECONDS SECTORS FLUSHES: since these were read.
report() {
	local sectors flushes
	read -r sectors flushes < <(counters)
	jq -cn --arg module "$module" --arg action "$1" --argjson seconds "$2" \
		--argjson sectors $((sectors - $3)) --argjson flushes $((flushes - $4)) \
		--argjson pages "$(neighbour_pages)" '{
			$module, $action, mib_written: ($sectors / 2048 * 100 | round / 100),
			$flushes, $seconds, neighbour_dirty_mib: ($pages / 256)}' |
		sed 's/^/result /'
}

expect() {
	echo "expect $1 $(sha256sum "$2")"
}

say() {
	echo "  $*"
}

busybox syslogd -n -O $records &
say "container B writes 256 MiB and goes on running"
container b 'busybox dd if=/dev/zero of=/big bs=1M count=256'

if [ "$module" = limit ]; then
	ovlio 'open f rwc /up/file' 'write f 0 4M'
	sha=$(sha256sum /up/file)
	read -r sectors flushes < <(counters)
	say "fsync of one file of 4 MiB on the upper filesystem itself"
	seconds=$(ovlio 'open f rw /up/file' 'clock a' 'fsync f' 'clock b' |
		awk '$1 == "a" { a = $2 } END { printf "%.3f", $2 - a }')
	report fsync "$seconds" "$sectors" "$flushes"
	echo "expect fsync $sha"
	exec guest-reset
fi

say "container A writes 4 MiB"
container a 'busybox dd if=/dev/urandom of=/data bs=1M count=4'
runc kill a KILL
until [ "$(runc state a | jq -r .status)" = stopped ]; do sleep 0.1; done
expect syncfs /up/a/rootfs/data

say "container A stops: its hook calls syncfs at poststop"
read -r sectors flushes < <(counters)
runc delete a
record=$(grep 'container=a stage=poststop' $records) || {
	echo "error: the hook left no record" >&2
	cat $records >&2
	exit 1
}
say "${record#*oci-syncfs-hook}"
[[ $record == *result=synced* ]]
[[ $record =~ duration=([0-9.]+)s ]]
report syncfs "${BASH_REMATCH[1]}" "$sectors" "$flushes"

say "both are dirty again, then A's overlay is unmounted"
ovlio 'open g rw /up/b/rootfs/big' 'write g 0 256M' \
	'open f rwc /up/a/rootfs/more' 'write f 0 4M'
expect umount /up/a/rootfs/more
read -r sectors flushes < <(counters)
seconds=$(ovlio 'clock a' 'umount /up/a/rootfs' 'clock b' |
	awk '$1 == "a" { a = $2 } END { printf "%.3f", $2 - a }')
report umount "$seconds" "$sectors" "$flushes"

exec guest-reset
