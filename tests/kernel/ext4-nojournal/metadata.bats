#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Without a journal, metadata is written in place by the sync itself.

load ../helper

# inode_table FILE: the sectors that have the inodes of the file's group.
inode_table() {
	local group
	group=$((($(stat -c %i "$1") - 1) / $(dumpe2fs -h "$DISK1" 2>/dev/null |
		sed -n 's/^Inodes per group: *//p')))
	dumpe2fs "$DISK1" 2>/dev/null |
		sed -n 's/.*Inode table at \([0-9]*\)-\([0-9]*\).*/\1 \2/p' |
		awk -v group="$group" 'NR == group + 1 { print $1 * 8, $2 * 8 + 7 }'
}

@test "metadata that cannot be written is told to each descriptor once, on every overlay" {
	local first last
	umount /mnt/a /mnt/b /up
	map_upper
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'syncfs /mnt/a'
	read -r first last < <(inode_table /up/a/upper/f)
	remap_sectors "$first" "$last" error
	ovlio 'open d1 rD /mnt/a' 'open d2 rD /mnt/a' 'open n rD /mnt/b' \
		'sh chmod 600 /mnt/a/f' '!EIO syncfs d1' 'syncfs d1' '!EIO syncfs d2' \
		'!EIO syncfs n' 'syncfs n'
}
