#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The completion for bash.

setup() {
	load ../lib
	HOOK=$(hook_binary)
	# shellcheck source=hook/completion/oci-syncfs-hook
	. "$BATS_TEST_DIRNAME/../../../hook/completion/oci-syncfs-hook"
}

# offers WORD...: what it offers for the last one, sorted.
offers() {
	COMP_WORDS=(oci-syncfs-hook "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_oci_syncfs_hook
	printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}

@test "the words of each place" {
	[ "$(offers s)" = "status sync" ]
	[ "$(offers --st)" = "--stage --strict" ]
	[ "$(offers --stage post)" = "poststart poststop" ]
	[ "$(offers --stage =)" = "createRuntime poststart poststop prestart" ]
	[ "$(offers --stage = post)" = "poststart poststop" ]
	[ "$(offers --fallback '')" = "skip sync walk" ]
	[ "$(offers --timeout '')" = "" ]
	[ "$(offers sync --b)" = "--bundle" ]
	[ "$(offers criu --b)" = "" ]
	[ "$(offers status --)" = "--help --json --version" ]
	[ "$(offers sync --pid $$)" = "$$" ]
	cd "$BATS_TEST_TMPDIR" || return
	mkdir dir1 dir2
	: >dirfile
	[ "$(offers sync dir)" = "dir1 dir2" ]
	[ "$(offers sync --bundle dir)" = "dir1 dir2" ]
	[ "$(offers --config dir)" = "dir1 dir2 dirfile" ]
}

@test "it knows every option that there is, and no other" {
	local known
	known=$({
		offers -- | tr ' ' '\n'
		offers sync -- | tr ' ' '\n'
		offers status -- | tr ' ' '\n'
	} | sort -u)
	diff <("$HOOK" --help | grep -oE -- '--[a-z-]+' | sort -u) <(echo "$known")
}
