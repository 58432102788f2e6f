#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What eviction does under memory pressure, and what suspects hold of memory
# and of disk space when there are very many files.

load ../helper

# How many files a flood is: a million in make check-full.
FLOOD=${FLOOD:-5000}

TRACING=/sys/kernel/tracing

# calls_of FUNCTION COMMAND...: while COMMAND runs, how often FUNCTION is called,
# and what it calls that submits I/O or waits, directly or not: COUNT NAME lines.
calls_of() {
	local of=$1
	shift
	echo nop >$TRACING/current_tracer
	echo 16384 >$TRACING/buffer_size_kb
	echo 0 >$TRACING/options/funcgraph-irqs
	echo "$of" >$TRACING/set_graph_function
	printf '%s\n' "$of" 'submit_bio*' '*filemap_fdata*' do_writepages 'folio_wait_*' \
		schedule 'schedule_timeout*' 'io_schedule*' >$TRACING/set_ftrace_filter
	echo function_graph >$TRACING/current_tracer
	echo 1 >$TRACING/tracing_on
	"$@" >&2 || return 1
	echo 0 >$TRACING/tracing_on
	cp $TRACING/trace "$BATS_TEST_TMPDIR/trace"
	echo nop >$TRACING/current_tracer
	echo >$TRACING/set_graph_function
	echo >$TRACING/set_ftrace_filter
	! grep LOST "$BATS_TEST_TMPDIR/trace" >&2 || return 1
	grep -oE '[a-zA-Z0-9_]+( \[[a-z0-9_]+\])?\(\)' "$BATS_TEST_TMPDIR/trace" |
		sed 's/[ (].*//' | sort | uniq -c
}

GROUP=/sys/fs/cgroup/small

# in_group COMMAND...: what the kernel holds for it can be reclaimed on its own.
in_group() {
	mkdir -p $GROUP
	# shellcheck disable=SC2016  # expanded inside
	bash -c 'echo $$ >$0/cgroup.procs && exec "$@"' $GROUP "$@"
}

# squeeze: reclaim what is held for the group, while the upper's device does
# nothing at all. Fails if that ends only when the device is back.
squeeze() {
	local status=0
	dmsetup suspend --nolockfs --noflush upper
	{ echo 0 >$GROUP/memory.high && touch "$BATS_TEST_TMPDIR/squeezed"; } 3>&- &
	eventually 200 test -e "$BATS_TEST_TMPDIR/squeezed" || status=1
	in_use ovl_suspect >"$BATS_TEST_TMPDIR/left"
	dmsetup resume upper
	wait $!
	return $status
}

# btrfs writes so many files early, to have room for its metadata.
# bats test_tags=not-btrfs
@test "eviction under memory pressure submits nothing and waits for nothing" {
	local calls count name
	umount /mnt/a /mnt/b /up
	map_upper
	# What looks for calls sees them where they are.
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K'
	calls=$(calls_of ovl_sync_fs ovlio 'syncfs /mnt/a')
	echo "$calls"
	[[ $calls == *submit_bio* && $calls == *schedule* && $calls == *filemap_fdatawrite* ]]

	mkdir /mnt/a/d
	in_group flood /mnt/a/d 2000 cwC
	calls=$(calls_of ovl_destroy_inode squeeze)
	echo "$calls, $(<"$BATS_TEST_TMPDIR/left") suspects left"
	rmdir $GROUP
	# Nearly all overlay inodes went, and most of them left a dirty suspect.
	read -r count name <<<"$calls"
	[ "$name" = ovl_destroy_inode ] && [ "$(wc -l <<<"$calls")" = 1 ]
	[ "$count" -ge 1500 ]
	[ "$(<"$BATS_TEST_TMPDIR/left")" -ge 1000 ]
	ovlio 'syncfs /mnt/a'
	no_suspects
}

# most WHAT: the most there was of it, as flood has said in $held.
most() {
	awk -v what="$1" '{ for (i = 1; i < NF; i += 2) if ($i == what) print $(i + 1) }' <<<"$held"
}

@test "a flood of files that are made, mapped, stored to and removed holds next to nothing" {
	local cache used held
	cache=$(upper_inode_cache)
	mkdir /mnt/a/d
	used=$(used_space)
	held=$(flood /mnt/a/d "$FLOOD" cmsnCu /up "$cache")
	echo "$held"
	[ "$(most suspects)" -le 100 ]
	# Its folders have inodes, too.
	[ "$(most inodes)" -le $((1000 + FLOOD / 1000)) ]
	[ "$(most slab)" -le 32768 ]
	[ "$(most disk)" -le 32768 ]
	no_suspects
	eventually 60 space_is_back "$used"
}

# As a flusher that has something to do each second.
busy_flusher() {
	echo 100 >/proc/sys/vm/dirty_expire_centisecs
	echo 100 >/proc/sys/vm/dirty_writeback_centisecs
}

# held_until_written STEPS: by which files get dirty.
held_until_written() {
	local cache before
	cache=$(upper_inode_cache)
	mkdir /mnt/a/d
	sync -f /up
	echo 3 >/proc/sys/vm/drop_caches
	before=$(in_use "$cache")
	flood /mnt/a/d 3000 "$1"
	evict
	[ "$(in_use ovl_suspect)" = 3000 ]
	commit_data
	busy_flusher
	eventually 120 no_suspects
	quiet_flusher
	# Nothing keeps their inodes, either.
	sync -f /up
	eventually 60 reclaimed "$cache" $((before + 200))
}

# btrfs writes so many files early, to have room for its metadata.
# bats test_tags=not-btrfs
@test "evicted dirty files are held until the flusher has written them, and no longer" {
	held_until_written cwC
}

# bats test_tags=not-btrfs
@test "so are files that were dirtied through a mapping" {
	held_until_written cmsnC
}

# reclaimed CACHE MOST: no more are left of it. xfs takes its time.
reclaimed() {
	echo 3 >/proc/sys/vm/drop_caches
	[ "$(in_use "$1")" -le "$2" ]
}

@test "a flood of clean files that are opened for write is let go as memory is needed" {
	local cache held
	cache=$(upper_inode_cache)
	mkdir /mnt/a/d
	flood /mnt/a/d 3000 cC
	ovlio 'syncfs /mnt/a'
	no_suspects
	held=$(flood /mnt/a/d 3000 oC /up "$cache")
	echo "$held"
	[ "$(most suspects)" -le 3000 ]
	evict
	no_suspects
}

@test "clean files that were mapped are let go soon after memory was needed" {
	mkdir /mnt/a/d
	flood /mnt/a/d 3000 cmsnC
	ovlio 'syncfs /mnt/a'
	no_suspects
	flood /mnt/a/d 3000 omnC
	evict
	# The reaper looks for pinned pages; eviction, which may not, leaves them.
	eventually 30 no_suspects
}
