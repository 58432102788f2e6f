#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the kernel has no per-overlay syncfs: what skip, sync and walk write, of
# the container and of its neighbour. In the guest, with the stock module, or
# with ours switched off.

setup_file() {
	load lib
	HOOK=$(hook_binary)
	data_disk
	export HOOK D
}

teardown_file() {
	load lib
	umount "$D"
}

setup() {
	load lib
	SWITCH=/sys/module/overlay/parameters/sync_upper_inodes
	overlay neighbour
	N=$B
	overlay "c$BATS_TEST_NUMBER"
	[ ! -e "$SWITCH" ] || echo N >"$SWITCH"
	printf '{"root":{"path":"rootfs"}}' >"$B/config.json"
	STATE='{"id":"c","status":"stopped","bundle":"'$B'"}'
	dirty
}

teardown() {
	[ -z "${RUNNING:-}" ] || kill "$RUNNING"
	# One test has unmounted it.
	umount -l "$B/rootfs" 2>/dev/null || true
	umount -l "$N/rootfs"
	rm -rf "$N"
	[ ! -e "$SWITCH" ] || echo Y >"$SWITCH"
}

# Data that is nowhere but in memory.
dirty() {
	mkdir -p "$B/rootfs/a/b"
	dd if=/dev/zero of="$B/rootfs/a/b/data" bs=1M count=2 2>/dev/null
	dd if=/dev/zero of="$B/rootfs/top" bs=1M count=1 2>/dev/null
	dd if=/dev/zero of="$N/rootfs/data" bs=1M count=4 2>/dev/null
	run ! ours_on_disk
	run ! neighbour_on_disk
}

ours_on_disk() {
	on_disk "$B/upper/a/b/data" && on_disk "$B/upper/top"
}

neighbour_on_disk() {
	on_disk "$N/upper/data"
}

hook() {
	run timeout 60 "$HOOK" "$@" <<<"$STATE"
	echo "$status: $output"
}

@test "skip, the default at poststop: nothing is written" {
	hook --strict
	[ "$status" = 0 ]
	[[ $output == *"upper=ext4 mode=- "*"result=skipped: no per-overlay syncfs here, and the fallback is skip"* ]]
	run ! ours_on_disk
	run ! neighbour_on_disk
}

@test "sync: everything is written, the neighbour's too" {
	hook --fallback sync --strict
	[ "$status" = 0 ]
	[[ $output == *"mode=whole-upper "*"errno=- result=synced"* ]]
	ours_on_disk
	neighbour_on_disk
}

@test "sync is the default before a checkpoint" {
	hook sync "$B/rootfs"
	[[ $output == *"stage=sync "*"mode=whole-upper "*"result=synced"* ]]
	ours_on_disk
}

@test "walk: this container's data, and nothing of the neighbour's" {
	hook --fallback walk --strict
	[ "$status" = 0 ]
	# upper, a, b, data, top
	[[ $output == *"mode=walk "*"result=synced (5 files and directories fsynced, 2 submitted before; errors told to others before are not known)" ]]
	ours_on_disk
	run ! neighbour_on_disk
}

@test "walk: of a process, whose writes it may miss" {
	chroot "$B/rootfs" /bin/busybox sleep 1000 3>&- &
	RUNNING=$!
	sleep 1
	hook sync --fallback walk --pid $RUNNING
	[ "$status" = 0 ]
	[[ $output == *"mount=/proc/$RUNNING/root upper=ext4 mode=walk "*"what was written or moved meanwhile may have been missed)" ]]
	ours_on_disk
	run ! neighbour_on_disk
}

@test "walk: not where somebody else says what the upper directory is" {
	umount "$B/rootfs"
	unshare -m --propagation unchanged sh -c "
		mount -t overlay overlay $B/rootfs -o lowerdir=$D/lower,upperdir=$B/upper,workdir=$B/work &&
			exec chroot $B/rootfs /bin/busybox sleep 1000" 3>&- &
	RUNNING=$!
	sleep 2
	hook sync --fallback walk --pid $RUNNING
	[ "$status" = 1 ]
	[[ $output == *"error: cannot walk rootfs "*": its overlay is mounted in another mount namespace" ]]
	# syncfs needs no path.
	hook sync --fallback sync --pid $RUNNING
	[[ $output == *"result=synced"* ]]
}

@test "walk: what is neither file nor directory is not opened" {
	mkfifo "$B/rootfs/fifo"
	ln -s /proc/self/root/dev/zero "$B/rootfs/link"
	ln -s "$N/upper" "$B/rootfs/neighbour"
	rm "$B/rootfs/bin/busybox"
	[ -c "$B/upper/bin/busybox" ]
	hook --fallback walk --strict
	[ "$status" = 0 ]
	# bin as well.
	[[ $output == *"result=synced (6 files and directories fsynced"* ]]
	run ! neighbour_on_disk
}

@test "walk: after its filter it opens for reading, reads nothing but directories, and fsyncs" {
	# timeout would be another process.
	strace -f -o "$BATS_TEST_TMPDIR/trace" "$HOOK" --fallback walk --strict <<<"$STATE"
	local walker calls call
	walker=$(awk '/SECCOMP_FILTER_FLAG_TSYNC/ && !/NULL/ { print $1 }' "$BATS_TEST_TMPDIR/trace" | sort -u)
	[ "$(wc -w <<<"$walker")" = 1 ]
	awk -v pid="$walker" '
		$1 == pid && /SECCOMP_FILTER_FLAG_TSYNC/ && !/NULL/ { seen = 1; next }
		seen && $2 ~ /^[a-z]/ && ($1 >= pid) { print }
	' "$BATS_TEST_TMPDIR/trace" >"$BATS_TEST_TMPDIR/calls"
	grep -c ' fsync(' "$BATS_TEST_TMPDIR/calls"
	calls=$(awk '{ sub(/\(.*/, "", $2); print $2 }' "$BATS_TEST_TMPDIR/calls" | sort -u | xargs)
	echo "$calls"
	for call in $calls; do
		[[ " openat newfstatat fstat fstatfs getdents64 fchdir fcntl lseek close cachestat sync_file_range fsync futex write mmap munmap mprotect madvise brk exit exit_group clock_gettime rseq set_robust_list rt_sigprocmask statx " == *" $call "* ]]
	done
	run ! grep -E ' openat\(.*O_(WRONLY|RDWR|CREAT|TRUNC)' "$BATS_TEST_TMPDIR/calls"
}

@test "an overlay that the kernel does not sync is skipped, whatever the fallback" {
	local fallback
	umount "$B/rootfs"
	mount -t overlay overlay "$B/rootfs" -o "lowerdir=$D/lower,upperdir=$B/upper,workdir=$B/work,volatile"
	for fallback in skip sync walk; do
		hook --fallback $fallback --strict
		[ "$status" = 0 ]
		[[ $output == *"upper=ext4 mode=- "*"result=skipped: volatile" ]]
	done
	umount "$B/rootfs"
	rm -r "$B/work/work/incompat"
	mount -t overlay overlay "$B/rootfs" -o "ro,lowerdir=$D/lower,upperdir=$B/upper,workdir=$B/work"
	hook --fallback walk --strict
	[ "$status" = 0 ]
	[[ $output == *"result=skipped: read-only" ]]
}

@test "a dry run writes nothing" {
	local fallback
	for fallback in sync walk; do
		hook --dry-run --fallback $fallback
		[ "$status" = 0 ]
		[[ $output == *"result=skipped: dry run" ]]
	done
	run ! ours_on_disk
	run ! neighbour_on_disk
}
