#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Very many at once; but no more than xfs's log can take before it is written.

# power-cut knows one device.
# bats file_tags=not-ext4-extjournal,not-xfs-extlog

load ../paths

path "a folder with thousands of entries" \
	'sh mkdir many && cd many && seq -f long-name-of-an-entry-%g 2000 | xargs touch'
path "thousands of entries that go" \
	'sh mkdir many && cd many && seq 2000 | xargs touch' synced 'sh cd many && seq 1 2 2000 | xargs rm'
path "thousands of dirty files" 'sh mkdir many && cd many && seq 1200 | split -l1 -a4'
