#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Blocks that files come to share: xfs and btrfs.

load ../durable

shared() {
	filefrag -v "/up/a/upper/$1" | grep -q shared
}

@test "FICLONE" {
	durable 'open f r /mnt/a/f' 'open g rwc /mnt/a/g' 'clone g f' 'close g'
	cmp /mnt/a/f /mnt/a/g
	shared g
}

@test "FICLONE of a dirty file over a dirty file" {
	durable 'open f rw /mnt/a/f' 'write f 0 256K' 'open g rwc /mnt/a/g' \
		'write g 0 256K' 'clone g f' 'close g' 'close f'
	cmp /mnt/a/f /mnt/a/g
}

@test "a write to what FICLONE has shared" {
	ovlio 'open f r /mnt/a/f' 'open g rwc /mnt/a/g' 'clone g f' 'syncfs g'
	durable 'open g rw /mnt/a/g' 'write g 64K 64K' 'close g'
	cmp -n 65536 /mnt/a/f /mnt/a/g
}

@test "FICLONERANGE" {
	durable 'open f rw /mnt/a/f' 'open g rwc /mnt/a/g' 'write g 0 256K' \
		'clonerange g 64K f 0 128K' 'close g'
	cmp -n 131072 /mnt/a/f /mnt/a/g 0 65536
	shared g
}

@test "FICLONE from a lower file" {
	durable 'open l r /mnt/a/l' 'open g rwc /mnt/a/g' 'clone g l' 'close g'
	cmp /mnt/a/l /mnt/a/g
}

@test "FIDEDUPERANGE of dirty files" {
	durable 'open f rw /mnt/a/f' 'write f 0 256K' 'open g rwc /mnt/a/g' \
		'sendfile g f 256K' 'dedupe g 0 f 0 256K' 'close g' 'close f'
	cmp /mnt/a/f /mnt/a/g
	shared g
}
