#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is in no page cache: names, types, attributes, extended attributes, and
# what overlayfs makes of them.

load ../durable

@test "new files and folders" {
	durable_sh 'touch empty && mkdir -p x/y/z && touch x/y/z/deep'
}

@test "a folder with thousands of entries" {
	durable_sh 'mkdir many && cd many && seq -f long-name-of-an-entry-%g 3000 | xargs touch'
}

@test "thousands of entries that go" {
	ovlio 'sh mkdir /mnt/a/many && cd /mnt/a/many && seq 3000 | xargs touch' 'syncfs /mnt/a'
	durable_sh 'cd many && seq 1 2 3000 | xargs rm'
}

@test "thousands of dirty files" {
	durable_sh 'mkdir many && cd many && seq 1500 | split -l1 -a4'
}

@test "a short symlink" {
	durable_sh 'ln -s target symlink'
}

# One of its own block, in every filesystem.
@test "a long symlink" {
	durable_sh "ln -s $(printf 'y%.0s' {1..1000}) symlink"
}

@test "device nodes, a fifo, a socket" {
	durable_sh 'mknod char c 1 3 && mknod block b 7 9 && mkfifo fifo &&
		perl -MIO::Socket::UNIX -e "IO::Socket::UNIX->new(Local => q(socket), Listen => 1)"'
}

@test "a hard link" {
	durable_sh 'ln f hard'
}

@test "a hard link to a dirty file whose first name is gone" {
	durable 'open f rw /mnt/a/f' 'write f 0 64K' 'sh ln /mnt/a/f /mnt/a/g' \
		'sh rm /mnt/a/f' 'close f' 'sh echo 2 >/proc/sys/vm/drop_caches'
}

@test "rename" {
	durable_sh 'mv f renamed'
}

@test "rename of a dirty file over a dirty file" {
	durable 'open f rw /mnt/a/f' 'write f 0 64K' 'open g rwc /mnt/a/g' \
		'write g 0 64K' 'sh mv /mnt/a/f /mnt/a/g'
}

@test "rename of a new file over an old one" {
	durable_sh 'cp l new && mv new f'
}

@test "rename of a folder with a dirty file" {
	ovlio 'sh mkdir /mnt/a/dir' 'syncfs /mnt/a'
	durable_sh 'echo x >dir/file && mv dir renamed'
}

@test "exchange of dirty files" {
	durable 'open f rw /mnt/a/f' 'write f 0 64K' 'open g rwc /mnt/a/g' \
		'write g 0 128K' 'sh mv -T --exchange /mnt/a/f /mnt/a/g'
	[ "$(stat -c %s /mnt/a/f)" = 131072 ]
}

@test "exchange of a file and a folder" {
	durable_sh 'mkdir dir && echo x >dir/x && mv -T --exchange f dir'
}

@test "unlink" {
	durable_sh 'rm f'
}

@test "unlink of a lower file, a whiteout" {
	durable_sh 'rm l'
	[ "$(stat -c %F:%t:%T /up/a/upper/l)" = 'character special file:0:0' ]
}

@test "removal of a lower folder, a whiteout" {
	mkdir /up/a/lower/dir
	cp /up/a/lower/l /up/a/lower/dir/l
	sync -f /up
	durable_sh 'rm -r dir'
}

@test "a new file in place of a whiteout" {
	ovlio 'sh rm /mnt/a/l' 'syncfs /mnt/a'
	durable_sh 'echo new >l'
}

@test "a new folder in place of a lower one, opaque" {
	mkdir /up/a/lower/dir
	cp /up/a/lower/l /up/a/lower/dir/l
	sync -f /up
	durable_sh 'rm -r dir && mkdir dir && echo only >dir/file'
	getfattr -n trusted.overlay.opaque /up/a/upper/dir
}

@test "rename over a lower file" {
	durable_sh 'mv f l'
}

@test "chmod" {
	durable_sh 'chmod 4711 f'
}

@test "chown" {
	durable_sh 'chown 12:34 f'
}

@test "utimes" {
	durable_sh 'touch -d "2001-02-03 04:05:06.789" f'
}

@test "utimes with lazytime" {
	mount -o remount,lazytime /up
	durable_sh 'touch -d "2001-02-03 04:05:06.789" f'
}

@test "times of a written file with lazytime" {
	mount -o remount,lazytime /up
	durable 'open f rw /mnt/a/f' 'write f 0 4K' 'syncfs /mnt/a' \
		'sleep 0.1' 'write f 0 4K' 'close f'
}

@test "times of a mapped file with lazytime" {
	mount -o remount,lazytime /up
	durable 'open f rw /mnt/a/f' 'mmap m f 4K' 'close f' 'store m 0 4K' \
		'syncfs /mnt/a' 'sleep 0.1' 'store m 0 4K'
}

@test "extended attributes, small and large, and one that goes" {
	# As much as ext4 has room for
	durable_sh "setfattr -n user.small -v x f && setfattr -n user.large -v $(printf 'z%.0s' {1..3500}) f"
	durable_sh 'setfattr -x user.large f'
}

@test "an access control list" {
	durable_sh 'setfacl -m u:12:rw f'
}

@test "file attributes" {
	durable_sh 'chattr +d f'
}
