#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The manual pages against the program.

setup() {
	load ../lib
	HOOK=$(hook_binary)
	MAN=$BATS_TEST_DIRNAME/../../../hook/man
}

# page FILE: its text, more or less, where there is no troff.
page() {
	sed 's/^\.[A-Z]* *//; s/\\-/-/g; s/\\(dq/"/g; s/\\~/ /g; s/\\f.//g' "$MAN/$1"
}

# tags FILE: what its paragraphs are about.
tags() {
	awk '/^\.TP/ { getline; print }' "$MAN/$1" | sed 's/^\.B *//; s/\\-/-/g; s/\\(dq/"/g'
}

@test "every option of --help is in the manual page, and the other way round" {
	local help page
	help=$("$HOOK" --help | grep -oE -- '--[a-z-]+' | sort -u)
	page=$(page oci-syncfs-hook.1 | grep -oE -- '--[a-z-]+' | grep -vx -- --pre-dump | sort -u)
	diff <(echo "$help") <(echo "$page")
}

@test "every member and annotation that the page names is one, and the other way round" {
	local named known
	named=$(tags oci-syncfs-hook.json.5 | sed -n 's/^"\([a-z-]*\)"$/\1/p' | sort -u)
	echo "$named"
	known=$(sed -n '/^static const char \*const KEYS/,/;/p' "$BATS_TEST_DIRNAME/../../../hook/src/config.c" |
		grep -oE '"[a-z-]+"' | tr -d '"' | sort -u)
	diff <(echo "$named") <(echo "$known")
	named=$(tags oci-syncfs-hook.json.5 | sed -n 's/^io\.overlay-syncfs\.//p' | sort -u)
	known=$(grep -oE 'strcmp\(name, "[a-z]+"' "$BATS_TEST_DIRNAME/../../../hook/src/annotations.c" |
		grep -oE '"[a-z]+"' | tr -d '"' | sort -u)
	diff <(echo "$named") <(echo "$known")
}

@test "the example is a configuration that the hook takes" {
	page oci-syncfs-hook.json.5 | sed -n '/^{$/,/^}$/p' >"$BATS_TEST_TMPDIR/example.json"
	jq . "$BATS_TEST_TMPDIR/example.json"
	run -0 "$HOOK" --config "$BATS_TEST_TMPDIR/example.json" \
		<<<'{"id":"c","status":"stopped","bundle":"/none","annotations":{"io.overlay-syncfs.timeout":"31"}}'
	[[ $output == *"result=skipped: not enabled by annotation (annotation timeout=31 limited to 30)" ]]
}
