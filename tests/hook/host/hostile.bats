#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the built hook makes of input that is wrong on purpose: one line that
# names the thing, no crash, no hang. Needs no overlay and no root.

setup() {
	load ../lib
	HOOK=$(hook_binary)
	B=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$B/rootfs"
}

# hook STATE [OPTION...]: run it; it must say one line and exit by itself.
hook() {
	local state=$1
	shift
	run timeout 20 "$HOOK" "$@" < <(printf %s "$state")
	echo "$status: $output"
	[ "$status" -lt 100 ]
	[ "${#lines[@]}" = 1 ]
	[[ $output == "oci-syncfs-hook: container="* ]]
}

state() {
	printf '{"ociVersion":"1.0.2","id":"%s","status":"stopped","bundle":"%s"}' \
		"${1:-c1}" "${2:-$B}"
}

# config FORMAT [ARGUMENT...]: as printf has it, for bytes of any kind.
config() {
	# shellcheck disable=SC2059
	printf "$@" >"$B/config.json"
}

@test "malformed, truncated and empty states" {
	local s
	for s in '' ' ' '{' '[]' '"x"' '{"id":}' '{"id":"a"' '{"id":"a","id":}' \
		'{} {}' '{"id":"a","bundle":"/b","status":"stopped"} x' 'null' '{a:1}' \
		'{"id":"a","bundle":"/b",}' '{"id":"a","bundle":"/b"/**/}'; do
		hook "$s"
		[ "$status" = 1 ]
		[[ $output == *"result=error: the container state on standard input "* ]]
		hook "$s" --stage poststop
		[ "$status" = 0 ]
		hook "$s" --stage poststop --strict
		[ "$status" = 1 ]
		hook "$s" --stage prestart
		[ "$status" = 1 ]
	done
}

@test "a state with a NUL byte, with invalid UTF-8, with a wrong type" {
	run -1 timeout 20 "$HOOK" < <(printf '{"id":"a\0b"}')
	[[ $output == *"has a NUL byte at offset 8"* ]]
	run -1 timeout 20 "$HOOK" < <(printf '{"id":"\xff"}')
	[[ $output == *"not valid JSON at byte 7: invalid utf-8 string"* ]]
	hook '{"id":7,"bundle":"/b"}'
	[[ $output == *'"id" in the container state on standard input is not a string' ]]
	hook '{"id":"a","bundle":"b/c"}'
	[[ $output == *'not an absolute path' ]]
	hook '{"id":"a"}'
	[[ $output == *'has no "bundle"' ]]
}

@test "states of 1 MiB and a byte, and of 1 GiB" {
	run -1 timeout 20 "$HOOK" < <(head -c 1048577 /dev/zero | tr '\0' ' ')
	[[ $output == *"is larger than 1 MiB: refused" ]]
	run -1 timeout 60 "$HOOK" < <(head -c 1G /dev/zero | tr '\0' '[')
	[[ $output == *"is larger than 1 MiB: refused" ]]
}

@test "a state of 10,000 levels" {
	hook "{\"a\":$(printf '%10000s' '' | tr ' ' '[')"
	[[ $output == *"is nested deeper than 32 levels: refused" ]]
}

@test "a state whose writer does not end" {
	run -0 timeout 20 "$HOOK" --stage poststop --timeout 1 < <(printf '{'; sleep 4)
	[[ $output == *"did not end within 1 s"* ]]
}

@test "a config.json of 10,000 levels, and of 1 GiB" {
	config '{"a":%s' "$(printf '%10000s' '' | tr ' ' '[')"
	hook "$(state)"
	[[ $output == *'config.json" is nested deeper than 32 levels: refused' ]]
	truncate -s 1G "$B/config.json"
	hook "$(state)"
	[[ $output == *'config.json" is larger than 1 MiB: refused' ]]
}

@test "of duplicate keys the last one counts, everywhere" {
	config '{"root":{"path":"/proc","path":"one"},"root":{"path":"/proc","path":"two"}}'
	hook '{"id":"x","id":"c1","status":"created","status":"stopped","bundle":"/none","bundle":"'"$B"'"}'
	[[ $output == *'container=c1 stage=poststop '*'cannot open rootfs "two": No such file or directory' ]]
}

@test "a config.json with a NUL byte, with invalid UTF-8, with a NUL in the path" {
	printf '{"root":\0{"path":"rootfs"}}' >"$B/config.json"
	hook "$(state)"
	[[ $output == *'config.json" has a NUL byte at offset 8' ]]
	config '{"root":{"path":"\xc3("}}'
	hook "$(state)"
	[[ $output == *'config.json" is not valid JSON at byte '*': invalid utf-8 string' ]]
	config '{"root":{"path":"rootfs\\u0000/../other"}}'
	hook "$(state)"
	[[ $output == *'config.json" contains a NUL' ]]
}

@test "names with control characters stay in their field, on their line" {
	config '{"root":{"path":"a\\nresult=synced"}}'
	# shellcheck disable=SC1003
	hook "$(state 'x\ncontainer=y stage=poststop \u001b[2J\u00e9\\')"
	[[ $output == *'container=x\x0acontainer\x3dy\x20stage\x3dpoststop\x20\x1b[2J\xc3\xa9\x5c stage=poststop '* ]]
	[[ $output == *'rootfs "a\x0aresult=synced"'* ]]
}

@test "a config.json with names in other scripts is no problem" {
	config '{"annotations":{"org.opencontainers.image.authors":"Ren\xc3\xa9 \xe2\x82\xac"},"root":{"path":"rootfs"}}'
	hook "$(state)"
	[[ $output == *'result=skipped: not an overlay: rootfs "rootfs" is'* ]]
}

@test "a bundle that is missing, or a file" {
	hook "$(state c1 /none/here)" --strict
	[ "$status" = 1 ]
	[[ $output == *'container=c1 stage=poststop '*'cannot open the bundle "/none/here": No such file or directory' ]]
	hook "$(state c1 /dev/null)"
	[ "$status" = 0 ]
	[[ $output == *'cannot open the bundle "/dev/null": Not a directory' ]]
}

@test "a config.json that is missing, a FIFO, a directory, a symlink, too large" {
	hook "$(state)"
	[[ $output == *"config.json\": No such file or directory" ]]
	mkfifo "$B/config.json"
	hook "$(state)"
	[[ $output == *"config.json\" is a FIFO, not a regular file" ]]
	rm "$B/config.json"
	mkdir "$B/config.json"
	hook "$(state)"
	[[ $output == *"config.json\" is a directory, not a regular file" ]]
	rmdir "$B/config.json"
	ln -s /dev/zero "$B/config.json"
	hook "$(state)"
	[[ $output == *"config.json\" is a symbolic link: refused" ]]
	rm "$B/config.json"
	truncate -s 2M "$B/config.json"
	hook "$(state)"
	[[ $output == *"config.json\" is larger than 1 MiB: refused" ]]
}

@test "a config.json that is malformed, or has no root" {
	config '{"root":'
	hook "$(state)"
	[[ $output == *"config.json\" is truncated: JSON ends early at byte 8" ]]
	config '{}'
	hook "$(state)"
	[[ $output == *"config.json\" has no \"root\"" ]]
	config '{"root":{"path":["rootfs"]}}'
	hook "$(state)"
	[[ $output == *"\"path\" in "*" is not a string" ]]
}

@test "a rootfs that is missing, a file, a FIFO, a socket, a device, a symlink" {
	config '{"root":{"path":"thing"}}'
	hook "$(state)"
	[[ $output == *'cannot open rootfs "thing": No such file or directory' ]]
	: >"$B/thing"
	hook "$(state)"
	[[ $output == *'rootfs "thing" is a file, not a directory: refused' ]]
	rm "$B/thing"
	mkfifo "$B/thing"
	hook "$(state)"
	[[ $output == *'rootfs "thing" is a FIFO, not a directory: refused' ]]
	rm "$B/thing"
	ln -s rootfs "$B/thing"
	hook "$(state)"
	[[ $output == *'rootfs "thing" is a symbolic link, not a directory: refused' ]]
	config '{"root":{"path":"/dev/null"}}'
	hook "$(state)"
	[[ $output == *'rootfs "/dev/null" is a device, not a directory: refused' ]]
}

@test "a rootfs outside the bundle, behind a magic link, on another file system" {
	config '{"root":{"path":"../../../../../.."}}'
	hook "$(state)"
	[[ $output == *'leads out of the bundle'*'make root.path absolute' ]]
	config '{"root":{"path":"/proc/self/root/tmp"}}'
	hook "$(state)"
	[[ $output == *'rootfs "/proc/self/root/tmp" leads through a link of /proc, or in a circle: refused' ]]
	config '{"root":{"path":"/proc"}}'
	hook "$(state)"
	[[ $output == *'result=skipped: not an overlay: rootfs "/proc" is proc (unmounted already?)' ]]
}

@test "a path of 100,000 characters" {
	config '{"root":{"path":"/%0100000d"}}' 0
	hook "$(state)"
	[ "${#output}" -lt 4096 ]
	[[ $output == *'cannot open rootfs "/000'*'000": File name too long' ]]
}

@test "wrong options" {
	local o
	for o in --bogus --stage=x --timeout=0 --timeout=x -s word --stage --strict=1; do
		hook "$(state)" "$o"
		[ "$status" = 2 ]
		[[ $output == *"result=error: "* ]]
	done
}

@test "no environment, and a working directory that is gone" {
	config '{"root":{"path":"rootfs"}}'
	mkdir "$BATS_TEST_TMPDIR/gone"
	cd "$BATS_TEST_TMPDIR/gone"
	rmdir "$BATS_TEST_TMPDIR/gone"
	run -0 env -i "$HOOK" < <(state)
	[[ $output == *'result=skipped: not an overlay'* ]]
}

@test "200 at once" {
	local i pids=() out=$BATS_TEST_TMPDIR/out
	config '{"root":{"path":"rootfs"}}'
	mkdir "$out"
	for ((i = 0; i < 200; i++)); do
		timeout 120 "$HOOK" --timeout 60 < <(state "c$i") 2>"$out/$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	# One line each, about itself.
	for ((i = 0; i < 200; i++)); do
		[ "$(wc -l <"$out/$i")" = 1 ]
		grep -q "container=c$i stage=poststop .*result=skipped: not an overlay" "$out/$i"
	done
}

@test "without privileges, as under a rootless engine, it goes on and says so" {
	local as=()
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	run timeout 20 "${as[@]}" "$HOOK" < <(state c1 /none)
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'cannot open the bundle "/none"'*' (unprivileged: capability bounding set kept)' ]]
}

@test "closed standard descriptors" {
	# shellcheck disable=SC2016
	local none='"$1" --stage "$2" <&- >&- 2>&-' no_input='"$1" --stage "$2" <&-'
	config '{"root":{"path":"rootfs"}}'
	run timeout 20 sh -c "$no_input" sh "$HOOK" poststop
	[ "$status" = 0 ]
	[[ $output == *"standard input is empty" ]]
	state | timeout 20 "$HOOK" >&- 2>&-
	run -1 timeout 20 sh -c "$none" sh "$HOOK" prestart
}
