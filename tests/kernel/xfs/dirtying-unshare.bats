#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A mode of fallocate that only xfs has.

# power-cut knows one device.
# bats file_tags=not-xfs-extlog

load ../paths

path "fallocate, shared blocks are unshared" 'open f r f' 'open g rwc g' 'clone g f' 'close g' \
	synced 'open g rw g' 'fallocate g unshare 0 256K' 'close g' 'sh cmp f g'
