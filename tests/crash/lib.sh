# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For both halves of the crash test, in the guest. $FS is the upper filesystem,
# $OPTIONS are more mount options for it.

# shellcheck source-path=SCRIPTDIR source=../tools/upper.bash
. ./upper.bash
# shellcheck source-path=SCRIPTDIR source=../tools/manifest.bash
. ./manifest.bash

mount_upper() {
	mkdir -p /up /mnt/a /mnt/b
	mount_fs "$DISK1" /up "$OPTIONS"
}

# Everything that overlayfs can do is on, so that its traces are in the upper.
mount_overlay() {
	mkdir -p "/up/$1"/{lower,upper,work}
	mount -t overlay "$1" "/mnt/$1" \
		-o "lowerdir=/up/$1/lower,upperdir=/up/$1/upper,workdir=/up/$1/work" \
		-o metacopy=on,redirect_dir=on,index=on,xino=on
}
