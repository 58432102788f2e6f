#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that are made without a name, and get one.

# power-cut knows one device. Overlayfs has O_TMPFILE since 6.3.
# bats file_tags=not-ext4-extjournal,not-xfs-extlog,not-6-1

load ../paths

path "O_TMPFILE, then linkat" 'tmpfile t .' 'write t 0 64K' 'linkat t t' 'close t'
path "O_TMPFILE, then linkat, and a write after that" \
	'tmpfile t .' 'linkat t t' synced 'write t 0 64K' 'close t'
