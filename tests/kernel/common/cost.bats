#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What it costs when nobody syncs: calls of the engine, allocations, sizes; and a sync,
# for what it has nothing to do about.

load ../helper

TRACING=/sys/kernel/tracing

# What ovlio is to do so that only what stands between is traced.
begin="sh echo 1 >$TRACING/tracing_on"
end="sh echo 0 >$TRACING/tracing_on"

# engine_calls COMMAND...: which functions of the engine COMMAND and its children
# call while tracing is on: COUNT NAME lines.
engine_calls() {
	echo 0 >$TRACING/tracing_on
	echo 1 >$TRACING/options/function-fork
	echo "$BASHPID" >$TRACING/set_ftrace_pid
	printf '%s\n' ovl_suspect_{add,add_dirty,mmap,evict,settle} 'ovl_walk*' 'ovl_reaper*' \
		>$TRACING/set_ftrace_filter
	echo function >$TRACING/current_tracer
	"$@" >&2 || return 1
	grep -oE 'ovl_[a-z_]+ <-' $TRACING/trace | sort | uniq -c | awk '{ print $1, $2 }'
}

stop_tracing() {
	echo nop >$TRACING/current_tracer
	echo >$TRACING/set_ftrace_filter
	echo >$TRACING/set_ftrace_pid
	echo 1 >$TRACING/tracing_on
}

teardown() {
	stop_tracing
	unmount_all
}

@test "cost: reading and writing files that are open calls nothing of the engine" {
	local calls
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'close f'
	calls=$(engine_calls ovlio 'open f rw /mnt/a/f' 'open i rwc /mnt/a/i' 'ftruncate f 1M' \
		'mmap m f 1M' "$begin" \
		'write f 0 64K' 'write f 1M 64K' 'writev f 0 64K' 'pwritev2 f 0 64K append' \
		'store m 0 64K' 'fallocate f plain 2M 64K' 'copy i 0 f 0 64K' 'sendfile i f 64K' \
		'fsync i' 'sh cat /mnt/a/f >/dev/null' 'sh ls -l /mnt/a' "$end")
	echo "$calls"
	[ -z "$calls" ]
}

@test "cost: a file is recorded once for each open for write, and allocated for once" {
	local calls
	# The first one of all also starts the reaper.
	calls=$(engine_calls ovlio 'open f rwc /mnt/a/f' 'close f' 'open z rwc /mnt/a/z' \
		'syncfs /mnt/a' "$begin" 'open f rw /mnt/a/f' \
		'open g rw /mnt/a/f' 'open h rw /mnt/a/f' "$end" \
		'sh echo 1 >/sys/kernel/slab/ovl_suspect/shrink' \
		'sh grep "^ovl_suspect  *2 " /proc/slabinfo')
	echo "$calls"
	[ "$calls" = "3 ovl_suspect_add" ]
	# Not what is opened for read, and not what metadata does.
	calls=$(engine_calls ovlio "$begin" 'sh mkdir /mnt/a/d' 'open f r /mnt/a/f' \
		'sh ln /mnt/a/f /mnt/a/d/f && mv /mnt/a/d/f /mnt/a/d/g && chmod 600 /mnt/a/d/g' "$end")
	echo "$calls"
	[[ $calls != *"ovl_suspect_add"[^_]* && $calls != *"ovl_suspect_add" ]]
}

@test "cost: of files that are open for write and clean, a sync does no more than look" {
	local i opens=() calls
	for i in {1..20}; do
		opens+=("open f$i rwc /mnt/a/f$i" "write f$i 0 4K")
	done
	# Twice: on 6.1 the commit of data=journal leaves pages dirty.
	calls=$(engine_calls ovlio "${opens[@]}" 'syncfs /mnt/a' 'syncfs /mnt/a' 'write f7 0 4K' 'write f8 0 4K' \
		"$begin" 'syncfs /mnt/a' "$end")
	echo "$calls"
	# Two are written: that may be done before the first walk, or not.
	[ "$(awk '$2 == "ovl_suspect_settle" { n = $1 } END { print n + 0 }' <<<"$calls")" -le 2 ]
	[[ $(awk '$2 == "ovl_walk_next" { print $1 }' <<<"$calls") = @([3-9]|1[0-3]) ]]
}

@test "cost: overlay inodes do not grow, a suspect takes 56 bytes" {
	local slab=/sys/kernel/slab size
	[ "$(<$slab/ovl_suspect/object_size)" -le 56 ]
	size=$(<$slab/ovl_inode/object_size)
	umount /mnt/a /mnt/b
	rmmod overlay
	modprobe --ignore-install overlay
	run -0 cat $slab/ovl_inode/object_size
	rmmod overlay
	insmod "$OVERLAY_KO"
	[ "$output" = "$size" ]
}
