# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced in the guest: what is compared before and after a power cut.

# manifest FOLDER [FORMAT]: all that can be told of a tree: names, types, modes,
# owners, sizes, links, device numbers, times but for those of access, symlinks'
# targets, contents, extended attributes, and what stat(1) tells of files in
# FORMAT. Of a folder, not what depends on how the filesystem stores it. Each
# line has the name it is about. Few processes, since a guest without KVM takes
# long to start one.
manifest() (
	shopt -s globstar dotglob nullglob
	cd "$1" || exit
	format="%N %f %u:%g %s %h %t:%T %.9Y %.9Z ${2:-}\n"
	files=() folders=(.) others=()
	for name in **; do
		if [ -L "$name" ]; then
			others+=("$name")
		elif [ -d "$name" ]; then
			folders+=("$name")
		elif [ -f "$name" ]; then
			files+=("$name")
		else
			others+=("$name")
		fi
	done
	stat --printf='%n %f %u:%g %.9Y %.9Z\n' "${folders[@]}"
	set -- "${files[@]}" "${others[@]}"
	[ $# = 0 ] || stat --printf="$format" "$@"
	[ ${#files[@]} = 0 ] || sha256sum "${files[@]}"
	getfattr -h -d -m - -e hex "${folders[@]}" "$@" |
		awk '/^# file: / { name = $3; next } NF { print name, $0 }'
)
