#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/crash/replay without a kernel of its own: the generator, the model, the
# oracle, the shrinker, the replay of a log. In the build root.

bats_require_minimum_version 1.5.0

setup() {
	TOP=$BATS_TEST_DIRNAME/../../..
	CRASH=$TOP/build/tests/crash OVLIO=$TOP/build/tests/ovlio
	export CRASH OVLIO BATS_TEST_TMPDIR
	cd "$BATS_TEST_TMPDIR" || exit
	# shellcheck source-path=SCRIPTDIR source=plain.bash
	. "$BATS_TEST_DIRNAME/plain.bash"
}

# plain FUNCTION: with an /mnt of its own
plain() {
	# shellcheck disable=SC2163  # the function of that name
	export -f "$1" plain_sequence run_plain
	unshare --mount --propagation unchanged bash -euc "mount -t tmpfs none /mnt; $1"
}

# --- the generator

@test "a seed makes the same sequence each time, another seed another one" {
	"$CRASH" generate 5 >a
	"$CRASH" generate 5 >b
	"$CRASH" generate 6 >c
	cmp a b
	run ! cmp a c
}

@test "every sequence can be, and has a sync" {
	for seed in {1..100}; do
		"$CRASH" generate "$seed" >sequence
		"$CRASH" filter <sequence >valid
		cmp sequence valid
		grep -qE '^(syncfs|umount|remount)' sequence
	done
}

@test "what the filesystem has not is not asked for" {
	for seed in {1..60}; do
		"$CRASH" generate "$seed"
	done >all
	for seed in {1..60}; do
		"$CRASH" generate -w tmpfile,clone,shift "$seed"
	done >without
	grep -qE '^(tmpfile|clone|clonerange) |collapse|insert' all
	run ! grep -E '^(tmpfile|clone|clonerange) |collapse|insert' without
}

@test "every dirtying path comes up" {
	for seed in {1..300}; do
		"$CRASH" generate "$seed"
	done >all
	for command in write writev pwritev2 splice sendfile copy clone clonerange \
		truncate ftruncate aiowrite uringwrite tmpfile linkat mmap mmapread \
		mprotect store fork join fallocate mkdir rmdir unlink rename exchange \
		link symlink mknod chmod chown utime setxattr removexattr fsync \
		writeback evict syncfs umount remount; do
		grep -q "^$command" all || { echo "no $command" && false; }
	done
	for mode in plain keep punch zero collapse insert; do
		grep -q "^fallocate f[0-9]* $mode" all
	done
	# Of an existing file, direct, appended to, truncated
	for flags in rwct rwca rwcd; do
		grep -q "^open [fd][0-9]* $flags" all || grep -q "^open [fd][0-9]* rwdc" all
	done
}

# --- the model

@test "without any one command, what is left can be once more" {
	"$CRASH" generate 8 >sequence
	for n in $(seq "$(wc -l <sequence)"); do
		sed "${n}d" sequence | "$CRASH" filter >once
		"$CRASH" filter <once >twice
		cmp once twice
	done
}

@test "what cannot be is refused" {
	refused() { [ -z "$(printf '%s\n' "$@" | "$CRASH" filter | tail -n +"$#")" ]; }
	refused 'open f rw /mnt/a/none'
	refused 'write f 0 8'
	refused 'open f rw /mnt/a/l1' 'write f 0 8'
	refused 'mkdir /mnt/a/dir'
	refused 'rmdir /mnt/a/dir'
	refused 'unlink /mnt/a/dir'
	refused 'rename /mnt/a/dir /mnt/a/dir/sub/x'
	refused 'rename /mnt/a/l1 /mnt/b/x'
	refused 'open f r /mnt/a/l1' 'umount /mnt/a'
	refused 'umount /mnt/a' 'mkdir /mnt/a/x'
	refused 'remount /mnt/a ro' 'mkdir /mnt/a/x'
	refused 'seed 1' 'open f rw /mnt/a/l1' 'mmap m f 64K' 'store m 19999 2'
	refused 'seed 1' 'open f r /mnt/a/l1' 'write f 0 8'
	refused 'nonsense'
}

as_a_filesystem() {
	for seed in 1 2 3 4 5 6; do
		plain_sequence "$seed" >sequence
		mapfile -t commands <sequence
		run_plain "${commands[@]}"
		"$CRASH" check sequence
	done
}

@test "the model does what a filesystem does" {
	plain as_a_filesystem
}

# --- the oracle

# shellcheck disable=SC2016  # expanded by eval
everything_noticed() {
	printf '%s\n' 'seed 3' 'setxattr user.x 10 /mnt/a/l1' 'utime 1000000000 /mnt/a/l2' >sequence
	mapfile -t commands <sequence
	for damage in 'printf x | dd of=/mnt/a/l1 bs=1 seek=17000 conv=notrunc status=none' \
		'truncate -s 19999 /mnt/a/l1' 'echo >>/mnt/a/l1' 'chmod 600 /mnt/a/l1' \
		'chown 1 /mnt/a/l1' 'chgrp 1 /mnt/a/l1' 'ln /mnt/a/l1 /mnt/a/dir/l5.x' \
		'rm /mnt/a/l3' 'rm -r /mnt/a/dir' 'touch /mnt/a/dir/sub/extra' \
		'ln -sf l2 /mnt/a/l10' 'rm /mnt/a/l10; mknod /mnt/a/l10 c 1 3' \
		'"$OVLIO" "setxattr user.x 10 /mnt/a/l1"' \
		'"$OVLIO" "removexattr user.x /mnt/a/l1"' \
		'"$OVLIO" "setxattr user.z 10 /mnt/a/l3"' 'touch /mnt/a/l2' \
		'rm /mnt/b/l4' 'cp /mnt/b/l2 /mnt/b/l3' \
		'rm /mnt/a/other/l9; cp -a /mnt/a/l4 /mnt/a/other/l9' \
		'rm /mnt/a/other/l9; cp -a /mnt/a/l4 /mnt/a/other/l9; ln /mnt/a/l4 /mnt/4; ln /mnt/a/other/l9 /mnt/9'; do
		run_plain "${commands[@]}"
		"$CRASH" check sequence
		eval "$damage"
		! "$CRASH" check sequence >>said || { echo "not noticed: $damage" && exit 1; }
	done
	cat said
}

@test "whatever is not as it was to be is noticed" {
	plain everything_noticed
}

# State of time K, which is that after K commands.
in_time() {
	for seed in 11 12 13; do
		plain_sequence "$seed" 20 >sequence
		mapfile -t commands <sequence
		n=${#commands[@]} lost=0
		for k in $(seq 1 3 "$n"); do
			run_plain "${commands[@]:0:k}"
			"$CRASH" check -f 0 -m "$n" sequence
			"$CRASH" check -f "$k" -m "$n" sequence
			"$CRASH" check -f "$k" -m "$k" sequence
			"$CRASH" check -f 0 -m "$k" sequence
			"$CRASH" check -f "$n" -m "$n" sequence >/dev/null || lost=$((lost + 1))
		done
		[ "$lost" -gt 3 ]
	done
}

@test "any state since the sync may be, none before it, none that is yet to come" {
	plain in_time
}

window_kept() {
	printf '%s\n' 'seed 3' 'open f rw /mnt/a/l2' 'write f 0 4096' 'write f 0 100' \
		'rename /mnt/a/l1 /mnt/a/x' 'unlink /mnt/a/l3' 'mkdir /mnt/a/new' \
		'chmod 0600 /mnt/a/dir/l5' 'truncate /mnt/a/l4 9000' >sequence
	n=$(wc -l <sequence)
	run_plain
	ok() { "$CRASH" check "$@" sequence; }
	bad() { ! "$CRASH" check "$@" sequence; }
	ok -f 0 -m "$n"
	# Changed in place: old or new, but nothing else, and no hole.
	bad -f 3 -m "$n"
	head -c 50 /dev/zero | dd of=/mnt/a/l2 conv=notrunc status=none
	bad -f 0 -m "$n"
	# Where it grew there may be a hole, and it may have grown in part.
	run_plain
	truncate -s 8000 /mnt/a/l4
	ok -f 0 -m "$n"
	bad -f 0 -m 8
	truncate -s 9001 /mnt/a/l4
	bad -f 0 -m "$n"
	# A name may be the old or the new one, but there must be one.
	run_plain
	mv /mnt/a/l1 /mnt/a/x
	ok -f 0 -m "$n"
	bad -f 0 -m 4
	rm /mnt/a/x
	bad -f 0 -m "$n"
	# Removed: may be there or not; before: must be, after: must not.
	run_plain
	bad -f 6 -m "$n"
	rm /mnt/a/l3
	ok -f 0 -m "$n"
	bad -f 0 -m 5
	run_plain
	chmod 600 /mnt/a/dir/l5
	ok -f 0 -m "$n"
	bad -f 0 -m 7
	chmod 640 /mnt/a/dir/l5
	bad -f 0 -m "$n"
}

@test "what may differ after a power cut may, and no more than that" {
	plain window_kept
}

# The time of a file: set before its data was copied up, or after it.
time_of_data() {
	printf '%s\n' 'seed 3' 'utime 1000000000 /mnt/a/l2' 'open f rw /mnt/a/l2' 'close f' \
		'utime 1000000000 /mnt/a/l3' 'open f rw /mnt/a/l4' 'close f' \
		'utime 1000000000 /mnt/a/l4' 'open f rw /mnt/a/l4' 'close f' >sequence
	mapfile -t commands <sequence
	run_plain "${commands[@]}"
	"$CRASH" check sequence
	touch /mnt/a/l2
	"$CRASH" check sequence
	touch /mnt/a/l3
	! "$CRASH" check sequence || return
	run_plain "${commands[@]}"
	touch /mnt/a/l4
	! "$CRASH" check sequence || return
}

@test "a file's data that is copied up after its attributes takes the time of then" {
	plain time_of_data
}

touched_only() {
	local file
	printf '%s\n' 'seed 3' 'open f rw /mnt/a/l2' 'write f 0 100' 'rename /mnt/a/l1 /mnt/a/x' \
		'chmod 0600 /mnt/a/l3' 'unlink /mnt/a/dir/l6' 'open g rw /mnt/a/dir/l5' >sequence
	ok() { "$CRASH" check -f 0 -m 7 "$@" sequence; }
	bad() { ! "$CRASH" check -f 0 -m 7 "$@" sequence; }
	# The last is in a folder of one that was copied up.
	for file in l1 l2 l3 dir/l6 dir/l5 dir/sub/l7; do
		run_plain
		printf rubbish >"/mnt/a/$file"
		bad
		ok -j
	done
	for file in a/l4 a/other/l8 b/l2; do
		run_plain
		printf rubbish >"/mnt/$file"
		bad -j
	done
	run_plain
	rm /mnt/a/l4
	bad -j
	# Touched since the sync, or before it
	run_plain
	rm /mnt/a/l3
	bad
	ok -j
	bad -j -f 5
	# Renamed: it may have neither of its names, or both.
	run_plain
	rm /mnt/a/l1
	bad
	ok -j
	run_plain
	ln /mnt/a/l1 /mnt/a/x
	ok -j
}

@test "without a journal, what was touched may be anything, and nothing else" {
	plain touched_only
}

cut_off_and_back() {
	printf '%s\n' 'seed 3' 'truncate /mnt/a/l3 11798' 'truncate /mnt/a/l3 14837' >sequence
	mapfile -t commands <sequence
	back() {
		dd if=old of=/mnt/a/l3 bs=1 skip="$1" seek="$1" count="$2" conv=notrunc status=none
	}
	ok() { "$CRASH" check -f 2 -m 3 "$@" sequence; }
	bad() { ! "$CRASH" check -f 2 -m 3 "$@" sequence; }
	run_plain
	cp /mnt/a/l3 old
	run_plain "${commands[@]}"
	ok
	back 11798 490
	bad
	ok -t btrfs
	# It was so when the sync began.
	! "$CRASH" check -f 3 -m 3 -t btrfs sequence || return
	back 12288 10
	bad -t btrfs
	run_plain "${commands[@]}"
	tr '\0-\377' '\1-\377\0' <old >new
	mv new old
	back 11798 490
	bad -t btrfs
}

@test "on btrfs, what was cut off may be back where the file grew in its last block, and nothing else" {
	plain cut_off_and_back
}

half_renames() {
	printf '%s\n' 'seed 3' 'exchange /mnt/a/l1 /mnt/a/dir' >sequence
	mapfile -t commands <sequence
	ok() { "$CRASH" check -f 1 -m 2 "$@" sequence; }
	bad() { ! "$CRASH" check -f 1 -m 2 "$@" sequence; }
	run_plain "${commands[@]}"
	ok
	# The folder of the exchange has gone, with what is in it.
	rm -r /mnt/a/l1
	cp -a /mnt/a/dir /mnt/a/l1
	bad
	ok -t btrfs
	# It was so when the sync began.
	! "$CRASH" check -f 2 -m 2 -t btrfs sequence || return
	mv /mnt/a/other/l8 /mnt/a/other/l11
	bad -t btrfs
}

@test "on btrfs, what has moved may have no name, and nothing else" {
	plain half_renames
}

half_shifts() {
	commands=('seed 3' 'open f rwct /mnt/a/new' 'writev f 0 32768')
	printf '%s\n' "${commands[@]}" 'fallocate f collapse 8192 8192' 'close f' >sequence
	ok() { "$CRASH" check -f 3 -m 5 "$@" sequence; }
	bad() { ! "$CRASH" check -f 3 -m 5 "$@" sequence; }
	# Not all filesystems of the host can collapse.
	run_plain "${commands[@]}"
	ok
	cp /mnt/a/new was
	{ head -c 8192 was && tail -c +16385 was; } >/mnt/a/new
	ok
	# The hole is there, and nothing has moved.
	{ head -c 8192 was && head -c 8192 /dev/zero && tail -c +16385 was; } >/mnt/a/new
	bad
	ok -t xfs
	# It was so when the sync began.
	! "$CRASH" check -f 5 -m 5 -t xfs sequence || return
	# Before the offset nothing moves.
	printf '\0' | dd of=/mnt/a/new bs=1 seek=100 conv=notrunc status=none
	bad -t xfs
}

@test "on xfs, a collapse since the sync may have left a hole behind its offset, and nothing else" {
	plain half_shifts
}

# --- the shrinker

predicate() {
	cat >predicate <<-SH
		#!/bin/bash
		$1
	SH
	chmod +x predicate
}

@test "of a sequence is left what it takes to fail" {
	"$CRASH" generate -s 60 21 >sequence
	file=$(sed -n 's/^open \(f[0-9]*\) rw.*/\1/p' sequence | head -n1)
	predicate "! { grep -q '^open $file rw' \"\$1\" && grep -q ^syncfs \"\$1\"; }"
	"$CRASH" shrink -n 1000 sequence ./predicate >shrunk
	[ "$(wc -l <shrunk)" = 2 ]
	grep -q "^open $file rw" shrunk
	grep -q ^syncfs shrunk
}

@test "what is needed by what is left stays" {
	printf '%s\n' 'seed 1' 'mkdir /mnt/a/d' 'mkdir /mnt/b/d' 'open f rwc /mnt/a/d/x' \
		'syncfs /mnt/a' 'write f 0 9000' 'chmod 0600 /mnt/a/d' 'mmap m f 8192' \
		'close f' 'rename /mnt/a/d /mnt/a/e' 'store m 0 100' 'munmap m' >sequence
	predicate "! grep -qxF 'store m 0 100' \"\$1\""
	"$CRASH" shrink sequence ./predicate >shrunk
	[ "$(cut -d' ' -f1 shrunk | xargs)" = 'seed mkdir open write mmap store' ]
}

@test "another way to fail does not count" {
	printf '%s\n' 'mkdir /mnt/a/x' 'mkdir /mnt/a/y' 'mkdir /mnt/a/z' >sequence
	predicate "grep -q z \"\$1\" || exit 2; exit 1"
	"$CRASH" shrink sequence ./predicate >shrunk
	[ "$(cat shrunk)" = 'mkdir /mnt/a/z' ]
}

@test "a sequence that does not fail is not shrunk" {
	echo 'mkdir /mnt/a/x' >sequence
	run -2 "$CRASH" shrink sequence true
	[[ $output == *"nothing to shrink"* ]]
}

@test "no more calls than asked for" {
	"$CRASH" generate -s 60 21 >sequence
	predicate "echo x >>'$PWD/calls'; [ \"\$(wc -l <\"\$1\")\" -lt 20 ]"
	"$CRASH" shrink sequence ./predicate >shrunk
	[ "$(wc -l <calls)" -gt 4 ]
	rm calls
	"$CRASH" shrink -n 3 sequence ./predicate >shrunk
	# The first is to see how it ends.
	[ "$(wc -l <calls)" = 4 ]
}

# --- the log

# make_log ENTRY...: SECTOR:SECTORS:FLAGS:BYTE, or mark:N
make_log() {
	python3 - "$@" <<-'PY'
		import struct, sys
		out = open("log", "wb")
		out.write(struct.pack("<QQQL", 0x6a736677736872, 1, len(sys.argv) - 1, 512).ljust(512, b"\0"))
		for e in sys.argv[1:]:
		    if e.startswith("mark:"):
		        out.write((struct.pack("<QQQQ", 0, 0, 8, len(e) - 5) + e[5:].encode()).ljust(512, b"\0"))
		        continue
		    sector, sectors, flags, byte = e.split(":")
		    out.write(struct.pack("<QQQQ", int(sector), int(sectors), int(flags), 0).ljust(512, b"\0"))
		    if not int(flags) & 4:
		        out.write(byte.encode() * (512 * int(sectors)))
	PY
}

@test "a log is read: writes, flushes, FUA, discards, marks" {
	make_log 0:1:0:a 0:0:1: mark:7 8:2:2:b 100:8:4: 16:1:16:c mark:dm-log-writes-end
	run -0 "$CRASH" log log
	[ "${lines[0]}" = '0 write 0 + 1' ]
	[ "${lines[1]}" = '1  flush 0 + 0' ]
	[ "${lines[2]}" = '2 mark 7' ]
	[ "${lines[3]}" = '3 write fua 8 + 2' ]
	[ "${lines[4]}" = '4  discard 100 + 8' ]
	[ "${lines[5]}" = '5 write 16 + 1' ]
	# Its own, of which nothing is known
	[ "${lines[6]}" = '6 mark 7' ]
}

@test "each prefix of it is replayed" {
	truncate -s 64K base
	printf base | dd of=base bs=1 seek=20000 conv=notrunc status=none
	make_log 1:1:0:a mark:1 1:2:0:b 0:0:1: 64:8:0:c
	at() {
		rm -f image
		truncate -s 64K image
		# What somebody else has left there
		printf rest | dd of=image bs=1 seek="$2" conv=notrunc status=none
		"$CRASH" replay log base image "$1"
		tr '\0' . <image | fold -w 512 | cut -c1-4 | tr '\n' ' '
	}
	zero=$(printf '.... %.0s' {0..127})
	[ "$(at 0 50000)" = "$zero" ]
	[ "$(at 1 600)" = ".... aaaa ${zero:10}" ]
	[ "$(at 2 600)" = ".... aaaa ${zero:10}" ]
	[ "$(at 3 600)" = ".... bbbb bbbb ${zero:15}" ]
	[[ $(at 5 50000) == ".... bbbb bbbb "*" cccc cccc "* ]]
	[ "$(tail -c +20001 image | head -c 4)" = base ]
}

@test "what is no log, or only part of one, is refused" {
	truncate -s 4K log
	run -2 "$CRASH" log log
	[[ $output == *"not a log of dm-log-writes"* ]]
	make_log 0:1:0:a 8:4:0:b
	truncate -s 1024 log
	run -2 "$CRASH" log log
	[[ $output == *"ends before its last entry"* ]]
	truncate -s 64K base image
	make_log 0:1:0:a 8:4:0:b
	truncate -s 2560 log
	run -2 "$CRASH" replay log base image 2
	[[ $output == *"not whole"* ]]
}
