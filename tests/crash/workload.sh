#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: change overlay a in every way there is, beside a neighbour with
# dirty data; ACTION; leave on the terminal what must be there from then on; cut
# the power.
#
#   workload.sh syncfs|umount|remount|none
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. ./lib.sh
PATH=$PWD:$PATH
action=$1

quiet_flusher
make_fs "$DISK1"
mount_upper
mkdir -p /up/a/lower/{dir/sub,opaque}
for i in {1..9}; do
	dd if=/dev/urandom of="/up/a/lower/f$i" bs=10000 count=7 status=none
	echo "$i" | tee "/up/a/lower/dir/$i" >"/up/a/lower/opaque/$i"
done
mount_overlay a
mount_overlay b
sync

cd /mnt/a
# Of an earlier sync: changed, removed or replaced below.
for i in {1..6}; do
	dd if=/dev/urandom of="old$i" bs=30000 count=3 status=none
done
ovlio 'syncfs /mnt/a'

ovlio 'open f rwc /mnt/b/big' 'write f 0 16M'
dd if=/dev/urandom of=new bs=100000 count=11 status=none
dd if=/dev/urandom of=old1 bs=1000 count=5 seek=20 conv=notrunc status=none
echo appended >>old2
ovlio 'truncate /mnt/a/old3 12345' 'truncate /mnt/a/f1 23456'
mv old4 old5
rm old6
ovlio 'open f rwc /mnt/a/mapped' 'ftruncate f 1M' 'mmap m f 1M' 'close f' \
	'store m 4096 64K' 'store m 512K 4096' 'munmap m'
ovlio 'tmpfile t /mnt/a' 'write t 0 300K' 'linkat t /mnt/a/was-tmp'
ovlio 'open f rwc /mnt/a/holes' 'fallocate f 0 0 1M' 'write f 64K 128K' 'fallocate f 3 80K 20000'
ovlio 'open f rwcd /mnt/a/direct' 'write f 0 256K'
echo more >>f2
chmod 600 f3
chown 12:34 f4
setfattr -n user.small -v value f5
setfattr -n user.large -v "$(head -c 3000 /dev/zero | tr '\0' x)" new
rm f6 dir/3
mv f7 renamed
ln f8 hardlink
ln new new-link
ln -s short symlink
ln -s "$(head -c 900 /dev/zero | tr '\0' y)" long-symlink
mknod device c 1 3
mkfifo fifo
mkdir -p deep/er/and/deeper
echo x >deep/er/and/deeper/file
rm -r opaque
mkdir opaque
echo only >opaque/file
mkdir many
for i in {1..500}; do echo "$i" >"many/$i"; done
touch -d '2001-02-03 04:05:06.789' f9
# Some of the overlay's inodes go before the sync.
echo 2 >/proc/sys/vm/drop_caches
cd /

if [ "$action" = umount ]; then
	manifest /mnt/a >/tmp/manifest
	umount /mnt/a
else
	case $action in
	syncfs) ovlio 'syncfs /mnt/a' ;;
	remount) ovlio 'remount /mnt/a ro' ;;
	none) ;;
	esac
	manifest /mnt/a >/tmp/manifest
fi
# Not by reading it later: that could write.
sed 's/^/manifest: /' /tmp/manifest
exec guest-reset
