#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Many overlays of one upper, synced at once: neither in each other's way nor
# dependent on each other.

load ../helper

# overlays COUNT: more of them, c0 and so on, each with a new file that is dirty.
overlays() {
	local i
	for ((i = 0; i < $1; i++)); do
		mount_overlay "c$i"
	done
	sync -f /up
	ovlio "each $1 open f rwc /mnt/c%/f; write f 0 64K; close f"
}

# switches COMMAND...: how often the processors change to another process meanwhile.
switches() {
	local before
	before=$(awk '$1 == "ctxt" { print $2 }' /proc/stat)
	"$@" >&2 || return 1
	awk -v b="$before" '$1 == "ctxt" { print $2 - b }' /proc/stat
}

# On a debug kernel so many take longer than one waits for a slot.
# bats test_tags=not-7-3-debug,not-7-3-series-debug
@test "syncs of very many overlays at once: nobody is woken for nothing" {
	local n=300
	overlays $n
	run -0 --separate-stderr switches ovlio "ready all $n syncfs /mnt/c%" 'go all'
	# Each has to start, be told to go, wait for its data, and for its commit.
	echo "$output switches, of $n syncs"
	[ "$output" -lt $((n * 30)) ]
	ovlio "each $n clean /up/c%/upper/f"
}

# at_least COUNT FUNCTION PID...: so many of these processes are in it.
at_least() {
	local pid count=0
	for pid in "${@:3}"; do
		! grep -q "$2" "/proc/$pid/stack" || count=$((count + 1))
	done
	[ $count -ge "$1" ]
}

# Four requests at a time, and those stay: whoever submits more has to wait.
# bats test_tags=not-ext4-nojournal
@test "syncs of neighbours who cannot go on: another one does not wait for them" {
	local i pids=() own clean status=0 loop
	umount /mnt/a /mnt/b /up
	modprobe loop
	map_device
	loop=$(losetup --find --show --direct-io=on /dev/mapper/upper)
	echo 4 >"/sys/block/${loop#/dev/}/queue/nr_requests"
	mount_upper "$loop"
	overlays 22
	ovlio 'open f rwc /mnt/a/f' 'write f 0 64K' 'close f'
	dmsetup suspend --nolockfs --noflush upper
	for i in {0..21}; do
		ovlio "syncfs /mnt/c$i" 3>&- &
		pids+=($!)
	done
	# The first ones have the requests, and are in their next phase.
	eventually 20 at_least 18 do_writepages "${pids[@]}" || status=1
	ovlio 'syncfs /mnt/a' 3>&- &
	own=$!
	eventually 20 at_least 1 do_writepages $own || status=2
	# Who has nothing to submit does not wait at all.
	ovlio 'syncfs /mnt/b' 3>&- &
	clean=$!
	eventually 20 at_least 1 sync_filesystem $clean || status=3
	! eventually 1 at_least 1 ovl_upper_slot_take $clean || status=4
	for i in "${pids[@]}" $own $clean; do
		head -n 12 "/proc/$i/stack"
		echo
	done >"$BATS_TEST_TMPDIR/stacks"
	dmsetup resume upper
	wait "${pids[@]}" $own $clean
	[ $status = 0 ] || cat "$BATS_TEST_TMPDIR/stacks"
	echo "status $status"
	[ $status = 0 ]
	ovlio 'clean /up/a/upper/f'
}
