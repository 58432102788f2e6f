#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What may happen to a dirty upper inode, and to its overlay inode, until the sync.
# The ways in which it becomes dirty are in dirtying-*.bats.

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

# Overlayfs has O_TMPFILE since 6.3.
# bats test_tags=not-6-1
@test "a tmpfile that is linked after the syncfs" {
	ovlio 'tmpfile f /mnt/a' 'write f 0 1M' 'syncfs /mnt/a' \
		'linkat f /mnt/a/f' 'close f' 'clean /up/a/upper/f'
}

# Overlayfs has O_TMPFILE since 6.3.
# bats test_tags=not-6-1
@test "a tmpfile that is written again after a syncfs, and then linked" {
	# The reaper has come by, to one that is dirty and has no links.
	ovlio 'tmpfile f /mnt/a' 'write f 0 1M' 'syncfs /mnt/a' 'write f 0 1M' 'sh sleep 12' \
		'linkat f /mnt/a/f' 'close f' 'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "an unlinked file that is open is no obstacle, and its space is freed at close" {
	local before
	ovlio 'syncfs /mnt/a'
	before=$(used_space)
	ovlio 'open g rwc /mnt/a/g' 'write g 0 1M' \
		'open f rwc /mnt/a/f' 'write f 0 48M' 'sh rm /mnt/a/f' 'syncfs /mnt/a' \
		'clean /up/a/upper/g' 'write f 0 48M'
	# No sync here. xfs frees in the background.
	eventually 3 space_is_back "$before"
}

@test "a file that was unlinked while dirty and closed frees its space without a sync" {
	local before
	before=$(used_space)
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

@test "a volatile overlay is not synced" {
	umount /mnt/a
	mount_overlay a ,volatile
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a' 'dirty /up/a/upper/f'
}
