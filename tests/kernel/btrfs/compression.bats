#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# With compression, who submits a page leaves it locked to a worker, and returns
# before it is under writeback.

load ../helper

# Ahead of it the worker has the neighbour's file, which takes it seconds. Who
# submits waits for all pages of a file but the first, so f has only one. syncfs
# and umount submit twice anyhow, in two phases. That the worker is still at it is
# seen by the neighbour's fsync, which is one that runs: 6.1 clears the dirty tags
# of all pages first.
@test "what compression has left to a worker is written when remount,ro returns" {
	mount -o remount,compress-force=zstd:15 /up
	dirty_neighbour 64
	ovlio 'fsync /up/b/upper/big' &
	neighbour=$!
	sleep 0.3
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4K' 'close f' "sh test -e /proc/$neighbour/exe" \
		'remount /mnt/a ro' 'clean /up/a/upper/f'
	wait $neighbour
}
