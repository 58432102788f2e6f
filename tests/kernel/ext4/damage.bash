# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by tests of an ext4 that has promised space and does not find it.

# damage [FEATURE]: bitmaps that know of no free block, unlike the group
# descriptors. No checksums, as these would leave bitmaps for later. ext4 looks
# at the block device's page cache, and again when it has forgotten what it made
# of that.
damage() {
	local block blocks
	umount /mnt/a /mnt/b /up
	mkfs.ext4 -q -F -b 4096 -O "^metadata_csum,^metadata_csum_seed${1:+,$1}" \
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
