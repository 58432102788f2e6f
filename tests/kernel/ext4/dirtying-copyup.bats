#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copy up that leaves something dirty, although it calls fsync.

load ../durable

# The last hole is not copied, and the size set at last. If the copy ends within
# a block, the rest of it is zeroed then: the lower has smaller blocks.
# With data=ordered the journal's commit writes it, with data=writeback nobody.
# 6.1's ext4_setattr() zeroes nothing then, so nothing is dirty.
# bats test_tags=not-6-1
@test "copy up of a sparse file whose data ends within a block" {
	mkfs.ext4 -qb 1024 "$DISK2"
	umount /mnt/a
	mount "$DISK2" /up/a/lower
	dd if=/dev/urandom of=/up/a/lower/sparse bs=1K count=1 seek=1 status=none
	truncate -s 8M /up/a/lower/sparse
	mount_overlay a
	ovlio 'sh chmod 600 /mnt/a/sparse' 'dirty /up/a/upper/sparse' \
		'syncfs /mnt/a' 'clean /up/a/upper/sparse'
	cmp /up/a/lower/sparse /up/a/upper/sparse
	umount /mnt/a /up/a/lower
}
