# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced in the guest, and by who starts it: the upper filesystems that tests
# run on, by name, and how to have one that writes nothing of its own accord. $FS
# is one of
#
#   ext4  ext4-journal  ext4-writeback  ext4-nojournal  ext4-extjournal
#   ext4-fastcommit  xfs  xfs-extlog  btrfs  btrfs-compress  f2fs  tmpfs  ext2
#
# The ones with an external journal or log have it on $UPPER_LOG.

: "${UPPER_LOG:=${DISK2:-}}"

# upper_type: what mount(8) and /proc/filesystems call it.
upper_type() {
	echo "${FS%%-*}"
}

# upper_disk_size: sparse. A small btrfs soon runs short of space for metadata
# and writes everybody's data to get some.
upper_disk_size() {
	case $FS in
	btrfs*) echo 4G ;;
	*) echo 1G ;;
	esac
}

# upper_devices DEVICE: all that hold something of it.
upper_devices() {
	case $FS in
	*-extjournal | *-extlog) echo "$1 $UPPER_LOG" ;;
	tmpfs) ;;
	*) echo "$1" ;;
	esac
}

# upper_inode_cache: the slab cache of its inodes.
upper_inode_cache() {
	case $FS in
	xfs*) echo xfs_inode ;;
	btrfs*) echo btrfs_inode ;;
	*) echo "$(upper_type)_inode_cache" ;;
	esac
}

# upper_unflushed: what is not flushed in any kernel, if there is such a thing: a
# sector, or M for metadata. btrfs writes the copy of its super block after the
# flush, and does not need it. sync_filesystem() does not wait for the metadata
# of ext2, in the block device's page cache, before it flushes: on a plain ext2, 8
# of 300 syncs were seen to flush while it was on its way.
upper_unflushed() {
	case $FS in
	btrfs*) echo 131072 ;;
	ext2) echo M ;;
	esac
}

# quiet_flusher: nothing becomes clean but by the sync under test.
quiet_flusher() {
	echo 0 >/proc/sys/vm/dirty_writeback_centisecs
	echo 360000 >/proc/sys/vm/dirty_expire_centisecs
	echo 80 >/proc/sys/vm/dirty_ratio
	echo 70 >/proc/sys/vm/dirty_background_ratio
}

# commit_data: with data=journal data is in the transaction first, and the flusher
# writes a page only once it is committed, which nobody else does for minutes.
commit_data() {
	[ "$FS" = ext4-journal ] || return 0
	: >/up/committed
	sync /up/committed
}

# wake_flusher: it writes whatever is dirty.
wake_flusher() {
	echo 1 >/proc/sys/vm/dirty_expire_centisecs
	echo 1 >/proc/sys/vm/dirty_writeback_centisecs
}

# quiet_xfs: its log is not forced by a timer, from the next mount on.
quiet_xfs() {
	modprobe xfs
	echo 720000 >/proc/sys/fs/xfs/xfssyncd_centisecs
}

# make_fs DEVICE [MKFS-OPTION...]: pristine, and without work left for after the mount.
make_fs() {
	local ext4=(mkfs.ext4 -q -b 4096 -E 'lazy_itable_init=0,lazy_journal_init=0')
	[ "$FS" != tmpfs ] || return 0
	wipefs -qa "$1"
	ext4+=("${@:2}")
	case $FS in
	ext4 | ext4-journal | ext4-writeback) "${ext4[@]}" "$1" ;;
	ext4-nojournal) "${ext4[@]}" -O ^has_journal "$1" ;;
	ext4-fastcommit) "${ext4[@]}" -O fast_commit "$1" ;;
	ext4-extjournal)
		wipefs -qa "$UPPER_LOG"
		"${ext4[@]}" -O journal_dev "$UPPER_LOG"
		"${ext4[@]}" -J device="$UPPER_LOG" "$1"
		;;
	xfs)
		quiet_xfs
		mkfs.xfs -q -f "${@:2}" "$1"
		;;
	xfs-extlog)
		quiet_xfs
		mkfs.xfs -q -f -l logdev="$UPPER_LOG" "$1"
		;;
	btrfs | btrfs-compress)
		# It wants to tell the module of the device.
		modprobe btrfs
		mkfs.btrfs -q -f "${@:2}" "$1"
		;;
	f2fs) mkfs.f2fs -q -f "$1" ;;
	ext2) mkfs.ext2 -q -b 4096 -E lazy_itable_init=0 "$1" ;;
	*) echo "no upper filesystem is called '$FS'" >&2 && return 1 ;;
	esac
}

# upper_options: for mount(8). No commit by a timer, and no file written early
# because it replaces another, as ext4 does.
upper_options() {
	local quiet=noauto_da_alloc,commit=300
	case $FS in
	ext4 | ext4-fastcommit) echo "$quiet" ;;
	ext4-journal) echo "$quiet,data=journal" ;;
	ext4-writeback) echo "$quiet,data=writeback" ;;
	ext4-nojournal) echo noauto_da_alloc ;;
	ext4-extjournal) echo "$quiet,journal_path=$UPPER_LOG" ;;
	xfs-extlog) echo "logdev=$UPPER_LOG" ;;
	btrfs) echo commit=300 ;;
	btrfs-compress) echo commit=300,compress-force=zstd ;;
	f2fs) echo background_gc=off ;;
	*) echo defaults ;;
	esac
}

# mount_fs DEVICE FOLDER [OPTIONS]
mount_fs() {
	mount -t "$(upper_type)" -o "$(upper_options)${3:+,$3}" "$1" "$2"
	quiet_device "$2"
}

# quiet_device FOLDER: of a device that has written nothing yet, the flusher
# allows next to no dirty pages; give it a share of all.
quiet_device() {
	local bdi
	bdi=/sys/class/bdi/$(mountpoint -d "$1")
	[ ! -e "$bdi" ] || echo 20 >"$bdi/min_ratio"
}
