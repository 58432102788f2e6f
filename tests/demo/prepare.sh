#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: make the disk that every run of the demo starts from. $1 is the
# upper filesystem.
set -euo pipefail

FS=$1
# shellcheck source-path=SCRIPTDIR source=../tools/upper.bash
. ./upper.bash

make_fs "$DISK1"
mkdir /up
mount "$DISK1" /up
mkdir -p /up/image/{bin,proc,dev,sys,tmp}
cp /usr/bin/busybox /up/image/bin/busybox
ln -s busybox /up/image/bin/sh
umount /up
