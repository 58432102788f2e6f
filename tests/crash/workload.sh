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

# random FILE BYTES [COUNT]: FILE, or FILE1, FILE2, ... of so many bytes.
random() {
	local i
	[ $# = 2 ] || {
		for i in $(seq "$3"); do random "$1$i" "$2"; done
		return
	}
	head -c "$2" /dev/urandom >"$1"
}

# Not every filesystem has what this asks for; where it fails, what comes after
# it is not done either.
if_able() {
	ovlio "$@" 2>/dev/null || true
}

lower_layer() {
	mkdir -p /up/a/lower/{dir/sub,opaque,gone,moved}
	cd /up/a/lower
	random l 70000 12
	ln l12 l12-link
	ln -s target lower-symlink
	mkfifo lower-fifo
	for i in {1..9}; do
		echo "$i" | tee "dir/$i" "gone/$i" "moved/$i" >"opaque/$i"
	done
}

# Of an earlier sync; changed, removed or replaced later.
earlier() {
	random old 90000 12
	mkdir old-folder
	random old-folder/x 5000 3
}

change_data() {
	random new 1100000
	dd if=/dev/urandom of=old1 bs=1000 count=5 seek=20 conv=notrunc status=none
	echo appended >>old2
	ovlio 'truncate old3 12345' 'truncate l1 23456'
	ovlio 'open t rwt old4' 'write t 0 10000' 'close t'
	ovlio 'open v rwc vectored' 'writev v 0 50000' 'pwritev2 v 50000 50000 plain' \
		'pwritev2 v 0 5000 append'
	ovlio 'open s rwc spliced' 'splice s 0 64K'
	ovlio 'open l r l2' 'open s rwc sent' 'sendfile s l 70000'
	ovlio 'open l r l2' 'open c rwc copied' 'copy c 1000 l 0 60000'
	ovlio 'open a rwc aio' 'aiowrite a 0 64K' 'open u rwc uring' 'uringwrite u 0 64K'
	ovlio 'open d rwcd direct' 'write d 0 256K' 'aiowrite d 256K 64K' 'uringwrite d 320K 64K'
	ovlio 'open r rwc ring' 'ring r2 r' 'close r' 'ringwrite r2 0 64K'
	# Overlayfs has O_TMPFILE since 6.3.
	[[ $(uname -r) == 6.1.* ]] || ovlio 'tmpfile t .' 'write t 0 300K' 'linkat t was-tmp'
	[[ $FS == ext2 ]] || ovlio 'open f rwc holes' 'fallocate f plain 0 1M' \
		'write f 64K 128K' 'fallocate f punch 80K 20000'
	if_able 'open f rwc keep' 'write f 0 64K' 'fallocate f keep 64K 1M'
	if_able 'open f rw old5' 'fallocate f zero 5000 50000'
	if_able 'open f rw old6' 'fallocate f collapse 4K 16K'
	if_able 'open f rw old7' 'fallocate f insert 4K 16K'
	if_able 'open f rwc clone' 'open l r l3' 'clone f l' 'write f 8K 4K'
	if_able 'open f rwc clonerange' 'open o r old8' 'clonerange f 0 o 16K 16K'
	if_able 'open f rwc dedupe' 'open o r old8' 'sendfile f o 64K' 'dedupe f 0 o 0 64K'
}

change_through_mappings() {
	ovlio 'open f rwc mapped' 'ftruncate f 1M' 'mmap m f 1M' 'close f' \
		'store m 4096 64K' 'store m 512K 4096' 'munmap m'
	ovlio 'open f rw old9' 'mmap m f 80K' 'close f' 'fork c store m 0 4K' 'munmap m' 'join c'
	ovlio 'open f rw old10' 'mmapread m f 80K' 'close f' 'mprotect m rw' 'store m 8K 8K'
}

# With metacopy=on, all but the first leave the data where it is.
copy_up() {
	echo more >>l4
	chmod 600 l5
	chown 12:34 l6
	touch -d '2001-02-03 04:05:06.789' l7
	ln l8 hardlink
	mv l9 renamed
	setfattr -n user.x -v value l10
	chmod 600 l11
	echo data >>l11
	echo seen by the other name >>l12
	chown -h 12:34 lower-symlink lower-fifo
	echo x >dir/sub/new
	mv moved redirected
	echo x >>redirected/1
}

change_names() {
	mv old11 old12
	rm l3 old1 dir/3
	ln new new-link
	mv -T --exchange new spliced
	mv -T --exchange sent old-folder
	setfattr -n user.small -v value vectored
	setfattr -n user.large -v "$(printf 'x%.0s' {1..3000})" vectored
	setfattr -n user.folder -v value dir
	ln -s short symlink
	ln -s "$(printf 'y%.0s' {1..900})" long-symlink
	mknod device c 1 3
	mknod block b 7 9
	mkfifo fifo
	mkdir -p deep/er/and/deeper
	echo x >deep/er/and/deeper/file
	chmod 2750 deep/er
	rm -r opaque gone
	mkdir opaque
	echo only >opaque/file
	mkdir many
	(cd many && seq 500 | split -l1 -a4)
	mkdir crowded
	(cd crowded && seq -f entry-with-a-long-name-%g 3000 | xargs touch)
	touch -d '2001-02-03 04:05:06.789' aio
}

quiet_flusher
make_fs "$DISK1"
mount_upper
(lower_layer)
mount_overlay a
mount_overlay b
sync

cd /mnt/a
earlier
ovlio 'syncfs /mnt/a'

ovlio 'open f rwc /mnt/b/big' 'write f 0 16M'
change_data
change_through_mappings
copy_up
change_names
# Some of the overlay's inodes go before the sync.
echo 2 >/proc/sys/vm/drop_caches
cd /

case $action in
syncfs) ovlio 'syncfs /mnt/a' ;;
umount) umount /mnt/a ;;
remount) ovlio 'remount /mnt/a ro' ;;
none) ;;
esac
manifest /up/a >/tmp/manifest
[ "$action" != umount ] || mount_overlay a
manifest /mnt/a >>/tmp/manifest
# Not by reading it later: that could write.
sed 's/^/manifest: /' /tmp/manifest
exec guest-reset
