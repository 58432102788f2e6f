#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every system call that changes the data of a file.

load ../durable

@test "write" {
	durable 'open f rw /mnt/a/f' 'write f 4K 64K' 'close f'
}

@test "write to a file that is open still" {
	durable 'open f rw /mnt/a/f' 'write f 4K 64K'
}

@test "write beyond the end" {
	durable 'open f rw /mnt/a/f' 'write f 1000000 64K' 'close f'
}

@test "append" {
	durable 'open f wa /mnt/a/f' 'write f 0 10000' 'close f'
	[ "$(stat -c %s /mnt/a/f)" = $((256 * 1024 + 10000)) ]
}

@test "writev" {
	durable 'open f rw /mnt/a/f' 'writev f 1000 64K' 'close f'
}

@test "pwritev2" {
	durable 'open f rw /mnt/a/f' 'pwritev2 f 1000 64K plain' 'close f'
}

@test "pwritev2 that appends" {
	durable 'open f rw /mnt/a/f' 'pwritev2 f 0 10000 append' 'close f'
	[ "$(stat -c %s /mnt/a/f)" = $((256 * 1024 + 10000)) ]
}

@test "splice" {
	durable 'open f rw /mnt/a/f' 'splice f 4K 64K' 'close f'
}

@test "sendfile" {
	durable 'open f rw /mnt/a/f' 'open l r /mnt/a/l' 'sendfile f l 128K' \
		'close f'
	cmp -n 131072 /mnt/a/l /mnt/a/f
}

@test "copy_file_range" {
	durable 'open f rw /mnt/a/f' 'open l r /mnt/a/l' \
		'copy f 64K l 0 128K' 'close f'
	cmp -n 131072 /mnt/a/l /mnt/a/f 0 65536
}

@test "copy_file_range from a dirty file" {
	durable 'open g rwc /mnt/a/g' 'write g 0 128K' 'open f rw /mnt/a/f' \
		'copy f 0 g 0 128K' 'close f'
	cmp -n 131072 /mnt/a/g /mnt/a/f
}

@test "O_TRUNC" {
	durable 'open f rwt /mnt/a/f' 'close f'
	[ ! -s /mnt/a/f ]
}

@test "O_TRUNC, then a write" {
	durable 'open f rwt /mnt/a/f' 'write f 0 10000' 'close f'
}

@test "truncate by path" {
	durable 'truncate /mnt/a/f 10000'
}

@test "truncate by path, of a dirty file" {
	durable 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' 'truncate /mnt/a/f 10000'
}

@test "truncate by path, to more" {
	durable 'truncate /mnt/a/f 1000001'
}

@test "truncate by descriptor" {
	durable 'open f rw /mnt/a/f' 'ftruncate f 10000' 'close f'
}

@test "O_DIRECT" {
	durable 'open f rwd /mnt/a/f' 'write f 128K 256K' 'close f'
}

@test "O_DIRECT over dirty page cache" {
	durable 'open f rw /mnt/a/f' 'write f 0 256K' 'open d rwd /mnt/a/f' \
		'write d 64K 64K' 'close d' 'close f'
}

@test "libaio" {
	durable 'open f rw /mnt/a/f' 'aiowrite f 4K 64K' 'close f'
}

@test "libaio, direct" {
	durable 'open f rwd /mnt/a/f' 'aiowrite f 128K 256K' 'close f'
}

@test "io_uring" {
	durable 'open f rw /mnt/a/f' 'uringwrite f 4K 64K' 'close f'
}

@test "io_uring, direct" {
	durable 'open f rwd /mnt/a/f' 'uringwrite f 128K 256K' 'close f'
}

@test "io_uring, a registered file whose descriptor is closed" {
	durable 'open f rw /mnt/a/f' 'ring r f' 'close f' 'syncfs /mnt/a' \
		'ringwrite r 4K 64K'
}

@test "io_uring, a registered file, direct" {
	durable 'open f rwd /mnt/a/f' 'ring r f' 'close f' 'syncfs /mnt/a' \
		'ringwrite r 128K 256K'
}

@test "fallocate" {
	durable 'open f rw /mnt/a/f' 'fallocate f plain 128K 1M' 'close f'
}

@test "fallocate, then a write into it" {
	durable 'open f rw /mnt/a/f' 'fallocate f plain 128K 1M' \
		'write f 512K 64K' 'close f'
}

@test "fallocate, the size is kept" {
	ovlio 'open f rw /mnt/a/f' 'fallocate f keep 256K 1M' 'close f' \
		'sh power-cut lost %b' 'syncfs /mnt/a' 'sh power-cut survived %b'
	[ "$(stat -c %b /mnt/a/f)" -ge 2560 ]
}

@test "fallocate, a hole is punched" {
	durable 'open f rw /mnt/a/f' 'fallocate f punch 5000 100000' 'close f'
}

@test "fallocate, a range is zeroed" {
	durable 'open f rw /mnt/a/f' 'fallocate f zero 5000 100000' 'close f'
}

@test "O_TMPFILE, then linkat" {
	durable 'tmpfile t /mnt/a' 'write t 0 64K' 'linkat t /mnt/a/t' 'close t'
}

@test "O_TMPFILE, then linkat, and a write after that" {
	durable 'tmpfile t /mnt/a' 'linkat t /mnt/a/t' 'syncfs /mnt/a' \
		'write t 0 64K' 'close t'
}
