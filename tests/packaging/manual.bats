#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The hook's manual page and completion, against the hook's own --help.

load lib

setup_file() {
	unpack oci-syncfs-hook
}

setup() {
	HOOK=$BATS_FILE_TMPDIR/oci-syncfs-hook/usr/libexec/oci/hooks.d/oci-syncfs-hook
	PAGE=$TOP/hook/man/oci-syncfs-hook.8
}

options() {
	"$HOOK" --help | grep -oE -- '^  --[a-z]+' | tr -d ' ' | sort -u
}

# complete WORD...: what is offered for the last of them.
complete_words() {
	# shellcheck source=/dev/null
	. "$TOP/hook/completion/oci-syncfs-hook"
	COMP_WORDS=(oci-syncfs-hook "$@") COMP_CWORD=$#
	_oci_syncfs_hook
	printf '%s\n' "${COMPREPLY[@]}" | sort
}

@test "the manual page is well-formed for man and for mandoc" {
	run -0 mandoc -T lint -W style "$PAGE"
	[ -z "$output" ]
	run -0 bash -c "LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l '$PAGE' 2>&1 >/dev/null"
	[ -z "$output" ]
}

@test "every option of --help is in the manual page, and no other" {
	# Only from the options' own section: with a font and as a paragraph's head.
	run -0 bash -c "sed -n '/^\.SH OPTIONS/,/^\.SH REPORT/p' '$PAGE' | sed 's/\\\\-/-/g' | grep -oE '^\.BI? --[a-z]+' | sed 's/^[^ ]* //' | sort -u"
	[ "$output" = "$(options)" ]
}

@test "completion: every option of --help, and no other" {
	run -0 complete_words --
	[ "$output" = "$(options)" ]
}

@test "completion: the stages, in both ways to write them; nothing for a number" {
	local expected=$'poststop\nprestart'
	run -0 complete_words --stage ''
	[ "$output" = "$expected" ]
	run -0 complete_words --stage =
	[ "$output" = "$expected" ]
	run -0 complete_words --stage = po
	[ "$output" = poststop ]
	run -0 complete_words --timeout ''
	[ -z "$output" ]
}

@test "completion: bash-completion finds it by the program's name" {
	run -0 env -i PATH="$PATH" bash --norc -c "
		export XDG_DATA_DIRS=$BATS_FILE_TMPDIR/oci-syncfs-hook/usr/share
		. /usr/share/bash-completion/bash_completion
		_comp_load oci-syncfs-hook && complete -p oci-syncfs-hook"
	[[ $output == *"-F _oci_syncfs_hook oci-syncfs-hook" ]]
}
