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

@test "a sync that hits it fails, once for each descriptor" {
	damage
	ovlio 'open d1 rD /mnt/a' 'open d2 rD /mnt/a' 'open n rD /mnt/b' \
		'open f rw /mnt/a/f' 'write f 0 64K' 'close f' \
		'!ENOSPC syncfs d1' 'syncfs d1' '!ENOSPC syncfs d2' 'syncfs d2' 'syncfs n'
}

# ext4_do_writepages() tells its caller only, and the flusher tells nobody.
@test "if the flusher hits it nobody is told, with or without an overlay" {
	damage
	ovlio 'open d rD /mnt/a' 'open u rD /up' 'open f rw /mnt/a/f' 'write f 0 64K' \
		"$(flusher_writes /up/a/upper/f)" 'syncfs d' 'syncfs u' 'fsync f'
	dmesg | grep 'This should not happen!! Data will be lost'
}
