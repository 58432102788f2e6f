#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is in no page cache: names, types, attributes, extended attributes, and
# what overlayfs makes of them.

# power-cut knows one device.
# bats file_tags=not-ext4-extjournal,not-xfs-extlog

load ../paths

# None of these drops caches: xfs forces its log when it reclaims inodes.

path "new files and folders" 'sh touch empty && mkdir -p x/y/z && touch x/y/z/deep'
path "a short symlink" 'sh ln -s target symlink'
# In a block of its own, whatever the filesystem
path "a long symlink" "sh ln -s $(printf 'y%.0s' {1..1000}) symlink"
path "device nodes, a fifo, a socket" \
	'sh mknod char c 1 3 && mknod block b 7 9 && mkfifo fifo && perl -MIO::Socket::UNIX -e "IO::Socket::UNIX->new(Local => q(socket), Listen => 1)"'

path "a hard link" 'sh ln f hard'
path "a hard link to a dirty file whose first name is gone" \
	'open f rw f' 'write f 0 64K' 'sh ln f g && rm f' 'close f'
path "rename" 'sh mv f renamed'
path "rename of a dirty file over a dirty file" \
	'open f rw f' 'write f 0 64K' 'open g rwc g' 'write g 0 64K' 'sh mv f g'
path "rename of a new file over an old one" 'sh cp l new && mv new f'
path "rename of a folder with a dirty file" \
	'sh mkdir folder' synced 'sh echo x >folder/file && mv folder renamed'
path "rename over a lower file" 'sh mv f l'
path "exchange of dirty files" 'open f rw f' 'write f 0 64K' 'open g rwc g' \
	'write g 0 128K' 'sh mv -T --exchange f g'
path "exchange of a file and a folder" \
	'sh mkdir folder && echo x >folder/x && mv -T --exchange f folder'
path "unlink" 'sh rm f'

path "unlink of a lower file, a whiteout" 'sh rm l'
path "removal of a lower folder, whiteouts" 'sh rm -r dir'
path "a new file in place of a whiteout" 'sh rm l' synced 'sh echo new >l'
path "an opaque folder" 'sh rm -r dir && mkdir dir && echo only >dir/file'

path "chmod" 'sh chmod 4711 f'
path "chown" 'sh chown 12:34 f'
path "utimes" 'sh touch -d "2001-02-03 04:05:06.789" f'
path "a small extended attribute" 'sh setfattr -n user.small -v x f'
# As much as ext4 has room for
path "a large extended attribute" "sh setfattr -n user.large -v $(printf 'z%.0s' {1..3500}) f"
path "an extended attribute that goes" \
	"sh setfattr -n user.large -v $(printf 'z%.0s' {1..3500}) f" synced 'sh setfattr -x user.large f'
path "an access control list" 'sh setfacl -m u:12:rw f'
path "file attributes" 'sh chattr +d f'
