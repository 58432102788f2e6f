#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Kinds of mounts, and mounts that change: what is synced on each, and what is
# not.

load ../helper

@test "no upper: nothing to sync, and no remount to read-write" {
	dirty_neighbour 4
	mkdir -p /mnt/c
	mount -t overlay c /mnt/c -o lowerdir=/up/a/lower:/up/b/upper
	run -0 --separate-stderr written ovlio 'open f r /mnt/c/big' 'syncfs /mnt/c' \
		'remount /mnt/c ro' '!EROFS remount /mnt/c rw' 'close f' 'umount /mnt/c'
	[ "$output" = 0 ]
	neighbour_dirty 4
}

@test "read-only from the start: what others write to the upper is theirs, and not lost" {
	umount /mnt/a
	mount_overlay a ,ro
	ovlio 'open u rwc /up/a/upper/u' 'write u 0 1M' 'sh cat /mnt/a/u >/dev/null' \
		'!EROFS open f rwc /mnt/a/f'
	dmesg -C
	run -0 --separate-stderr written ovlio 'syncfs /mnt/a' 'umount /mnt/a'
	[ "$output" = 0 ]
	ovlio 'dirty /up/a/upper/u'
	run ! grep 'may be lost' <(dmesg)
}

@test "read-only, read-write and read-only again: each change to read-only syncs" {
	local i
	umount /mnt/a
	mount_overlay a ,ro
	for i in 1 2 3; do
		ovlio 'remount /mnt/a rw' "open f rwc /mnt/a/$i" 'write f 0 1M' 'close f' \
			'remount /mnt/a ro' "clean /up/a/upper/$i" "!EROFS open g rw /mnt/a/$i"
		no_suspects
	done
	ovlio 'remount /mnt/a rw' 'open f rw /mnt/a/1' 'write f 0 1M' 'close f' \
		'umount /mnt/a' 'clean /up/a/upper/1'
}

@test "a remount to read-only that fails leaves all as it was" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' '!EBUSY remount /mnt/a ro' 'write f 0 2M' \
		'syncfs /mnt/a' 'clean /up/a/upper/f'
}

@test "a remount does not change what is synced" {
	local options
	for options in volatile fsync=volatile "upperdir=/up/b/upper,workdir=/up/b/work"; do
		# mount(2) ignores the options of an overlay, fsconfig(2) refuses them,
		# or ignores them, too, in 6.1.
		LIBMOUNT_FORCE_MOUNT2=always mount -o "remount,$options" /mnt/a
		run env LIBMOUNT_FORCE_MOUNT2=never mount -o "remount,$options" /mnt/a
		[ "$status" = 32 ] || [ "$status" = 0 ]
		ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a' 'clean /up/a/upper/f'
	done
}

@test "a remount to what it is already writes nothing" {
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'remount /mnt/a rw' 'dirty /up/a/upper/f'
	umount /mnt/a
	mount_overlay a ,ro
	ovlio 'open u rwc /up/a/upper/u' 'write u 0 1M' 'sh cat /mnt/a/u >/dev/null' \
		'remount /mnt/a ro' 'dirty /up/a/upper/u'
}

@test "nested: the sync of an overlay is not that of its lower one" {
	ovlio 'open l rwc /mnt/a/l' 'write l 0 1M' 'close l' 'open f rwc /mnt/a/f' 'write f 0 1M' 'syncfs /mnt/a'
	mkdir -p /up/c/{upper,work} /mnt/c
	mount -t overlay c /mnt/c -o lowerdir=/mnt/a,upperdir=/up/c/upper,workdir=/up/c/work
	ovlio 'open l rw /mnt/a/l' 'write l 0 1M' 'close l' \
		'open f rw /mnt/c/f' 'write f 0 64K' 'syncfs /mnt/c' \
		'clean /up/c/upper/f' 'dirty /up/a/upper/l' \
		'write f 0 64K' 'syncfs /mnt/a' 'clean /up/a/upper/l' 'dirty /up/c/upper/f'
}

@test "nested: a lower overlay that is mounted no more is synced when it goes" {
	mkdir -p /up/c/{upper,work} /mnt/c
	mount -t overlay c /mnt/c -o lowerdir=/mnt/a,upperdir=/up/c/upper,workdir=/up/c/work
	ovlio 'open l rwc /mnt/a/l' 'write l 0 1M' 'close l' 'umount /mnt/a' \
		'dirty /up/a/upper/l' 'umount /mnt/c'
	eventually 30 ovlio 'clean /up/a/upper/l'
	umount /mnt/b /up
}

@test "a mount that fails after its upper is known leaves nothing" {
	mkdir -p /up/{c,d}/{upper,work} /mnt/{c,d}
	mount -t overlay c /mnt/c -o lowerdir=/mnt/a,upperdir=/up/c/upper,workdir=/up/c/work
	# Too deep.
	run -32 mount -t overlay d /mnt/d -o lowerdir=/mnt/c,upperdir=/up/d/upper,workdir=/up/d/work
	umount /mnt/c /mnt/a /mnt/b /up
}

@test "in a user namespace, with userxattr" {
	mkdir -p /up/c/{lower,upper,work} /mnt/c
	echo lower >/up/c/lower/l
	dirty_neighbour 4
	# Without cachestat(2), only root outside can see what is dirty: he is asked.
	cd "$BATS_TEST_TMPDIR" && mkfifo ask answer
	while read -r command; do
		ovlio "$command" && echo yes || echo no
	done <ask >answer 3>&- &
	# shellcheck disable=SC2016  # expanded inside
	unshare --user --map-root-user --mount bash -ec '
		exec 8>ask 9<answer
		ask="sh read -r yes <&9 && [ \$yes = yes ]"
		mount -t overlay c /mnt/c -o lowerdir=/up/c/lower,upperdir=/up/c/upper,workdir=/up/c/work,userxattr
		ovlio "open f rwc /mnt/c/f" "write f 0 1M" "sh echo dirty /up/c/upper/f >&8" "$ask" \
			"open l rw /mnt/c/l" "write l 0 64K" "syncfs /mnt/c" \
			"sh echo clean /up/c/upper/f >&8" "$ask" "sh echo clean /up/c/upper/l >&8" "$ask" \
			"write f 0 1M" "write l 0 64K"'
	wait
	# The overlay went with the namespace.
	eventually 30 ovlio 'clean /up/c/upper/f' 'clean /up/c/upper/l'
	neighbour_dirty 4
}

@test "an idmapped upper" {
	umount /mnt/a
	mkdir -p /mnt/idmapped
	# Who is root outside is user 1000 on disk.
	chown -R 1000:1000 /up/a
	mount --bind -o X-mount.idmap=b:1000:0:1 /up/a /mnt/idmapped
	sync -f /up/a
	dirty_neighbour 4
	mount -t overlay a /mnt/a -o lowerdir=/mnt/idmapped/lower,upperdir=/mnt/idmapped/upper,workdir=/mnt/idmapped/work
	ovlio 'open f rwc /mnt/a/f' 'write f 0 1M' 'dirty /up/a/upper/f' 'syncfs /mnt/a' 'clean /up/a/upper/f'
	[ "$(stat -c %u /up/a/upper/f)" = 1000 ]
	ovlio 'open f rw /mnt/a/f' 'write f 0 1M' 'close f' 'umount /mnt/a' 'clean /up/a/upper/f'
	neighbour_dirty 4
}
