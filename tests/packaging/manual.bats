#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages as they are in the packages, page 8 against what it describes, and
# that bash finds the completion. Pages 1 and 5 and the completion's words against the
# program: tests/hook/host.

load lib

setup_file() {
	unpack oci-syncfs-hook
	unpack overlay-syncfs-dkms
}

setup() {
	SHARE=$BATS_FILE_TMPDIR/oci-syncfs-hook/usr/share
	PAGE=$BATS_TEST_TMPDIR/oci-syncfs-hook.8
	gunzip -c "$SHARE/man/man8/oci-syncfs-hook.8.gz" >"$PAGE"
}

# text: of page 8, each paragraph on a line of its own.
text() {
	LC_ALL=C.UTF-8 mandoc -T ascii -O width=1000 "$PAGE" | col -b | sed 's/^ *//'
}

@test "the manual pages are well-formed for man and for mandoc" {
	local page plain
	for page in "$SHARE"/man/man*/*; do
		plain=$BATS_TEST_TMPDIR/$(basename "$page" .gz)
		gunzip -c "$page" >"$plain"
		run -0 mandoc -T lint -W style "$plain"
		[ -z "$output" ]
		run -0 bash -c "LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l '$plain' 2>&1 >/dev/null"
		[ -z "$output" ]
	done
}

@test "page 8 has every line that the module logs, in its words" {
	local line lines
	mapfile -t lines < <(grep -rhA1 --include='*.[ch]' 'pr_[a-z_]*(' "$TOP/kernel/overlayfs" |
		sed -nE 's/^[^"]*pr_[a-z_]*\("(.*)\\n".*/\1/p')
	[ "${#lines[@]}" -ge 3 ]
	# What is filled in has a name in the page.
	for line in "${lines[@]}"; do
		echo "$line"
		text | grep -qxE "$(sed 's/\./\\./g; s/%s/[A-Z]+/g' <<<"$line")"
	done
	# And they are all the lines of the module that there are.
	[ "${#lines[@]}" = "$(grep -rhE --include='*.[ch]' '\bpr_[a-z_]+\(' "$TOP/kernel/overlayfs" | wc -l)" ]
}

@test "page 8 has the module's parameter, and files that are in the package" {
	local file
	grep -rq 'module_param.*sync_upper_inodes\|sync_upper_inodes.*0644' "$BATS_FILE_TMPDIR"/overlay-syncfs-dkms/usr/src
	text | grep -qx '/sys/module/overlay/parameters/sync_upper_inodes'
	for file in /usr/libexec/oci/hooks.d/oci-syncfs-hook \
		/usr/share/containers/oci/hooks.d/overlay-syncfs.json; do
		text | grep -qx "$file"
		[ -e "$BATS_FILE_TMPDIR/oci-syncfs-hook$file" ]
	done
}

@test "page 8 has results that the program knows" {
	local result src=$TOP/hook/src
	for result in 'skipped: volatile' 'skipped: no per-overlay syncfs here' \
		'skipped: not an overlay: ' ' s, still running' \
		'data of this container'; do
		echo "$result"
		text | grep -qF "$result"
		# What is before the colon is what report.c says of any of them.
		grep -rqF "${result#skipped: }" "$src"
	done
}

@test "every page of ours that a page names is in the package" {
	local page name section
	for page in "$SHARE"/man/man*/*; do
		gunzip -c "$page" | sed -nE 's/^\.BR (oci\\-syncfs\\-hook[^ ]*) \(([0-9])\).*/\1 \2/p' |
			sed 's/\\-/-/g' >"$BATS_TEST_TMPDIR/named"
		[ -s "$BATS_TEST_TMPDIR/named" ]
		while read -r name section; do
			[ -e "$SHARE/man/man$section/$name.$section.gz" ]
		done <"$BATS_TEST_TMPDIR/named"
	done
}

@test "completion: bash-completion finds it by the program's name" {
	run -0 env -i PATH="$PATH" bash --norc -c "
		export XDG_DATA_DIRS=$SHARE
		. /usr/share/bash-completion/bash_completion
		_comp_load oci-syncfs-hook && complete -p oci-syncfs-hook"
	[[ $output == *"-F _oci_syncfs_hook oci-syncfs-hook" ]]
}
