#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hook, watched from outside: what it does once its filters are in place,
# and what the syncing process is while the disk hangs. In the guest.

setup_file() {
	load lib
	HOOK=$(hook_binary)
	# A disk that can be made to hang.
	dmsetup create hang --table \
		"0 $(blockdev --getsz "$DISK1") linear $DISK1 0"
	# There is no udev to make the node.
	dmsetup mknodes
	data_disk /dev/mapper/hang
	start_syslog
	export HOOK D LOG SYSLOGD
}

teardown_file() {
	load lib
	stop_syslog
	umount "$D"
	dmsetup remove hang
}

setup() {
	load lib
	NAME=c$BATS_TEST_NUMBER
	overlay "$NAME"
	printf '{"root":{"path":"rootfs"}}' >"$B/config.json"
	STATE="{\"id\":\"$NAME\",\"status\":\"stopped\",\"bundle\":\"$B\"}"
	dd if=/dev/zero of="$B/rootfs/data" bs=1M count=1 2>/dev/null
}

# Wait until no sync is under way any more.
no_worker_left() {
	local i
	for ((i = 0; i < 100; i++)); do
		pgrep -x oci-syncfs-hook -r D,S,R >/dev/null || return 0
		sleep 0.1
	done
	return 1
}

teardown() {
	dmsetup resume hang
	no_worker_left || pkill -x oci-syncfs-hook
	umount "$B/rootfs"
}

# calls_after_filter TRACE: "PID CALL" for every system call that a process
# makes after its seccomp filter was installed.
calls_after_filter() {
	awk '
	$2 ~ /^(\+\+\+|---|<\.\.\.)/ { next }
	filtered[$1] { call = $2; sub(/\(.*/, "", call); print $1, call }
	/seccomp\(SECCOMP_SET_MODE_FILTER, 0, \{/ { filtered[$1] = 1 }
	' "$1"
}

# only PID ALLOWED...: fail on any call of that process that is not allowed.
only() {
	local pid=$1 call bad=0
	shift
	while read -r call; do
		if [[ " $* " != *" $call "* ]]; then
			echo "process $pid calls $call after its filter"
			bad=1
		fi
	done < <(awk -v pid="$pid" '$1 == pid { print $2 }' "$BATS_TEST_TMPDIR/calls" | sort -u)
	return $bad
}

trace_hook() {
	strace -f -o "$BATS_TEST_TMPDIR/trace" "$HOOK" --strict <<<"$STATE"
	records "$NAME" | grep -q 'result=synced$'
	calls_after_filter "$BATS_TEST_TMPDIR/trace" >"$BATS_TEST_TMPDIR/calls"
	PARENT=$(awk 'NR == 1 { print $1 }' "$BATS_TEST_TMPDIR/trace")
	WORKER=$(awk '$2 == "syncfs" { print $1 }' "$BATS_TEST_TMPDIR/calls")
}

@test "after its filter the syncing process makes only the calls it needs" {
	trace_hook
	cat "$BATS_TEST_TMPDIR/calls"
	# One process syncs, once, with its filter in place.
	[ "$(wc -w <<<"$WORKER")" = 1 ]
	[ "$WORKER" != "$PARENT" ]
	[ "$(grep -c 'syncfs(' "$BATS_TEST_TMPDIR/trace")" = 1 ]
	only "$WORKER" write syncfs close exit_group clock_gettime brk munmap
}

@test "after its filter the reporting process makes only the calls it needs" {
	trace_hook
	cat "$BATS_TEST_TMPDIR/calls"
	grep -q "^$PARENT sendto$" "$BATS_TEST_TMPDIR/calls"
	# A timer ends a write to standard error that blocks.
	only "$PARENT" poll read write sendto wait4 exit_group clock_gettime brk munmap \
		rt_sigaction setitimer rt_sigreturn
	# Nobody else is left.
	[ "$(cut -d' ' -f1 "$BATS_TEST_TMPDIR/calls" | sort -u | wc -l)" = 2 ]
}

@test "the last capability goes before the filter, the filter before the sync" {
	trace_hook
	local order
	order=$(awk -v pid="$WORKER" '
		$1 != pid { next }
		/ capset\(.*effective=0, permitted=0, inheritable=0/ { print "capset" }
		/ seccomp\(SECCOMP_SET_MODE_FILTER, 0, \{/ { print "filter" }
		/ syncfs\(/ { print "sync" }
	' "$BATS_TEST_TMPDIR/trace" | xargs)
	echo "$order"
	[ "$order" = "capset filter sync" ]
	# The bounding set, no_new_privs and the one capability that is kept:
	# before the first byte of input is read.
	order=$(awk -v pid="$PARENT" '
		$1 != pid { next }
		/PR_SET_NO_NEW_PRIVS, 1/ && !nnp++ { print "nnp" }
		/PR_CAPBSET_DROP, CAP_CHOWN/ { print "bounding" }
		/ capset\(.*effective=1<<CAP_DAC_READ_SEARCH, permitted=1<<CAP_DAC_READ_SEARCH, inheritable=0/ { print "capset" }
		/ read\(0,/ && !input++ { print "input" }
	' "$BATS_TEST_TMPDIR/trace" | xargs)
	echo "$order"
	[ "$order" = "nnp bounding capset input" ]
}

@test "of the rootfs nothing but the root itself is opened" {
	mkdir "$B/rootfs/etc"
	trace_hook
	local opened paths
	opened=$(grep -n 'openat2([0-9]*, "rootfs", {flags=O_RDONLY|O_NOFOLLOW|O_CLOEXEC|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH}' "$BATS_TEST_TMPDIR/trace")
	[ "$(wc -l <<<"$opened")" = 1 ]
	# All the names that the worker has for the kernel from then on.
	paths=$(tail -n "+${opened%%:*}" "$BATS_TEST_TMPDIR/trace" |
		awk -v pid="$WORKER" '$1 == pid && $2 !~ /^(read|write)\(|^</' |
		grep -o '"[^"]*"' | sort -u | xargs -d '\n')
	echo "$paths"
	[ "$paths" = "\"\" \"/\" \"$B/upper\" \"/proc/self/mountinfo\" \"/sys/module/overlay/parameters/sync_upper_inodes\" \"rootfs\"" ]
	# The upper directory is looked at, not opened.
	grep "\"$B/upper\"" "$BATS_TEST_TMPDIR/trace" | grep -v 'read(' >"$BATS_TEST_TMPDIR/upper"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/upper")" = 1 ]
	cat "$BATS_TEST_TMPDIR/upper"
	grep -q 'openat2(.*flags=[A-Z_|]*|O_PATH|[A-Z_|]*O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS}' "$BATS_TEST_TMPDIR/upper"
}

# field PID KEY: of /proc/PID/status.
field() {
	awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"
}

@test "while the disk hangs: the hook leaves in time, the sync goes on" {
	dmsetup suspend --noflush --nolockfs hang
	# Should the hook not leave, this ends the test; it fails then.
	(sleep 20; dmsetup resume hang) >/dev/null 2>&1 3>&- &
	local rescue=$! start=$EPOCHREALTIME status=0 worker
	# As an engine does: it waits until the pipe is closed.
	output=$("$HOOK" --timeout 2 --strict <<<"$STATE" 2>&1) || status=$?
	echo "$output, exit status $status"
	awk -v a="$start" -v b="$EPOCHREALTIME" \
		'BEGIN { print b - a " s"; exit !(b - a >= 2 && b - a < 8) }'
	[ $status = 1 ]
	[[ $output == *"stage=poststop "*"result=timed out after 2 s, still running" ]]

	worker=$(pgrep -x oci-syncfs-hook)
	[ "$(wc -w <<<"$worker")" = 1 ]
	[ "$(field "$worker" State)" = D ]
	local set
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		[ "$(field "$worker" $set)" = 0000000000000000 ]
	done
	[ "$(field "$worker" NoNewPrivs)" = 1 ]
	[ "$(field "$worker" Seccomp)" = 2 ]
	[ "$(readlink "/proc/$worker/cwd")" = / ]
	# It holds nothing of the engine's.
	local fds
	fds=$(find "/proc/$worker/fd" -type l -printf '%l\n' | sed 's/:\[.*//' | sort | xargs)
	echo "$fds"
	[ "$fds" = "/dev/null /dev/null /dev/null $B/rootfs pipe" ]

	kill $rescue
	dmsetup resume hang
	no_worker_left
	on_disk "$B/upper/data"
}

@test "while the disk hangs: without --strict poststop still succeeds" {
	dmsetup suspend --noflush --nolockfs hang
	run -0 timeout 20 "$HOOK" --timeout 1 <<<"$STATE"
	[[ $output == *"result=timed out after 1 s, still running" ]]
	dmsetup resume hang
	no_worker_left
}

@test "the overlay is not busy when the hook has ended" {
	# The worker tells its result by its fourth write. Held up right after
	# it, it is still there when the parent has long ended.
	strace -f -o /dev/null -e trace=write \
		-e inject=write:delay_exit=3000000:when=4 \
		"$HOOK" --strict <<<"$STATE" 3>&- &
	wait_record "$NAME" | grep -q 'result=synced$'
	[ "$(pgrep -c -x oci-syncfs-hook)" -ge 1 ]
	umount "$B/rootfs"
	wait $!
	overlay "$NAME"
}
