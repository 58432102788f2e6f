#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The other ways in: criu, sync, status; with arguments and environments that
# are wrong. Needs no overlay and no root.

setup() {
	load ../lib
	HOOK=$(hook_binary)
	cd "$BATS_TEST_TMPDIR" || return
}

# as_criu ACTION PID [OPTION...]
as_criu() {
	local action=$1 pid=$2
	shift 2
	run env -i CRTOOLS_SCRIPT_ACTION="$action" CRTOOLS_INIT_PID="$pid" \
		timeout 20 "$HOOK" "$@" <&-
	echo "$status: $output"
}

@test "criu: started without arguments, by the environment alone" {
	as_criu post-dump $$
	[ "$status" = 0 ]
	[[ $output == "oci-syncfs-hook: container=- stage=post-dump mount=/proc/$$/root "* ]]
	as_criu pre-dump $$ criu
	[[ $output == *" stage=pre-dump "* ]]
	# That is a hook, whoever started the engine.
	as_criu pre-dump $$ --stage poststop
	[[ $output == *" stage=poststop "* ]]
}

@test "criu: other actions say nothing and succeed" {
	local action
	for action in network-lock network-unlock post-restore pre-resume \
		setup-namespaces status-ready '' $'post-dump\n'; do
		as_criu "$action" $$ criu --strict
		[ "$status" = 0 ]
		[ -z "$output" ]
	done
}

@test "criu: a process that is none" {
	local pid
	for pid in '' 0 -1 ../1 self 1/../2 ' 1' 1x 99999999999 $'1\n'; do
		as_criu post-dump "$pid"
		[ "$status" = 0 ]
		[[ $output == *" stage=post-dump "*"CRTOOLS_INIT_PID is "*": not a process" ]]
		as_criu post-dump "$pid" criu --strict
		[ "$status" = 1 ]
	done
	as_criu post-dump 2147483646 criu --strict
	[ "$status" = 1 ]
	[[ $output == *"errno=ENOENT result=error: no process 2147483646: No such file or directory" ]]
	run -1 env -i timeout 20 "$HOOK" criu
	[[ $output == *"no CRTOOLS_SCRIPT_ACTION: CRIU has to start this"* ]]
}

@test "sync: things that are no overlay, by path" {
	mkdir dir
	: >file
	mkfifo fifo
	ln -s dir link
	run -1 timeout 20 "$HOOK" sync dir
	[[ $output == *'stage=sync mount=dir '*'result=skipped: not an overlay: rootfs "dir" is '* ]]
	run -1 timeout 20 "$HOOK" sync file
	[[ $output == *'rootfs "file" is a file, not a directory: refused' ]]
	run -1 timeout 20 "$HOOK" sync fifo
	[[ $output == *'rootfs "fifo" is a FIFO, not a directory: refused' ]]
	run -1 timeout 20 "$HOOK" sync link
	[[ $output == *'rootfs "link" is a symbolic link, not a directory: refused' ]]
	run -1 timeout 20 "$HOOK" sync /proc/self/root/tmp
	[[ $output == *'leads through a link of /proc'* ]]
	run -1 timeout 20 "$HOOK" sync none
	[[ $output == *'cannot open rootfs "none": No such file or directory' ]]
	run -1 timeout 20 "$HOOK" sync /
	[[ $output == *'result=skipped: not an overlay: rootfs "/" is '* ]]
}

@test "sync: by bundle and by process" {
	mkdir -p b/rootfs
	echo '{"root":{"path":"rootfs"}}' >b/config.json
	run -1 timeout 20 "$HOOK" sync --bundle b
	[[ $output == *'mount=b/rootfs '*'result=skipped: not an overlay: rootfs "rootfs" is '* ]]
	run -1 timeout 20 "$HOOK" sync --bundle none
	[[ $output == *'cannot open the bundle "none": No such file or directory' ]]
	run -1 timeout 20 "$HOOK" sync --pid $$
	[[ $output == *"mount=/proc/$$/root "*'result=skipped: not an overlay: '* ]]
	run -1 timeout 20 "$HOOK" sync --pid 2147483646
	[[ $output == *'no process 2147483646'* ]]
}

@test "sync and status: wrong options" {
	local words
	for words in 'sync' 'sync a b' 'sync --pid x' 'sync --pid 1 a' 'sync --json a' \
		'sync --stage poststop a' 'status --pid 1' 'criu x' 'bogus' \
		'sync --fallback all a' 'sync --log-format xml a'; do
		# shellcheck disable=SC2086
		run timeout 20 "$HOOK" $words
		echo "$words: $status: $output"
		[ "$status" = 2 ]
		[[ $output == "oci-syncfs-hook: "*"result=error: "* ]]
	done
}

@test "status: a table, JSON, and what is no overlay" {
	run -0 "$HOOK" status
	[[ ${lines[0]} == SYNC*UPPER*FLAGS*MOUNT ]]
	"$HOOK" status --json | jq -e 'type == "array"'
	run -1 "$HOOK" status /proc
	[[ $output == *"not on an overlay: /proc"* ]]
	run -1 --separate-stderr "$HOOK" status --json /proc none
	jq -e '. == []' <<<"$output"
}

@test "status: an output that cannot be written is an error" {
	# shellcheck disable=SC2016  # the variable is that shell's
	run -1 sh -c '"$1" status >/dev/full' sh "$HOOK"
	[[ $output == *"cannot write to standard output"* ]]
}

@test "--help fits a screen; --version" {
	run -0 "$HOOK" --help
	# The prompt needs a line as well.
	[ "$(wc -l <<<"$output")" -le 23 ]
	[ "$(wc -L <<<"$output")" -le 80 ]
	run -0 "$HOOK" sync --help
	run -0 "$HOOK" --version
	[[ $output == "oci-syncfs-hook "[0-9]* ]]
}
