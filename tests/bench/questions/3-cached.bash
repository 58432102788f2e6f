# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2004
# What syncfs of A costs with one dirty file among "cached" files that are clean,
# in memory, and were open for write. The files are made once on each disk.

# overlay_inodes: how many are in memory: exactly, once the processors have given
# back theirs.
overlay_inodes() {
	echo 1 >/sys/kernel/slab/ovl_inode/shrink
	awk '$1 == "ovl_inode" { print $2 }' /proc/slabinfo
}

# populate TREE COUNT: A has so many on the disk, or more, and none of them in memory.
populate() {
	mkdir -p "/up/$1/upper"
	ln -sfn "$1" /up/a
	[ "${populated[$FS-$1]:-0}" -lt "$2" ] || return 0
	flood /up/a/upper "$2" cC
	populated[$FS-$1]=$2
	umount /up
	mount_fs "${disks[$FS]}" /up
	share 90
}

# settle: until the same sync takes no less than a moment before: what making many
# files has left to be done does not count.
settle() {
	local json now last=0 i
	for ((i = 0; i < 10; i++)); do
		sleep 0.5
		file_of "$own/data" 4K
		json=$(timed "$(sync_command)")
		now=$(jq '.seconds * 1e6 | floor' <<<"$json")
		[ $((now * 10)) -lt $((last * 9)) ] || [ "$i" = 0 ] || return 0
		last=$now
	done
	echo "settle: still falling, $last us"
}

question_3() {
	local own json held i n=${cell[cached]}
	case $contender in
	# It visits all that there are.
	*walk) populate "walk-$n" "$n" ;;
	*) populate all "$n" ;;
	esac
	overlays a
	own=$(own_folder)
	flood /mnt/a "$n" oC
	sync -f /up
	sync -f /mnt/a
	case $contender in
	*walk) ;;
	*) settle ;;
	esac
	for ((i = 0; i < ${cell[repeat]}; i++)); do
		file_of "$own/data" 4K
		json=$(timed "$(sync_command)")
		durable "$(own_upper)/data"
		held=$(overlay_inodes)
		result "$json" held="$held"
	done
	rm -f "$own/data"
	left_clean
}
