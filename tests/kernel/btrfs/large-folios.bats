#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Large folios, which btrfs has since 6.17.

load ../helper

# It leaves a tag behind, but nothing to write.
@test "a large folio that was dirty when the file was cut is no alarm at umount" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 256K' 'close f' 'syncfs /mnt/a' \
		'open f rw /mnt/a/f' 'write f 0 64K' 'close f' 'truncate /mnt/a/f 10000' 'syncfs /mnt/a'
	dmesg -C
	umount /mnt/a
	run ! grep 'may be lost' <(dmesg)
}
