#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: make the disk that every run of the demo starts from. $1 is the
# upper filesystem.
set -euo pipefail

case $1 in
# Without the work that mkfs leaves to be done after the first mount.
ext4) mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$DISK1" ;;
xfs) mkfs.xfs -q "$DISK1" ;;
esac
mkdir /up
mount "$DISK1" /up
mkdir -p /up/image/{bin,proc,dev,sys,tmp}
cp /usr/bin/busybox /up/image/bin/busybox
ln -s busybox /up/image/bin/sh
umount /up
