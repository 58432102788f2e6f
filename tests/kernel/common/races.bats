#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What happens while a sync or the reaper looks at a suspect.

load ../helper

@test "a write while a sync drops the record of the file" {
	local _
	for _ in {1..10}; do
		ovlio 'open f rwc /mnt/a/f' 'write f 0 4K' 'close f'
		ovlio 'syncfs /mnt/a' &
		ovlio 'open f rw /mnt/a/f' 'write f 0 4K' 'close f'
		wait $!
		ovlio 'syncfs /mnt/a' 'clean /up/a/upper/f'
	done
}

@test "an unlink while a sync drops the record of the file" {
	local _
	for _ in {1..10}; do
		ovlio 'open f rwc /mnt/a/f' 'write f 0 4K' 'close f'
		ovlio 'syncfs /mnt/a' &
		rm /mnt/a/f
		evict
		wait $!
	done
	eventually 15 no_suspects
}
