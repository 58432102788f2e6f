#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The built hook's configuration file, the annotations that are limited by it,
# and the two forms of its record. Needs no overlay and no root.

setup() {
	load ../lib
	HOOK=$(hook_binary)
	C=$BATS_TEST_TMPDIR/hook.json
	echo '{}' >"$C"
}

# hook ANNOTATIONS [OPTION...]: a container at poststop, with the configuration
# in $C and a bundle that does not exist.
hook() {
	local annotations=$1
	shift
	run timeout 20 "$HOOK" --config "$C" "$@" \
		<<<'{"id":"c1","status":"stopped","bundle":"/none/here","annotations":{'"$annotations"'}}'
	echo "$status: $output"
	[ "${#lines[@]}" = 1 ]
}

@test "annotations that ask for more than the file permits" {
	hook '"io.overlay-syncfs.timeout":"3600","io.overlay-syncfs.strict":"true","io.overlay-syncfs.fallback":"sync"'
	[ "$status" = 0 ]
	[[ $output == *"(annotation timeout=3600 limited to 8; annotation strict=true not permitted; annotation fallback=sync not permitted)" ]]
}

@test "annotations up to the ceiling" {
	echo '{"ceiling":{"timeout":20,"strict":true,"fallback":"walk"}}' >"$C"
	hook '"io.overlay-syncfs.timeout":"21","io.overlay-syncfs.strict":"true","io.overlay-syncfs.fallback":"walk"'
	[ "$status" = 1 ]
	[[ $output == *"(annotation timeout=21 limited to 20)" ]]
	hook '"io.overlay-syncfs.fallback":"sync"'
	[[ $output == *"(annotation fallback=sync not permitted)" ]]
}

@test "annotations that are nonsense, or hostile" {
	hook '"io.overlay-syncfs.timeout":"8; rm -rf /","io.overlay-syncfs.enable":"\nresult=synced","io.overlay-syncfs.fallback":"\u001b[2J"'
	[[ $output == *'timeout="8; rm -rf /" ignored'* ]]
	[[ $output == *'enable="\x0aresult=synced" ignored'* ]]
	[[ $output == *'fallback="\x1b[2J" ignored'* ]]
	hook '"io.overlay-syncfs.timeout":"'"$(printf '9%0100000d' 9)"'"'
	[[ $output == *'timeout="900'*'" ignored: not 1 to 3600)' ]]
	hook '"io.overlay-syncfs.enable":["true"]'
	[[ $output == *'"io.overlay-syncfs.enable" in annotations is not a string' ]]
	hook '"io.overlay-syncfs.tiemout":"1"'
	[[ $output == *'(unknown annotation io.overlay-syncfs.tiemout ignored)' ]]
}

@test "who is synced" {
	echo '{"enable":"annotation"}' >"$C"
	hook '' --strict
	[ "$status" = 0 ]
	[[ $output == *"result=skipped: not enabled by annotation" ]]
	hook '"io.overlay-syncfs.enable":"true"' --strict
	[ "$status" = 1 ]
	[[ $output == *'result=error: cannot open the bundle "/none/here": No such file or directory' ]]
	echo '{"enable":"never"}' >"$C"
	hook '"io.overlay-syncfs.enable":"true"' --strict
	[ "$status" = 0 ]
	[[ $output == *"result=skipped: disabled by the configuration" ]]
	echo '{}' >"$C"
	hook '"io.overlay-syncfs.enable":"false"' --strict
	[[ $output == *"result=skipped: disabled by annotation" ]]
}

@test "a configuration file that is wrong" {
	local text
	for text in '' '[]' '{' '{"tiemout":1}' '{"timeout":"1"}' '{"timeout":0}' \
		'{"strict":1}' '{"fallback":"all"}' '{"ceiling":{"enable":true}}' \
		'{"enable":"true"}' '{"log-format":"xml"}' '{} {}'; do
		printf %s "$text" >"$C"
		hook ''
		[ "$status" = 0 ]
		[[ $output == *"container=c1 stage=poststop "*"result=error: "*"$C"* ]]
		hook '' --strict
		[ "$status" = 1 ]
	done
}

@test "a configuration file that is missing, a symlink, a FIFO, or anybody's" {
	rm "$C"
	hook ''
	[[ $output == *"$C: No such file or directory" ]]
	ln -s /dev/zero "$C"
	hook ''
	[[ $output == *"$C is a symbolic link: refused" ]]
	rm "$C"
	mkfifo "$C"
	hook ''
	[[ $output == *"$C is a FIFO, not a regular file" ]]
	rm "$C"
	echo '{}' >"$C"
	chmod 666 "$C"
	hook ''
	[[ $output == *"can be written by others than its administrator: chown it to root, chmod it to 644" ]]
}

@test "JSON: one object, whatever the names are" {
	hook '' --log-format json
	jq -e '
		.container == "c1" and .stage == "poststop" and .mount == null and
		.upper == null and .mode == null and .errno == "ENOENT" and
		.result == "error" and (.duration_us | type == "number") and
		(.reason | startswith("cannot open the bundle"))' <<<"$output"
	echo '{"log-format":"json"}' >"$C"
	hook '"io.overlay-syncfs.timeout":"\"\\\u0001\u00e9"'
	jq -e '.notes | contains("timeout=\"\"\\x5c\\x01\\xc3\\xa9\" ignored")' <<<"$output"
	local id
	id=$(printf '\\n%.0s' {1..5000})
	run timeout 20 "$HOOK" --config "$C" <<<'{"id":"'"$id"'","status":"stopped","bundle":"/'"$id"'"}'
	[ "${#lines[@]}" = 1 ]
	[ "${#output}" -lt 4096 ]
	jq -e '.container | startswith("\\x0a\\x0a")' <<<"$output"
	jq -e '.reason | startswith("cannot open the bundle")' <<<"$output"
}
