# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by dirtying-*.bats: overlay a has a file f, which is on the device, and
# a file l in its lower layer, of 256K each.

# shellcheck source-path=SCRIPTDIR source=helper.bash
load ../helper

setup() {
	load_overlay
	quiet_flusher
	# xfs, too, is to force its log only when it is told to.
	modprobe "$(upper_type)"
	[ ! -e /proc/sys/fs/xfs ] || echo 720000 >/proc/sys/fs/xfs/xfssyncd_centisecs
	PATH=$BATS_TEST_DIRNAME/..:$PATH
	make_fs "$DISK1"
	dmsetup create upper --table "0 $(blockdev --getsz "$DISK1") linear $DISK1 0"
	mkdir -p /up
	mount_fs /dev/mapper/upper /up
	mkdir -p /up/a/lower
	dd if=/dev/urandom of=/up/a/lower/l bs=256K count=1 status=none
	sync -f /up
	mount_overlay a
	ovlio 'open f rwc /mnt/a/f' 'write f 0 256K' 'syncfs f'
}

# remount_a OPTIONS: overlay a is mounted with these from now on.
remount_a() {
	umount /mnt/a
	mount_overlay a ",$1"
	ovlio 'syncfs /mnt/a'
}

# durable COMMAND...: what ovlio does through overlay a is lost by a power cut
# before a syncfs, and is all there, and no page is dirty, after one. Whatever is
# open or mapped stays so.
durable() {
	ovlio "$@" 'sh power-cut lost' 'syncfs /mnt/a' \
		'sh find /up/a -type f -printf "clean %p\0" | xargs -0 ovlio' \
		'sh power-cut survived'
}

# durable_sh COMMAND: the same of a command of the shell, in /mnt/a.
durable_sh() {
	durable "sh cd /mnt/a && $1"
}
