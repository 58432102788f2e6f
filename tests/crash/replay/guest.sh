#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: sequences on an upper $FS with the mount options $OPTIONS, whose
# device, log and base are files in memory. What was lost is shrunk, for at most
# $SHRINK tries.
#
#   guest.sh FIRST-SEED COUNT CUTS SECONDS
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../tools/upper.bash
. ./upper.bash
PATH=$PWD:$PATH
# There is no udev here: dmsetup makes its nodes itself.
export DM_DISABLE_UDEV=1
repair='' without=() options=$(upper_options)

case $FS in
ext4-nojournal) repair='e2fsck -fy' without=(clone) ;;
ext4*) without=(clone) ;;
btrfs*) without=(shift) ;;
esac
# Overlayfs has O_TMPFILE since 6.3.
[[ $(uname -r) != 6.1.* ]] || without+=(tmpfile)
options=${options#defaults}
[ -z "${OPTIONS:-}" ] || options=${options:+$options,}$OPTIONS

# A small btrfs writes everybody's data to get space for metadata; xfs has to
# have 300 MiB. All of it is holes.
image_size() {
	case $FS in
	btrfs*) echo 1G ;;
	xfs*) echo 320M ;;
	*) echo 256M ;;
	esac
}

make_base() {
	local o base
	make_fs "$device"
	mkdir -p /up /mnt/a /mnt/b
	mount -t "$(upper_type)" -o "${options:-defaults}" "$device" /up
	mkdir -p /up/{a,b}/{lower,upper,work}
	mapfile -t base < <(crash base)
	ovlio "${base[@]}"
	for o in a b; do
		mount -t overlay "$o" "/mnt/$o" \
			-o "lowerdir=/up/$o/lower,upperdir=/up/$o/upper,workdir=/up/$o/work" \
			-o metacopy=on,redirect_dir=on,index=on,xino=on
		umount "/mnt/$o"
	done
	umount /up
	cp --sparse=always image base
}

# Each mount has something to say, and the console takes its time. Warnings and
# what is worse go there still.
echo N >/sys/module/printk/parameters/ignore_loglevel
dmesg -n 5
modprobe -a loop dm-log-writes dm-delay
modprobe "$(upper_type)"
quiet_flusher
mkdir /crash
mount -t tmpfs -o size=90% none /crash
cd /crash
truncate -s "$(image_size)" image
truncate -s 1G log
device=$(losetup -f --show image)
log_device=$(losetup -f --show log)
make_base

rig=(-d "$device" -l "$log_device" -t "$(upper_type)" -o "$options" -r "$repair")
status=0
crash run "${rig[@]}" -w "${without[*]}" -c "$3" -T "$4" "$1" "$2" || status=$?
if [ $status != 0 ] && [ "${SHRINK:=60}" != 0 ]; then
	# More crash points, since a shorter sequence has fewer anyway.
	echo "# shrinking it"
	crash shrink -n "$SHRINK" failed crash try "${rig[@]}" -c 40 >shrunk ||
		cp failed shrunk
	crash try "${rig[@]}" -c 40 shrunk || true
	echo "# the sequence, for ovlio:"
	sed 's/^/#   /' shrunk
fi
exit $status
