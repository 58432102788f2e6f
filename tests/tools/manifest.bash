# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced in the guest: what is compared before and after a power cut.

# manifest FOLDER: all that can be told of a tree: names, types, modes, owners,
# sizes, allocated blocks, links, device numbers, times but for those of
# access, symlinks' targets, contents, extended attributes. Of a folder, not
# what depends on how the filesystem stores it.
manifest() (
	cd "$1" || exit
	find . -type d -print0 | sort -z |
		xargs -0 stat --printf='%n %f %u:%g %.9Y %.9Z\n'
	find . ! -type d -print0 | sort -z |
		xargs -0r stat --printf='%N %f %u:%g %s %b %h %t:%T %.9Y %.9Z\n'
	find . -type f -print0 | sort -z | xargs -0r sha256sum
	find . -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex
)
