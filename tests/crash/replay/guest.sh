#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: sequences on uppers whose device, log and base are files in
# memory. What was lost is shrunk, for at most $SHRINK tries.
#
#   guest.sh FIRST-SEED COUNT CUTS SECONDS [MODULE@]FS[:MOUNT-OPTIONS]...
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../tools/upper.bash
. ./upper.bash
here=$PWD
PATH=$here:$PATH
# There is no udev here: dmsetup makes its nodes itself.
export DM_DISABLE_UDEV=1

# A small btrfs writes everybody's data to get space for metadata; xfs has to
# have 300 MiB. All of it is holes.
image_size() {
	case $FS in
	btrfs*) echo 1G ;;
	xfs*) echo 320M ;;
	# e2fsck reads all of its inodes.
	ext4-nojournal) echo 64M ;;
	*) echo 256M ;;
	esac
}

# set_rig: options, and what the filesystem has not
set_rig() {
	options=$(upper_options)
	options=${options#defaults}
	[ -z "$mount_options" ] || options=${options:+$options,}$mount_options
	rig=(-d "$device" -l "$log_device" -t "$(upper_type)" -o "$options")
	without=()
	case $FS in
	ext4*) without=(clone) ;;
	btrfs*) without=(shift) ;;
	esac
	case $FS in
	ext4-nojournal)
		rig+=(-r 'e2fsck -fy')
		# The flush of its sync comes before it writes metadata.
		[ "$module" != stock ] || rig+=(-L)
		;;
	ext4-fastcommit) rig+=(-u -r ./no-fast-commits) ;;
	esac
	# Overlayfs has O_TMPFILE since 6.3.
	[[ $(uname -r) != 6.1.* ]] || without+=(tmpfile)
}

# no_fast_commits: a command for that. The kernel (ext4_fc_replay_scan) takes the
# whole journal for bad if of the first fast commit only a part is there, and does
# not mount; no sync needs one. They are in the last blocks of the journal.
no_fast_commits() {
	local first count length
	first=$(debugfs -R 'bmap <8> 0' "$device" 2>/dev/null)
	count=$(debugfs -R 'blocks <8>' "$device" 2>/dev/null | wc -w)
	length=$(dumpe2fs -h "$device" 2>/dev/null | sed -n 's/^Fast commit length: *//p')
	cat >no-fast-commits <<-SH
		#!/bin/sh
		exec dd if=/dev/zero of="\$1" bs=4096 seek=$((first + count - length)) count=$length conv=notrunc
	SH
	chmod +x no-fast-commits
}

make_base() {
	local o base
	make_fs "$device"
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

shrink() {
	# More crash points, since a shorter sequence has fewer anyway.
	echo "# shrinking it"
	crash shrink -n "$SHRINK" failed crash try "${rig[@]}" -c 40 >shrunk ||
		cp failed shrunk
	crash try "${rig[@]}" -c 40 shrunk || true
	echo "# the sequence, for ovlio:"
	sed 's/^/#   /' shrunk
}

# sequences: as it says above; 0 nothing was lost, 1 something was, 2 trouble.
sequences() {
	local status=0 began=$SECONDS tally
	rmmod overlay
	if [ "$module" = stock ]; then
		modprobe overlay
	else
		insmod "$here/modules/$module.ko"
	fi
	modprobe "$(upper_type)"
	mount -t tmpfs -o size=90% none /crash
	cd /crash
	truncate -s "$(image_size)" image
	truncate -s 1G log
	device=$(losetup -f --show image)
	log_device=$(losetup -f --show log)
	set_rig
	make_base
	[ "$FS" != ext4-fastcommit ] || no_fast_commits
	crash run "${rig[@]}" -w "${without[*]}" -c "$cuts" -T "$seconds" \
		"$seed" "$count" >out || status=$?
	tally=$(sed -n 's/^# \([0-9]* sequences,.*repaired)\);.*/\1/p' out)
	echo "# $module@$spec: $tally, $((status == 1)) lost; $((SECONDS - began)) s"
	cat out
	[ $status = 0 ] || [ ! -e repaired ] || tail -n 5 repaired | sed 's/^/# repair: /'
	if [ $status = 1 ] && [ "$SHRINK" != 0 ] && [ "$expected" = 0 ]; then
		shrink
	fi
	return $status
}

clean_up() {
	cd "$here"
	umount -q /mnt/a /mnt/b /up || true
	dmsetup remove_all
	losetup -D
	umount -q /crash
}

seed=$1 count=$2 cuts=$3 seconds=$4
shift 4
: "${SHRINK:=60}"
# Each mount has something to say, and the console takes its time. Warnings and
# what is worse go there still.
echo N >/sys/module/printk/parameters/ignore_loglevel
dmesg -n 5
modprobe -a loop dm-log-writes dm-delay
quiet_flusher
mkdir -p /crash /up /mnt/a /mnt/b

echo "1..$#"
n=0 failed=0
for spec; do
	n=$((n + 1)) status=0 expected=0 module=patched
	if [[ $spec == *@* ]]; then
		module=${spec%%@*} spec=${spec#*@}
	fi
	FS=${spec%%:*} mount_options=${spec#"${spec%%:*}"}
	mount_options=${mount_options#:} what='nothing is lost'
	[[ $module = @(stock|patched) ]] || expected=1 what='something is lost'
	# So, and not with a || behind it, which would be the end of set -e in it
	sequences &
	wait $! || status=$?
	if [ $status = $expected ]; then
		echo "ok $n $module, $spec: $what"
	else
		echo "not ok $n $module, $spec: $what (status $status)"
		failed=1
	fi
	clean_up
done
exit $failed
