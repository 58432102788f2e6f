#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: sequences on uppers whose device, log and base are files in
# memory. A loss that was not to be is shrunk, by at most $SHRINK (60) tries; that
# of a mutant only if $SHRINK is set, and then that is a test, too.
#
#   guest.sh FIRST-SEED COUNT CUTS SECONDS [MODULE@]FS[:MOUNT-OPTIONS]...
set -euo pipefail
here=$PWD
# shellcheck source-path=SCRIPTDIR source=uppers.bash
. ./uppers.bash

# set_rig: of crash
set_rig() {
	set_upper
	rig=(-d "$device" -l "$log_device" -t "$(upper_type)" -o "$options")
	case $FS in
	ext4-nojournal)
		rig+=(-r 'e2fsck -fy')
		# The flush of its sync comes before it writes metadata.
		[ "$module" != stock ] || rig+=(-L)
		;;
	ext4-fastcommit) rig+=(-u -r ./no-fast-commits) ;;
	esac
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

# shrink: what is left must lose something, too, and not be much.
shrink() {
	local try status
	echo "# shrinking it"
	# More crash points, since a shorter sequence has fewer anyway.
	crash shrink -n "$tries" failed crash try "${rig[@]}" -c 40 >shrunk
	# No two recordings are the same.
	for try in 1 2 3; do
		status=0
		crash try "${rig[@]}" -c 40 shrunk || status=$?
		[ $status = 0 ] || break
	done
	echo "# the sequence, for ovlio:"
	sed 's/^/#   /' shrunk
	echo "# $(wc -l <shrunk) of $(wc -l <failed) commands, at try $try with status $status"
	[ $status = 1 ] && [ $(($(wc -l <shrunk) * 3)) -le "$(wc -l <failed)" ]
}

# sequences: as it says above; 0 nothing was lost, 1 something was, 2 trouble, 3
# what was lost is not shrunk.
sequences() {
	local status=0 began=$SECONDS tally
	load_modules
	enter_memory
	truncate -s "$(image_size)" image
	truncate -s 1G log
	device=$(losetup -f --show image)
	log_device=$(losetup -f --show log)
	set_rig
	make_fs "$device"
	fill_base
	[ "$FS" != ext4-fastcommit ] || no_fast_commits
	crash run "${rig[@]}" -w "${without[*]}" -c "$cuts" -T "$seconds" \
		"$seed" "$count" >out || status=$?
	tally=$(sed -n 's/^# \([0-9]* sequences,.*repaired)\);.*/\1/p' out)
	echo "# $module@$spec: from seed $seed: $tally, $((status == 1)) lost; $((SECONDS - began)) s"
	cat out
	[ $status = 0 ] || [ ! -e repaired ] || tail -n 5 repaired | sed 's/^/# repair: /'
	[ $status = 0 ] || dmesg | tail -n 12 | sed 's/^/# kernel: /'
	# So, as with a || behind it there is no end by set -e in it.
	if [ $status = 1 ] && [ "$tries" != 0 ]; then
		shrink &
		wait $! || status=3
	fi
	return $status
}

seed=$1 count=$2 cuts=$3 seconds=$4
shift 4
prepare_guest dm-log-writes dm-delay

# tap STATUS WHAT
tap() {
	n=$((n + 1))
	[ "$1" = 0 ] || { failed=1 && printf 'not '; }
	echo "ok $n $module, $spec: $2"
}

planned=$#
for spec; do
	[[ ${SHRINK:-0} = 0 || $spec != *@* || $spec = @(stock|patched)@* ]] || planned=$((planned + 1))
done
echo "1..$planned"
n=0 failed=0
for spec; do
	of_spec "$spec"
	status=0 tries=${SHRINK:-60}
	[[ $module = @(stock|patched) ]] || tries=${SHRINK:-0}
	# So, and not with a || behind it, which would be the end of set -e in it
	sequences &
	wait $! || status=$?
	if [[ $module = @(stock|patched) ]]; then
		tap $status "nothing is lost (status $status)"
	else
		tap $((status != 1 && status != 3)) "something is lost (status $status)"
		[ "$tries" = 0 ] || tap $((status != 1)) "it is shrunk"
	fi
	clean_up
done
exit $failed
