#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Who is told that a write failed: each descriptor of the overlay that lost it,
# once, and nobody else. What fsync tells is what it always told.

load ../helper

setup() {
	pristine
	map_upper
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'syncfs /mnt/a'
}

# break_file [enospc]: let the device fail writes to the data of f, and to
# nothing else.
break_file() {
	remap_file /up/a/upper/f "${1:-error}"
}

evicted='sh echo 2 >/proc/sys/vm/drop_caches'
by_flusher=$(flusher_writes /up/a/upper/f)

# no_space: which error it is. The loop device of 6.1 makes EIO of every error;
# btrfs of 7.3 sets ENOSPC, and EIO right after it.
no_space() {
	case $FS-$(uname -r) in
	*-6.1.* | btrfs*-7.*) echo EIO ;;
	*) echo ENOSPC ;;
	esac
}

# told ERRNO COMMAND...: f is written; when the COMMANDs of ovlio are done, each
# descriptor of a is told of it once, and b never, not even by its end.
told() {
	local errno=$1
	shift
	dmesg -C
	ovlio 'open d1 rD /mnt/a' 'open d2 rD /mnt/a' 'open n rD /mnt/b' \
		'open f rw /mnt/a/f' 'write f 0 64K' "$@" \
		"!$errno syncfs d1" 'syncfs d1' "!$errno syncfs d2" 'syncfs d2' \
		'syncfs n' 'open d3 rD /mnt/a' 'syncfs d3' \
		'remount /mnt/b ro' 'close n' 'umount /mnt/b'
	run ! grep 'may be lost' <(dmesg)
}

@test "each descriptor that was open learns of it once, the neighbour never" {
	break_file
	told EIO 'close f'
}

@test "so does the descriptor of the file itself" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'open g rwc /mnt/a/g' 'write f 0 64K' \
		'!EIO syncfs f' 'syncfs f' '!EIO syncfs g' 'syncfs g'
}

@test "also if it was the flusher that hit it, with the file open" {
	break_file
	told EIO "$by_flusher"
}

@test "also if it was the flusher that hit it, when the file was closed" {
	break_file
	told EIO 'close f' "$by_flusher"
}

@test "also if it was the flusher that hit it, after the overlay inode was evicted" {
	break_file
	told EIO 'close f' "$evicted" "$by_flusher"
}

@test "also if the suspect was dropped before anybody synced" {
	break_file
	told EIO 'close f' "$by_flusher" "$evicted"
}

@test "also if the reaper dropped the suspect before anybody synced" {
	local reaped=$BATS_TEST_TMPDIR/reaped
	{ declare -f eventually in_use no_suspects && echo eventually 60 no_suspects; } >"$reaped"
	break_file
	told EIO 'close f' "$by_flusher" "sh bash $reaped"
}

@test "no space: each descriptor that was open learns of it once, the neighbour never" {
	break_file enospc
	told "$(no_space)" 'close f'
}

@test "no space: also if it was the flusher that hit it, with the file open" {
	break_file enospc
	told "$(no_space)" "$by_flusher"
}

@test "no space: also if it was the flusher, and the overlay inode was evicted before" {
	break_file enospc
	told "$(no_space)" 'close f' "$evicted" "$by_flusher"
}

@test "no space: also if the suspect was dropped before anybody synced" {
	break_file enospc
	told "$(no_space)" 'close f' "$by_flusher" "$evicted"
}

@test "a second failure is told again" {
	break_file
	ovlio 'open d rD /mnt/a' 'open f rw /mnt/a/f' 'write f 0 64K' '!EIO syncfs d' \
		'syncfs d' 'write f 0 64K' '!EIO syncfs d' 'syncfs d'
}

# fsync_tells FOLDER: each descriptor that was open once; who opens the file
# later only if nobody was told before.
fsync_tells() {
	ovlio "open f1 rw $1/f" "open f2 rw $1/f" 'write f1 0 64K' \
		'!EIO fsync f1' 'fsync f1' '!EIO fsync f2' 'fsync f2' \
		"open f3 rw $1/f" 'fsync f3'
	ovlio "open f1 rw $1/f" 'write f1 0 64K' 'close f1' "$by_flusher" \
		"open f2 rw $1/f" '!EIO fsync f2' 'fsync f2' "open f3 rw $1/f" 'fsync f3'
}

@test "fsync tells what it tells without an overlay" {
	break_file
	fsync_tells /up/a/upper
	fsync_tells /mnt/a
}

@test "fsync reports what it always did, also after a syncfs has" {
	break_file
	ovlio 'open f1 rw /mnt/a/f' 'open f2 rw /mnt/a/f' 'write f1 0 64K' \
		'open d rD /mnt/a' '!EIO syncfs d' \
		'!EIO fsync f1' 'fsync f1' '!EIO fsync f2' 'fsync f2' 'syncfs d'
}

@test "fsync tells who opens the file later, if nobody synced meanwhile" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' "$by_flusher"
	# The reaper drops it; it must not have the error to itself.
	eventually 60 no_suspects
	ovlio 'open f rw /mnt/a/f' '!EIO fsync f' 'fsync f'
}

# btrfs of 6.12 has no shutdown; its aborted transactions are in tests/kernel/btrfs.
# bats test_tags=not-btrfs
@test "syncfs fails if the upper was shut down while there are suspects" {
	ovlio 'open d rD /mnt/a' 'open g rwc /mnt/a/g' 'write g 0 64K' 'close g' \
		'sh xfs_io -x -c shutdown /up' '!EIO syncfs d'
}

# bats test_tags=not-btrfs
@test "syncfs fails if the upper was shut down before names were committed" {
	ovlio 'syncfs /mnt/a' 'sh mkdir /mnt/a/dir'
	no_suspects
	# Opened before: on xfs not even a folder can be afterwards.
	ovlio 'open d rD /mnt/a' 'sh xfs_io -x -c shutdown /up' '!EIO syncfs d'
}

@test "remount,ro fails, and umount leaves a line in the log" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' '!EIO remount /mnt/a ro'
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K'
	dmesg -C
	umount /mnt/a
	dmesg | grep 'data of the unmounted overlay may be lost'
}

@test "remount,ro fails once if nobody was told" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' "$by_flusher" "$evicted"
	no_suspects
	ovlio '!EIO remount /mnt/a ro' 'remount /mnt/a ro'
}

@test "umount leaves a line in the log if the flusher hit it, and the suspect was dropped" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' "$by_flusher" "$evicted"
	no_suspects
	dmesg -C
	umount /mnt/a
	dmesg | grep 'data of the unmounted overlay may be lost'
}

@test "umount leaves no line in the log if somebody was told" {
	break_file
	ovlio 'open f rw /mnt/a/f' 'write f 0 64K' 'close f' '!EIO syncfs /mnt/a'
	dmesg -C
	umount /mnt/a
	run ! grep 'may be lost' <(dmesg)
}
