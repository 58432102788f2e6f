#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Space that was promised when a file was written, and is not there when its
# blocks are allocated: ext4 throws the data away. It should not happen; it does
# if the bitmaps are damaged.

# Another file system than the name says, and with data=journal no delayed
# allocation:
# bats file_tags=not-ext4-extjournal,not-ext4-journal

load ../helper

# damage: bitmaps that know of no free block, unlike the group descriptors. No
# checksums, as these would leave bitmaps for later. ext4 looks at the block
# device's page cache, and again when it has forgotten what it made of that.
damage() {
	local block blocks
	umount /mnt/a /mnt/b /up
	mkfs.ext4 -q -F -b 4096 -O ^metadata_csum,^metadata_csum_seed \
		-E lazy_itable_init=0,lazy_journal_init=0 "$DISK1"
	mount_upper
	ovlio 'open f rwc /mnt/a/f' 'close f' 'syncfs /mnt/a'
	mapfile -t blocks < <(dumpe2fs "$DISK1" 2>/dev/null |
		sed -n 's/.*Block bitmap at \([0-9]*\).*/\1/p')
	[ ${#blocks[@]} -gt 0 ]
	for block in "${blocks[@]}"; do
		tr '\0' '\377' </dev/zero | dd of="$DISK1" bs=4096 count=1 iflag=fullblock \
			seek="$block" conv=notrunc,fsync status=none
	done
	echo 3 >/proc/sys/vm/drop_caches
}

# lost: ext4 has said so, since the last call.
lost() {
	dmesg -c | grep 'This should not happen!! Data will be lost'
}

# ext4_do_writepages() commits and tries again, finds nothing left to write, and
# returns 0. So nobody can be told.
@test "if a sync hits it nobody is told" {
	damage
	ovlio 'open d rD /mnt/a' 'open f rw /mnt/a/f' 'write f 0 64K' 'syncfs d' 'fsync f'
	lost
}

@test "if the flusher hits it nobody is told, with or without an overlay" {
	damage
	ovlio 'open d rD /mnt/a' 'open u rD /up' 'open f rw /mnt/a/f' 'write f 0 64K' \
		"$(flusher_writes /up/a/upper/f)" 'syncfs d' 'syncfs u' 'fsync f'
	lost
}
