# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by the tests in this folder, which run in the guest: two overlays, a
# and b, on one pristine upper filesystem $FS on $DISK1. $DISK2 is free for any
# use, $DISK3 is the upper's second device if it has one.

UPPER_LOG=$DISK3
# shellcheck source-path=SCRIPTDIR source=../tools/upper.bash
. upper.bash

bats_require_minimum_version 1.5.0

# There is no udev here: dmsetup makes its nodes itself.
export DM_DISABLE_UDEV=1

mount_overlay() {
	local name=$1 options=${2:-}
	mkdir -p "/up/$name"/{lower,upper,work} "/mnt/$name"
	mount -t overlay "$name" "/mnt/$name" -o "lowerdir=/up/$name/lower,upperdir=/up/$name/upper,workdir=/up/$name/work$options"
}

# mount_upper [DEVICE]: on /up, with both overlays.
mount_upper() {
	UPPER_DEVICE=${1:-$DISK1}
	mkdir -p /up
	mount_fs "$UPPER_DEVICE" /up
	mount_overlay a
	mount_overlay b
	sync -f /up
}

# map_upper: the same, with a device below that remap_file can change.
map_upper() {
	dmsetup create upper --table "0 $(blockdev --getsz "$DISK1") linear $DISK1 0"
	mount_upper /dev/mapper/upper
}

# remap_file FILE error | delay MS: what becomes of writes to the data of a
# small file, while the rest of the device stays as it is.
remap_file() {
	local first last size target
	size=$(blockdev --getsz "$DISK1")
	# In units of 512 bytes; it must be of one extent.
	read -r first last < <(filefrag -b512 -e "$1" |
		awk -F'[ .:]+' '$2 ~ /^[0-9]+$/ { print $5, $6; n++ } END { exit n != 1 }')
	case $2 in
	error) target=error ;;
	delay) target="delay $DISK1 $first 0 $DISK1 $first $3 $DISK1 $first 0" ;;
	esac
	# Neither freeze the filesystem nor wait for what is dirty.
	dmsetup suspend --nolockfs --noflush upper
	dmsetup reload upper <<-TABLE
		0 $first linear $DISK1 0
		$first $((last - first + 1)) $target
		$((last + 1)) $((size - last - 1)) linear $DISK1 $((last + 1))
	TABLE
	dmsetup resume upper
}

setup() {
	load_overlay
	quiet_flusher
	make_fs "$DISK1"
	mount_upper
}

# Unmounting the upper right after the overlays fails if one of them left
# something behind.
teardown() {
	# Not mountpoint(1): it cannot look at what was shut down.
	tac /proc/mounts | awk '$2 ~ "^/(mnt/.*|up)$" { print $2 }' | xargs -rn1 umount
	dmsetup remove_all
	echo Y >"$SWITCH"
}

SWITCH=/sys/module/overlay/parameters/sync_upper_inodes

# A test of the engine on a module that has none must fail, not pass.
load_overlay() {
	[ -e "$SWITCH" ] || {
		echo "the loaded overlay module has no $SWITCH" >&2
		return 1
	}
}

# grown FIELD COMMAND...: by how much a field of the device's stat grows.
grown() {
	local stat before field=$1
	stat=/sys/block/$(basename "$(readlink -f "$UPPER_DEVICE")")/stat
	shift
	before=$(awk -v f="$field" '{ print $f }' "$stat")
	"$@" >&2 || return 1
	awk -v f="$field" -v b="$before" '{ print $f - b }' "$stat"
}

# written COMMAND...: how many KiB reach the device meanwhile.
written() {
	local sectors
	sectors=$(grown 7 "$@") && echo $((sectors / 2))
}

# flushes COMMAND...: how many cache flushes the device gets meanwhile.
flushes() {
	grown 16 "$@"
}

# Overlay inodes go; dirty upper inodes cannot.
evict() {
	echo 2 >/proc/sys/vm/drop_caches
}

# in_use CACHE: objects of a slab cache, after what CPUs keep was given back.
in_use() {
	echo 1 >"/sys/kernel/slab/$1/shrink"
	awk -v c="$1" '$1 == c { print $2; found = 1 } END { exit !found }' /proc/slabinfo
}

no_suspects() {
	[ "$(in_use ovl_suspect)" = 0 ]
}

# eventually SECONDS COMMAND...: it becomes true within so long.
eventually() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.3
	done
}

# dirty_neighbour MIB: b has so much unwritten data in /up/b/upper/big.
dirty_neighbour() {
	ovlio 'open f rwc /mnt/b/big' "write f 0 $1M"
}

# neighbour_dirty MIB: all of it is unwritten still.
neighbour_dirty() {
	[ "$(ovlio 'pages /up/b/upper/big')" = $(($1 * 256)) ]
}
