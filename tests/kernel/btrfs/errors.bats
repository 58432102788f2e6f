#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# btrfs tells of a lost write when it ends the ordered extent, which is after the
# end of writeback; and a transaction that was aborted makes it read-only.

load ../helper

setup() {
	pristine
	map_upper
	chattr -C /up/a/upper
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'syncfs /mnt/a'
}

# break_data: whatever is written to files, wherever they are put.
break_data() {
	local start length
	read -r start length < <(btrfs inspect-internal dump-tree -t chunk "$UPPER_DEVICE" |
		awk '/length .* type DATA/ { length_ = $2 }
			/stripe 0 .* offset/ && length_ { print $NF, length_; exit }')
	remap_sectors $((start / 512)) $(((start + length) / 512 - 1)) error
}

@test "new blocks that cannot be written are told of once, the neighbour of nothing" {
	break_data
	ovlio 'open d1 rD /mnt/a' 'open d2 rD /mnt/a' 'open n rD /mnt/b' \
		'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		'!EIO syncfs d1' 'syncfs d1' '!EIO syncfs d2' 'syncfs d2' 'syncfs n'
}

@test "the same if the flusher hit it, and the suspect was dropped" {
	break_data
	ovlio 'open d1 rD /mnt/a' 'open n rD /mnt/b' \
		'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		"$(flusher_writes /up/a/upper/f)" 'sh echo 2 >/proc/sys/vm/drop_caches' \
		'!EIO syncfs d1' 'syncfs d1' 'syncfs n'
}

@test "an aborted transaction: syncfs fails, with names to write or with data" {
	ovlio 'syncfs /mnt/a' 'sh mkdir /mnt/a/dir'
	remap_sectors 1 $(($(blockdev --getsz "$DISK1") - 2)) error
	run ! ovlio 'syncfs /mnt/a'
	grep ' /up btrfs ro' /proc/mounts
	ovlio '!EROFS syncfs /mnt/a' '!EROFS syncfs /mnt/a'
}
