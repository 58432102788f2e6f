#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: trials on uppers whose device and base are files in memory, or, for
# one that is unplugged, a disk. What was wrongly reported is shrunk, in at most
# $SHRINK tries.
#
#   guest.sh FIRST-SEED COUNT SECONDS KIND [MODULE@]FS[:MOUNT-OPTIONS]...
set -euo pipefail
here=$PWD
# shellcheck source-path=SCRIPTDIR source=../crash/replay/uppers.bash
. ./uppers.bash

# blocks_to_sectors: a block of 4096 bytes on each line; the ranges of sectors.
blocks_to_sectors() {
	sort -nu | awk '
		NR > 1 && $1 != last + 1 { print "metadata", first * 8, (last + 1 - first) * 8 }
		NR == 1 || $1 != last + 1 { first = $1 }
		{ last = $1 }
		END { if (NR) print "metadata", first * 8, (last + 1 - first) * 8 }'
}

# layout: where the base has metadata and its journal or log; of btrfs, its chunks.
layout() {
	local log start blocks size count n first last
	case $FS in
	ext4*)
		dumpe2fs "$device" 2>/dev/null |
			sed -nE 's/.*(Block bitmap|Inode bitmap|Inode table) at ([0-9]+)(-([0-9]+))?.*/\2 \4/p' |
			while read -r first last; do seq "$first" "${last:-$first}"; done |
			blocks_to_sectors
		[ "$FS" = ext4-nojournal ] ||
			debugfs -R 'blocks <8>' "$device" 2>/dev/null | xargs -n1 | blocks_to_sectors
		;;
	xfs)
		log=$(xfs_db -r -c 'sb 0' -c 'p logstart logblocks agblocks agcount' "$device" |
			awk '{ print $3 }' | xargs)
		read -r start blocks size count <<<"$log"
		start=$(xfs_db -r -c "convert fsblock $start daddr" "$device" | sed 's/.*(\(.*\))/\1/')
		echo "metadata $start $((blocks * 8))"
		# What an allocation group begins with
		for ((n = 0; n < count; n++)); do
			echo "metadata $((n * size * 8)) 128"
		done
		;;
	btrfs)
		btrfs inspect-internal dump-tree -t chunk "$device" | awk '
			/ item .* key .* CHUNK_ITEM / { sub(/.*CHUNK_ITEM /, ""); logical = $1 + 0 }
			/length .* type / { length_ = $2; data = /DATA/ && !/METADATA/ }
			/stripe [0-9]+ devid .* offset/ {
				if (data)
					print "chunk", logical, $NF, length_
				else
					print "metadata", $NF / 512, length_ / 512
			}'
		;;
	esac >layout
}

# set_rig: of faults
set_rig() {
	set_upper
	rig=(-d "$device" -t "$(upper_type)" -o "$options" -b "$base_device"
		-p "$pool" -m "$pool_metadata" -x "$disk")
	[ "$FS" != ext4-nojournal ] || rig+=(-r 'e2fsck -fy')
}

shrink() {
	echo "# shrinking it"
	crash shrink -n "$SHRINK" failed faults try "${rig[@]}" >shrunk ||
		cp failed shrunk
	faults try "${rig[@]}" shrunk || true
	echo "# the trial, for faults try:"
	sed 's/^/#   /' shrunk
}

# trials: as it says above; 0 all right, 1 wrongly reported, 2 trouble, 3 it hangs.
trials() {
	local status=0 began=$SECONDS tally name
	load_modules
	enter_memory
	truncate -s "$(image_size)" image base
	truncate -s 256M pool
	truncate -s 8M pool-metadata
	device=$(losetup -f --show image)
	pool=$(losetup -f --show pool)
	pool_metadata=$(losetup -f --show pool-metadata)
	base_device=/dev/none
	set_rig
	make_fs "$device"
	layout
	fill_base
	base_device=$(losetup -r -f --show base)
	set_rig
	for name in slow up; do
		dmsetup create $name --table "0 $(blockdev --getsz "$device") linear $device 0"
		device=/dev/mapper/$name
	done
	dmsetup create bad --table "0 $(blockdev --getsz "$device") error"
	[ $expected = 1 ] || rig+=(-f 5)
	faults run "${rig[@]}" -w "${without[*]}" -k "$kind" -T "$seconds" \
		"$seed" "$count" >out || status=$?
	tally=$(sed -n 's/^# \([0-9]* trials:.*\)/\1/p' out)
	echo "# $module@$spec: seed $seed, $tally, $((status == 3)) hangs; $((SECONDS - began)) s"
	cat out
	if [ $status = 3 ]; then
		echo w >/proc/sysrq-trigger
		dmesg | tail -n 80 | sed 's/^/#   /'
	elif [ $status = 1 ] && [ "$SHRINK" != 0 ] && [ "$expected" = 0 ]; then
		shrink
	elif [ $status != 0 ]; then
		echo "# the trial, for faults try:"
		sed 's/^/#   /' failed
	fi
	return $status
}

seed=$1 count=$2 seconds=$3 kind=$4
shift 4
: "${SHRINK:=40}"
disk=$DISK1
prepare_guest dm-delay dm-flakey dm-thin-pool
quiet_xfs

echo "1..$#"
n=0 failed=0
for spec; do
	of_spec "$spec"
	n=$((n + 1)) status=0 expected=0 what='nothing is reported wrongly'
	[ "$module" = patched ] || expected=1 what='something is reported wrongly'
	# So, and not with a || behind it, which would be the end of set -e in it
	trials &
	wait $! || status=$?
	if [ $status = $expected ]; then
		echo "ok $n $module, $spec: $what"
	else
		echo "not ok $n $module, $spec: $what (status $status)"
		failed=1
	fi
	# What hangs holds all of it.
	[ $status != 3 ] || exit 1
	clean_up
done
exit $failed
