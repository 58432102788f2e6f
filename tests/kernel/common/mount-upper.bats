#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An upper filesystem that freezes, turns read-only, is shut down or loses its
# device while overlays are on it. While a modification is not on stable
# storage, no sync succeeds.

load ../helper

setup() {
	pristine
	map_upper
}

# replace_device TARGET: of the device below the upper.
replace_device() {
	dmsetup suspend --nolockfs --noflush upper
	dmsetup reload upper --table "0 $(blockdev --getsz "$DISK1") $1"
	dmsetup resume upper
}

# fail_device: nothing more is written to, or read from, the upper's device.
fail_device() {
	replace_device error
}

# fail_flushes, mend_device: a target "error" is not even asked for them.
fail_flushes() {
	replace_device "flakey $DISK1 0 0 1000"
}

mend_device() {
	replace_device "linear $DISK1 0"
}

# never_success COMMAND: after it every sync of overlay a fails, however often it
# is tried. By descriptors that were open: opening may fail as well.
never_success() {
	local i
	ovlio 'open d rD /mnt/a' "sh $1" '!EIO syncfs d' '!EIO syncfs d' '!EIO syncfs d'
	for i in 1 2 3; do
		run ! ovlio 'remount /mnt/a ro'
	done
}

# loud_umount: it works all the same, and the log says what that means.
loud_umount() {
	dmesg -C
	umount /mnt/a
	dmesg | grep 'data of the unmounted overlay may be lost'
	umount /mnt/b /up
}

# dirty_a: f was overwritten, g is new; both are closed and evicted.
dirty_a() {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'syncfs /mnt/a' 'write f 0 64K' \
		'open g rwc /mnt/a/g' 'write g 0 64K'
	evict
	ovlio 'dirty /up/a/upper/f' 'dirty /up/a/upper/g'
}

# btrfs of 6.12 has no shutdown.
# bats test_tags=not-btrfs
@test "shut down at once" {
	dirty_a
	never_success 'xfs_io -x -c shutdown /up'
	umount /mnt/a /mnt/b /up
}

# bats test_tags=not-btrfs
@test "shut down, and then a file that cannot be opened for write" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'sh xfs_io -x -c shutdown /up' \
		'!EIO open f rw /mnt/a/f'
	umount /mnt/a /mnt/b /up
}

# bats test_tags=not-btrfs
@test "shut down after its log was flushed" {
	dirty_a
	never_success 'xfs_io -x -c "shutdown -f" /up'
	umount /mnt/a /mnt/b /up
}

# bats test_tags=not-btrfs
@test "shut down before names were committed: umount has nobody to tell but the log" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'syncfs /mnt/a' \
		'sh mv /mnt/a/f /mnt/a/g'
	no_suspects
	xfs_io -x -c shutdown /up
	loud_umount
}

# btrfs gives up if its super blocks cannot be written.
# bats test_tags=not-btrfs
@test "a flush that fails is told to each descriptor that was open, once" {
	local fail=$BATS_TEST_TMPDIR/fail mend=$BATS_TEST_TMPDIR/mend
	{ declare -f fail_flushes replace_device && echo fail_flushes; } >"$fail"
	{ declare -f mend_device replace_device && echo mend_device; } >"$mend"
	ovlio 'open d1 rD /mnt/a' 'open d2 rD /mnt/a' 'open n rD /mnt/b' 'syncfs d1' 'syncfs n' \
		"sh bash $fail" '!EIO syncfs d1' "sh bash $mend" '!EIO syncfs d2' \
		'syncfs d1' 'syncfs d2' 'syncfs n'
}

@test "a device that fails, with data to write" {
	local fail=$BATS_TEST_TMPDIR/fail first=EIO again=EIO
	case $FS in
	# The first sync has aborted its transaction,
	btrfs*) again=EROFS ;;
	# or the journal, before it writes data in place.
	ext4-journal) first=EROFS ;;
	esac
	{ declare -f fail_device replace_device && echo fail_device; } >"$fail"
	dirty_a
	ovlio 'open d1 rD /mnt/a' 'open d2 rD /mnt/a' 'open n rD /mnt/b' "sh bash $fail" \
		"!$first syncfs d1" "!$again syncfs d2"
	umount /mnt/a /mnt/b /up
}

# btrfs is not made read-only by it; with data=journal the store needs the journal,
# and gets SIGBUS.
# bats test_tags=not-btrfs,not-ext4-journal
@test "forced to be read-only, and then a store into a hole of a mapped file" {
	local force=$BATS_TEST_TMPDIR/force
	{ declare -f force_read_only && echo force_read_only; } >"$force"
	ovlio 'open f rwc /mnt/a/f' 'ftruncate f 64K' 'syncfs /mnt/a' 'mmap m f 64K' \
		"sh timeout 100 bash $force" 'store m 0 4K' 'dirty /up/a/upper/f' \
		'!EROFS syncfs /mnt/a' '!EROFS syncfs /mnt/a' '!EROFS syncfs f'
	loud_umount
}

# while_frozen COMMAND...: it succeeds while the upper is frozen. What waits for
# the thaw cannot be killed.
while_frozen() {
	local status=0
	fsfreeze -f /up
	{ "$@" && touch "$BATS_TEST_TMPDIR/done"; } 3>&- &
	eventually 60 test -e "$BATS_TEST_TMPDIR/done" || status=1
	fsfreeze -u /up
	wait $! || status=1
	return $status
}

@test "a frozen upper: syncfs returns, as all was written before" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M'
	while_frozen ovlio 'clean /up/a/upper/f' 'syncfs /mnt/a'
}

# The last reference of an unlinked inode must not go while the upper is frozen:
# neither when the reaper finds it, nor when a sync does.
@test "a frozen upper with a suspect that was removed behind the overlay's back" {
	local used
	used=$(used_space)
	ovlio 'open f rwc /mnt/a/f' 'write f 0 16M' 'close f'
	evict
	ovlio 'dirty /up/a/upper/f' 'sh rm /up/a/upper/f'
	while_frozen ovlio 'sleep 8' 'syncfs /mnt/a'
	eventually 60 no_suspects
	eventually 60 space_is_back "$used"
}

# Who closes it waits for the thaw, if nobody else has a reference; not the sync.
@test "a frozen upper with an unlinked file that is closed while a sync walks" {
	local file=$BATS_TEST_TMPDIR/done status=0
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f' 'open r r /mnt/a/f' \
		'sh rm /mnt/a/f && fsfreeze -f /up' \
		"sh { ovlio 'syncfs /mnt/a' && touch $file; } >/dev/null 2>&1 &" \
		'sleep 1' 'close r' 3>&- &
	eventually 60 test -e "$file" || status=1
	fsfreeze -u /up
	wait $! || status=1
	eventually 60 test -e "$file" && [ $status = 0 ]
}

@test "an upper that freezes and thaws all the time, and syncs meanwhile" {
	local i pids=() stop=$BATS_TEST_TMPDIR/stop
	for i in a b; do
		until [ -e "$stop" ]; do ovlio "open f rwc /mnt/$i/f" 'write f 0 256K' 'close f' || exit; done 3>&- &
		pids+=($!)
		until [ -e "$stop" ]; do ovlio "syncfs /mnt/$i" || exit; done 3>&- &
		pids+=($!)
	done
	for ((i = 0; i < 30; i++)); do
		timeout 120 fsfreeze -f /up
		timeout 120 fsfreeze -u /up
	done
	# Not killed: whatever they had just begun would write on.
	touch "$stop"
	for i in "${pids[@]}"; do wait "$i"; done
	ovlio 'syncfs /mnt/a' 'clean /up/a/upper/f' 'syncfs /mnt/b' 'clean /up/b/upper/f'
}
