# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by the tests in this folder, which run in the guest: two overlays, a
# and b, on one pristine upper filesystem $FS on $DISK1. $DISK2 is free for any
# use, $DISK3 is the upper's second device if it has one.

UPPER_LOG=$DISK3
# shellcheck source-path=SCRIPTDIR source=../tools/upper.bash
. upper.bash
# shellcheck source-path=SCRIPTDIR source=../tools/flushed.bash
. flushed.bash

bats_require_minimum_version 1.5.0

# There is no udev here: dmsetup makes its nodes itself.
export DM_DISABLE_UDEV=1

mount_overlay() {
	local name=$1 options=${2:-}
	mkdir -p "/up/$name"/{lower,upper,work} "/mnt/$name"
	mount -t overlay "$name" "/mnt/$name" -o "lowerdir=/up/$name/lower,upperdir=/up/$name/upper,workdir=/up/$name/work$options"
}

# map_device: /dev/mapper/upper, which is all of $DISK1 until it is changed.
map_device() {
	dmsetup create upper --table "0 $(blockdev --getsz "$DISK1") linear $DISK1 0"
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

# map_upper: the same, with a device below that remap_file can change. On btrfs,
# files of overlay a are overwritten in place, as they are on the others.
map_upper() {
	map_device
	mount_upper /dev/mapper/upper
	case $FS in
	btrfs*) chattr +C /up/a/upper ;;
	esac
}

# file_sectors FILE: the first and the last of a file of one extent.
file_sectors() {
	local start size
	case $FS in
	btrfs*)
		# What filefrag tells are addresses of btrfs's own.
		start=$(btrfs inspect-internal map-swapfile "$1" | awk '/^Physical/ { print $3 }')
		size=$(stat -c %s "$1")
		echo $((start / 512)) $(((start + size) / 512 - 1))
		;;
	*)
		filefrag -b512 -e "$1" | awk -F'[ .:]+' '
			$2 ~ /^[0-9]+$/ { print $5, $6; n++ } END { exit n != 1 }'
		;;
	esac
}

# full_device: a device that has no space left for whatever is written to it.
full_device() {
	modprobe loop
	mkdir -p /full
	mount -t tmpfs -o size=4K full /full
	truncate -s 1G /full/image
	# All of it, or the first write would be a short one, which loop ignores.
	! cat /dev/zero 2>/dev/null >/full/rest || return
	losetup --find --show /full/image
}

# remap_file FILE error | enospc | delay MS: what becomes of writes to the data
# of a small file, while the rest of the device stays as it is.
remap_file() {
	local first last
	read -r first last < <(file_sectors "$1")
	case $2 in
	error) remap_sectors "$first" "$last" error ;;
	enospc) remap_sectors "$first" "$last" "linear $(full_device) 0" ;;
	delay)
		remap_sectors "$first" "$last" \
			"delay $DISK1 $first 0 $DISK1 $first $3 $DISK1 $first 0"
		;;
	esac
}

# remap_sectors FIRST LAST TARGET: of the device below the upper.
remap_sectors() {
	local first=$1 last=$2 target=$3 size
	size=$(blockdev --getsz "$DISK1")
	dmsetup reload upper <<-TABLE
		0 $first linear $DISK1 0
		$first $((last - first + 1)) $target
		$((last + 1)) $((size - last - 1)) linear $DISK1 $((last + 1))
	TABLE
	# Neither freeze the filesystem nor wait for what is dirty.
	dmsetup suspend --nolockfs --noflush upper
	dmsetup resume upper
}

# pristine: an upper filesystem that nothing has been written to yet.
pristine() {
	load_overlay
	quiet_flusher
	make_fs "$DISK1"
}

setup() {
	pristine
	mount_upper
}

teardown() {
	unmount_all
}

# Unmounting the upper right after the overlays fails if one of them left
# something behind.
unmount_all() {
	# Not mountpoint(1): it cannot look at what was shut down.
	tac /proc/mounts | awk '$2 ~ "^/(mnt/.*|up)$" { print $2 }' | xargs -rn1 umount
	# Either may be on the other.
	losetup -D
	dmsetup remove_all
	losetup -D
	! grep -q '^full ' /proc/mounts || umount /full
	echo Y >"$SWITCH"
}

# force_read_only: as SysRq does it, with files open for write. It takes the
# guest's own root along.
force_read_only() {
	echo u >/proc/sysrq-trigger
	until grep -q ' /up [^ ]* ro' /proc/mounts && mount -o remount,rw /; do sleep 0.3; done
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

# used_space: of the upper, in KiB. btrfs gives space back when it commits, which
# the end of a subvolume makes it do.
used_space() {
	case $FS in
	btrfs*)
		btrfs -q subvolume create /up/commit
		btrfs -q subvolume delete -c /up/commit
		;;
	esac >&2
	df --output=used /up | tail -n1
}

# space_is_back KIB: no more than that is used, but for what is small.
space_is_back() {
	[ "$(used_space)" -lt $(($1 + 4096)) ]
}

# flusher_writes FILE: prints a command of ovlio's for it.
flusher_writes() {
	echo "sh bash -ec '. upper.bash; commit_data; wake_flusher; \
		until ovlio \"clean $1\" 2>/dev/null; do sleep 0.1; done; quiet_flusher'"
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

# dirty_neighbour MIB: b has so much unwritten data in /up/b/upper/big. With
# data=journal what is in the transaction is anybody's, so it has its commit.
dirty_neighbour() {
	ovlio 'open f rwc /mnt/b/big' "write f 0 $1M"
	commit_data
}

# neighbour_dirty MIB: all of it is unwritten still.
neighbour_dirty() {
	[ "$(ovlio 'pages /up/b/upper/big')" = $(($1 * 256)) ]
}
