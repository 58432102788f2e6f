#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A checkpoint of f2fs leaves out inodes of which only times have changed.

load ../helper

setup() {
	PATH=$BATS_TEST_DIRNAME/..:$PATH
	pristine
	map_upper
	ovlio 'open f rwc /mnt/a/f' 'write f 0 256K' 'close f' 'sh mkdir /mnt/a/dir' 'syncfs /mnt/a'
}

@test "times of a file that was overwritten survive" {
	ovlio 'sleep 0.1' 'open f rw /mnt/a/f' 'write f 0 4K' 'close f' 'syncfs /mnt/a'
	power-cut survived
}

@test "times of a folder in which a file was made and removed survive" {
	ovlio 'sleep 0.1' 'open f rwc /mnt/a/dir/g' 'close f' 'sh rm /mnt/a/dir/g' 'syncfs /mnt/a'
	power-cut survived
}

@test "times that were set survive" {
	touch -d '2001-02-03 04:05:06.789' /mnt/a/f /mnt/a/dir
	ovlio 'syncfs /mnt/a'
	power-cut survived
}
