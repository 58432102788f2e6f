#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that copies a lower file up, or needs it to be found again.

# power-cut knows one device.
# bats file_tags=not-ext4-extjournal,not-xfs-extlog

load ../durable

@test "copy up by open" {
	durable 'open l rw /mnt/a/l' 'close l'
	cmp /up/a/lower/l /up/a/upper/l
}

@test "copy up by open, then a write" {
	durable 'open l rw /mnt/a/l' 'write l 0 4K' 'close l'
	cmp -i 4096 /up/a/lower/l /up/a/upper/l
}

@test "copy up by O_TRUNC" {
	durable 'open l rwt /mnt/a/l' 'close l'
}

@test "copy up by truncate" {
	durable 'truncate /mnt/a/l 10000'
	cmp -n 10000 /up/a/lower/l /up/a/upper/l
}

@test "copy up by chmod" {
	durable 'sh chmod 600 l'
}

@test "copy up by chown" {
	durable 'sh chown 12:34 l'
}

@test "copy up by utimes" {
	durable 'sh touch -d "2001-02-03 04:05:06.789" l'
}

@test "copy up by setxattr" {
	durable 'sh setfattr -n user.x -v value l'
}

@test "copy up by link" {
	durable 'sh ln l hard'
}

@test "copy up by rename" {
	durable 'sh mv l renamed'
}

@test "copy up of folders, by a new file in them" {
	mkdir -p /up/a/lower/x/y/z
	sync -f /up
	durable 'sh echo new >x/y/z/file'
}

@test "copy up of a symlink, a fifo and a device, by chown" {
	ln -s target /up/a/lower/symlink
	mkfifo /up/a/lower/fifo
	mknod /up/a/lower/device c 1 3
	sync -f /up
	durable 'sh chown -h 12:34 symlink fifo device'
}

@test "metacopy" {
	remount_a metacopy=on,redirect_dir=on
	durable 'sh chmod 600 l'
	getfattr -n trusted.overlay.metacopy /up/a/upper/l
}

@test "metacopy, then data by open" {
	remount_a metacopy=on,redirect_dir=on
	ovlio 'sh chmod 600 /mnt/a/l' 'syncfs /mnt/a'
	durable 'open l rw /mnt/a/l' 'write l 0 4K' 'close l'
	cmp -i 4096 /up/a/lower/l /up/a/upper/l
}

@test "metacopy, then data by truncate" {
	remount_a metacopy=on,redirect_dir=on
	ovlio 'sh chmod 600 /mnt/a/l' 'syncfs /mnt/a'
	durable 'truncate /mnt/a/l 10000'
	cmp -n 10000 /up/a/lower/l /up/a/upper/l
}

@test "metacopy and rename, then data" {
	remount_a metacopy=on,redirect_dir=on
	ovlio 'sh mv /mnt/a/l /mnt/a/renamed' 'syncfs /mnt/a'
	durable 'open l rw /mnt/a/renamed' 'write l 0 4K' 'close l'
	cmp -i 4096 /up/a/lower/l /up/a/upper/renamed
}

@test "index: a write by one name of a lower file is seen by the other" {
	ln /up/a/lower/l /up/a/lower/l2
	sync -f /up
	remount_a index=on
	durable 'open l rw /mnt/a/l' 'write l 0 4K' 'close l' \
		'sh cmp /mnt/a/l l2'
	[ "$(find /up/a/work/index -type f | wc -l)" = 1 ]
}

@test "index: a store by the second name, after the first was evicted" {
	ln /up/a/lower/l /up/a/lower/l2
	sync -f /up
	remount_a index=on
	ovlio 'sh chmod 600 /mnt/a/l' 'syncfs /mnt/a'
	evict
	durable 'open l rw l2' 'mmap m l 64K' 'close l' 'store m 4K 16K' \
		'munmap m' 'sh echo 2 >/proc/sys/vm/drop_caches'
}

@test "index: unlink of a lower file's names" {
	ln /up/a/lower/l /up/a/lower/l2
	sync -f /up
	remount_a index=on
	durable 'sh echo x >>l && rm l l2'
}

@test "redirect_dir: rename of a lower folder, and a write in it" {
	remount_a redirect_dir=on
	durable 'sh mv dir moved && echo x >>moved/l'
	getfattr -n trusted.overlay.redirect /up/a/upper/moved
}

@test "nfs_export: a lower file is opened by handle, and written" {
	remount_a index=on,nfs_export=on
	durable 'handle h /mnt/a/l' 'sh echo 2 >/proc/sys/vm/drop_caches' \
		'openhandle l h rw /mnt/a' 'write l 0 4K' 'close l'
	# The copy has no name but in the index.
	cmp -i 4096 /up/a/lower/l /mnt/a/l
	run ! cmp -s /up/a/lower/l /mnt/a/l
}

@test "nfs_export: an upper file is opened by handle, and mapped" {
	remount_a index=on,nfs_export=on
	durable 'handle h /mnt/a/f' 'sh echo 2 >/proc/sys/vm/drop_caches' \
		'openhandle f h rw /mnt/a' 'mmap m f 256K' 'close f' 'syncfs /mnt/a' \
		'store m 0 4K'
}

@test "xino" {
	remount_a xino=on
	durable 'open l rw /mnt/a/l' 'write l 0 4K' 'close l' \
		'open f rw /mnt/a/f' 'write f 0 4K' 'close f'
}
