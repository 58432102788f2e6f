#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Modes of fallocate that move what comes after the range: ext4, xfs.

# power-cut knows one device.
# bats file_tags=not-ext4-extjournal,not-xfs-extlog

load ../paths

path "fallocate, a range is collapsed" 'open f rw f' 'write f 128K 64K' \
	'fallocate f collapse 64K 64K' 'close f'
# Not dirty before: it would be written first, which with data=journal is a commit,
# and that of the path above with it.
path "fallocate, a range is inserted" 'open f rw f' 'fallocate f insert 64K 64K' \
	'write f 128K 64K' 'close f'
