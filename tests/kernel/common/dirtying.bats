#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every way in which an upper inode becomes dirty through the overlay, and what
# may happen to its overlay inode until the sync.

load ../helper

@test "a file that is still open" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a' 'clean /up/a/upper/f' \
		'write f 0 64K' 'dirty /up/a/upper/f' 'syncfs f' 'clean /up/a/upper/f'
}

@test "a dirty inode whose overlay inode was evicted" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M'
	evict
	ovlio 'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "a dirty inode that was evicted and looked up again, many times" {
	local _ before
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M'
	before=$(in_use ovl_suspect)
	for _ in {1..20}; do
		evict
		stat /mnt/a/f >/dev/null
	done
	[ "$(in_use ovl_suspect)" = "$before" ]
	ovlio 'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "umount after the overlay inode was evicted" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M'
	evict
	umount /mnt/a
	ovlio 'clean /up/a/upper/f'
}

@test "a store through an old mapping after an earlier syncfs cleaned the inode" {
	ovlio 'open f rwc /mnt/a/f' 'ftruncate f 1M' 'mmap m f 1M' 'close f' \
		'store m 0 1M' 'syncfs /mnt/a' 'clean /up/a/upper/f' \
		'store m 4096 64K' 'dirty /up/a/upper/f' \
		'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "a mapping that is gone, of a file that is closed" {
	ovlio 'open f rwc /mnt/a/f' 'ftruncate f 1M' 'mmap m f 1M' 'close f' \
		'store m 0 1M' 'syncfs /mnt/a' 'store m 0 4096' 'munmap m' \
		'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "a page pinned through a mapping that is gone when the I/O into it ends" {
	dmsetup create slow --table "0 2048 delay $DISK2 0 1500 $DISK2 0 0"
	ovlio 'open f rwc /mnt/a/f' 'ftruncate f 64K' 'mmap m f 64K' 'store m 0 64K' \
		'aioread r m /dev/mapper/slow 64K' 'munmap m' 'close f' 'syncfs /mnt/a' \
		'clean /up/a/upper/f' 'aiowait r' 'sleep 0.3' 'dirty /up/a/upper/f' \
		'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "truncate by path, of a file that is no suspect" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'syncfs /mnt/a'
	# The rest of the last page is zeroed.
	ovlio 'truncate /mnt/a/f 1000' 'dirty /up/a/upper/f' \
		'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "truncate on open" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f' 'syncfs /mnt/a' \
		'open f rwt /mnt/a/f' 'write f 0 4K' 'close f' \
		'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "fallocate and punched holes" {
	ovlio 'open f rwc /mnt/a/f' 'fallocate f 0 0 1M' 'write f 4096 8192' \
		'fallocate f 3 5000 1000' 'close f' 'dirty /up/a/upper/f' \
		'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "copy up by open for write" {
	dd if=/dev/urandom of=/up/a/lower/f bs=64K count=16 status=none
	ovlio 'open f rw /mnt/a/f' 'write f 0 4K' 'close f' \
		'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
	cmp <(tail -c +4097 /up/a/lower/f) <(tail -c +4097 /up/a/upper/f)
}

@test "copy up by truncate" {
	dd if=/dev/urandom of=/up/a/lower/f bs=64K count=16 status=none
	ovlio 'truncate /mnt/a/f 70000' 'syncfs /mnt/a' 'clean /up/a/upper/f'
	cmp -n 70000 /up/a/lower/f /up/a/upper/f
}

@test "copy up of metadata, then of data" {
	umount /mnt/a
	mount_overlay a ,metacopy=on,redirect_dir=on
	dd if=/dev/urandom of=/up/a/lower/f bs=64K count=16 status=none
	chmod 600 /mnt/a/f
	ovlio 'open f rw /mnt/a/f' 'write f 0 4K' 'close f' 'dirty /up/a/upper/f' \
		'syncfs /mnt/a' 'clean /up/a/upper/f'
	cmp <(tail -c +4097 /up/a/lower/f) <(tail -c +4097 /up/a/upper/f)
}

@test "rename of a dirty file, over a dirty file" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'open g rwc /mnt/a/g' 'write g 0 1M' \
		'sh mv /mnt/a/f /mnt/a/g' 'dirty /up/a/upper/g' \
		'syncfs /mnt/a' 'clean /up/a/upper/g'
}

@test "a hard link to a dirty file whose first name is gone" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'sh ln /mnt/a/f /mnt/a/g' \
		'sh rm /mnt/a/f' 'close f'
	evict
	ovlio 'dirty /up/a/upper/g' 'syncfs /mnt/a' 'clean /up/a/upper/g'
}

@test "a tmpfile that is linked" {
	ovlio 'tmpfile f /mnt/a' 'write f 0 1M' 'linkat f /mnt/a/f' 'close f' \
		'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "a tmpfile that is linked after the syncfs" {
	ovlio 'tmpfile f /mnt/a' 'write f 0 1M' 'syncfs /mnt/a' \
		'linkat f /mnt/a/f' 'close f' 'clean /up/a/upper/f'
}

@test "an unlinked file that is open is no obstacle, and its space is freed at close" {
	local before
	ovlio 'syncfs /mnt/a'
	before=$(df --output=used /up | tail -n1)
	ovlio 'open g rwc /mnt/a/g' 'write g 0 1M' \
		'open f rwc /mnt/a/f' 'write f 0 48M' 'sh rm /mnt/a/f' 'syncfs /mnt/a' \
		'clean /up/a/upper/g' 'write f 0 48M'
	# No sync here. xfs frees in the background.
	eventually 3 space_is_back "$before"
}

space_is_back() {
	[ "$(df --output=used /up | tail -n1)" -lt $(($1 + 4096)) ]
}

@test "a file that was unlinked while dirty and closed frees its space without a sync" {
	local before
	before=$(df --output=used /up | tail -n1)
	ovlio 'open f rwc /mnt/a/f' 'write f 0 48M' 'fsync f' 'write f 0 48M'
	rm /mnt/a/f
	eventually 3 space_is_back "$before"
}

@test "a file that was dirty before the mount" {
	umount /mnt/a
	ovlio 'open f rwc /up/a/upper/f' 'write f 0 1M'
	mount_overlay a
	stat /mnt/a/f
	ovlio 'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "direct I/O over dirty page cache" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'open d rwd /mnt/a/f' 'write d 0 64K' \
		'close d' 'close f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "a volatile overlay is not synced" {
	umount /mnt/a
	mount_overlay a ,volatile
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a' 'dirty /up/a/upper/f'
}
