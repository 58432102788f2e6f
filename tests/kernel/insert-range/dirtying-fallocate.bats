#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Modes of fallocate that move what comes after the range: ext4 and xfs.

load ../durable

@test "fallocate, a range is collapsed" {
	durable 'open f rw /mnt/a/f' 'write f 128K 64K' \
		'fallocate f collapse 64K 64K' 'close f'
}

@test "fallocate, a range is inserted" {
	durable 'open f rw /mnt/a/f' 'write f 128K 64K' \
		'fallocate f insert 64K 64K' 'close f'
}
