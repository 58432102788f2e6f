#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Stores through shared mappings. A page that was written back is read-only
# until the next store, of which overlayfs is not told.

# power-cut knows one device.
# bats file_tags=not-ext4-extjournal,not-xfs-extlog

load ../paths

path "a store through a mapping" 'open f rw f' 'mmap m f 256K' 'store m 4K 64K'
path "a store through a mapping whose descriptor is closed" \
	'open f rw f' 'mmap m f 256K' 'close f' 'store m 4K 64K'
path "a store through a mapping after a syncfs" \
	'open f rw f' 'mmap m f 256K' 'close f' 'store m 4K 64K' synced 'store m 4K 64K'
path "a store through a mapping after many syncfs" \
	'open f rw f' 'mmap m f 256K' 'close f' 'store m 4K 64K' synced synced synced 'store m 4K 64K'
path "a store through a mapping that is gone at the syncfs" \
	'open f rw f' 'mmap m f 256K' 'close f' synced 'store m 4K 64K' 'munmap m'
path "a store by a child, through a mapping that its parent has no more" \
	'open f rw f' 'mmap m f 256K' 'fork c store m 4K 64K' 'munmap m' 'close f' \
	synced 'join c'
path "a store through a second mapping, when the first is gone" \
	'open f rw f' 'mmap m f 256K' 'mmap n f 256K' 'close f' 'store m 0 4K' 'munmap m' \
	synced 'store n 4K 64K'
path "a store through a mapping that was read-only until mprotect" \
	'open f rw f' 'mmapread m f 256K' 'close f' synced 'mprotect m rw' 'store m 4K 64K'
path "a store through a mapping of a file without blocks" \
	'open g rwc g' 'ftruncate g 256K' 'mmap m g 256K' 'close g' synced 'store m 64K 4K' 'munmap m'
path "a store through a mapping of an evicted file" \
	'open f rw f' 'mmap m f 256K' 'close f' synced 'store m 4K 64K' 'munmap m' \
	'sh echo 2 >/proc/sys/vm/drop_caches'
