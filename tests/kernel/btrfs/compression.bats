#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# With compression, who submits a page leaves it locked to a worker, and returns
# before it is under writeback.

load ../helper

# Ahead of it the worker has the neighbour's file, which takes it seconds. Who
# submits waits for all pages of a file but the first, so f has only one. syncfs
# and umount submit twice anyhow, in two phases.
@test "what compression has left to a worker is written when remount,ro returns" {
	mount -o remount,compress-force=zstd:15 /up
	dirty_neighbour 64
	ovlio 'fsync /up/b/upper/big' &
	sleep 0.3
	ovlio 'open f rwc /mnt/a/f' 'write f 0 4K' 'close f' 'dirty /up/b/upper/big' \
		'remount /mnt/a ro' 'clean /up/a/upper/f'
	wait $!
}
