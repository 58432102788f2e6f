#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every system call that changes the data of a file.

# power-cut knows one device.
# bats file_tags=not-ext4-extjournal,not-xfs-extlog

load ../paths

path "write" 'open f rw f' 'write f 4K 64K' 'close f'
path "write to a file that stays open" 'open f rw f' 'write f 4K 64K'
path "write beyond the end" 'open f rw f' 'write f 1000000 64K' 'close f'
path "append" 'open f wa f' 'write f 0 10000' 'close f'
path "writev" 'open f rw f' 'writev f 1000 64K' 'close f'
path "pwritev2" 'open f rw f' 'pwritev2 f 1000 64K plain' 'close f'
path "pwritev2 that appends" 'open f rw f' 'pwritev2 f 0 10000 append' 'close f'
path "splice" 'open f rw f' 'splice f 4K 64K' 'close f'
path "sendfile" 'open f rw f' 'open l r l' 'sendfile f l 64K' 'close f' \
	'sh cmp -n 65536 l f'
path "copy_file_range" 'open f rw f' 'open l r l' 'copy f 64K l 0 64K' 'close f' \
	'sh cmp -n 65536 l f 0 65536'
path "copy_file_range from a dirty file" 'open g rwc g' 'write g 0 128K' \
	'open f rw f' 'copy f 0 g 0 128K' 'close f' 'sh cmp -n 131072 g f'

path "O_TRUNC" 'open f rwt f' 'close f'
path "O_TRUNC, then a write" 'open f rwt f' 'write f 0 10000' 'close f'
# The rest of the last page is zeroed.
path "truncate by path" 'truncate f 10000'
path "truncate by path, of a dirty file" \
	'open f rw f' 'write f 0 64K' 'close f' 'truncate f 10000'
path "truncate by path, to more" 'truncate f 1000001'
path "truncate by descriptor" 'open f rw f' 'ftruncate f 10000' 'close f'

path "O_DIRECT" 'open f rwd f' 'write f 128K 256K' 'close f'
path "O_DIRECT over dirty page cache" \
	'open f rw f' 'write f 0 256K' 'open d rwd f' 'write d 64K 64K' 'close d' 'close f'
path "libaio" 'open f rw f' 'aiowrite f 4K 64K' 'close f'
path "libaio, direct" 'open f rwd f' 'aiowrite f 128K 256K' 'close f'
path "io_uring" 'open f rw f' 'uringwrite f 4K 64K' 'close f'
path "io_uring, direct" 'open f rwd f' 'uringwrite f 128K 256K' 'close f'
path "io_uring, a registered file whose descriptor is closed" \
	'open f rw f' 'ring r f' 'close f' synced 'ringwrite r 4K 64K'
path "io_uring, a registered file, direct" \
	'open f rwd f' 'ring r f' 'close f' synced 'ringwrite r 128K 256K'

path "fallocate" 'open f rw f' 'fallocate f plain 128K 1M' 'close f'
path "fallocate, then a write into it" \
	'open f rw f' 'fallocate f plain 128K 1M' 'write f 512K 64K' 'close f'
path "fallocate, a hole is punched" 'open f rw f' 'fallocate f punch 5000 100000' 'close f'
path "fallocate, a range is zeroed" 'open f rw f' 'fallocate f zero 5000 100000' 'close f'
