#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A mode of fallocate that only xfs has.

load ../durable

@test "fallocate, shared blocks are unshared" {
	ovlio 'open f r /mnt/a/f' 'open g rwc /mnt/a/g' 'clone g f' 'syncfs g'
	durable 'open g rw /mnt/a/g' 'fallocate g unshare 0 256K' 'close g'
	cmp /mnt/a/f /mnt/a/g
	# No extent has the flag.
	[ -z "$(filefrag -v /up/a/upper/g | grep shared)" ]
}
