# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For both halves of the crash test, in the guest. $FS is the upper filesystem,
# $OPTIONS are more mount options for it.

# shellcheck source-path=SCRIPTDIR source=../tools/upper.bash
. ./upper.bash

mount_upper() {
	mkdir -p /up /mnt/a /mnt/b
	mount_fs "$DISK1" /up "$OPTIONS"
}

mount_overlay() {
	mkdir -p "/up/$1"/{lower,upper,work}
	mount -t overlay "$1" "/mnt/$1" \
		-o "lowerdir=/up/$1/lower,upperdir=/up/$1/upper,workdir=/up/$1/work"
}

# manifest DIR: all that can be known of a tree: names, types, modes, owners,
# sizes, links, targets, modification times, contents, extended attributes.
# Not the sizes and times of directories: an overlay's are made up.
manifest() (
	cd "$1" || exit
	find . -mindepth 1 -type d -printf '%P %y %m %U:%G\n' -o \
		-printf '%P %y %m %U:%G %s %n %T@ %l\n' | sort
	find . -type f -print0 | sort -z | xargs -0r sha256sum
	getfattr -R -h -d -m 'user\.' . 2>/dev/null
)
