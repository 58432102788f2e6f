# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What is sampled, as lines "# csv ..." of the TAP, which the host makes soak.csv
# of. Columns that a phase does not have are empty.

COLUMNS_OF=(time round phase suspects overlay_inodes upper_inodes nameless
	unreclaimable_kib available_kib open_files inodes syncfs_ms fsync_ms runc_stop_ms crun_stop_ms)

# row PHASE [NAME VALUE]...: prints one.
row() {
	local name line
	local -A value=([time]=$((($(uptime) - BEGAN) / 100)) [round]=$ROUND [phase]=$1)
	shift
	while [ $# -gt 1 ]; do
		value[$1]=$2
		shift 2
	done
	for name in "${COLUMNS_OF[@]}"; do
		line+=,${value[$name]:-}
	done
	echo "# csv ${line#,}" >&3
}

# uptime: of the guest, in hundredths of a second.
uptime() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}"
}

# nameless: inodes of the upper that are in use, less those that have a name. Not
# on btrfs, which does not tell.
nameless() {
	local used
	used=$(df --output=iused "$D" | tail -n 1)
	[ "$used" = - ] || [ "$used" = 0 ] ||
		echo $((used - $(find "$D" -xdev -printf '%i\n' | sort -u | wc -l) - RESERVED))
}

begin_samples() {
	RESERVED=0
	sync -f "$D"
	RESERVED=$(nameless)
	BEGAN=$(uptime)
	echo "# kernel $(uname -r)" >&3
	echo "# csv $(IFS=, && echo "${COLUMNS_OF[*]}")" >&3
}

# latencies TIMES: medians in ms, of syncfs on an overlay that has 4 KiB to write,
# and for comparison of fsync of as much on the upper itself, in turns.
latencies() {
	local i commands=()
	for ((i = 0; i < $1; i++)); do
		commands+=('write f 0 4K' 'clock begin' "syncfs $D/probe/rootfs" 'clock syncfs'
			'write g 0 4K' 'clock begin' 'fsync g' 'clock fsync')
	done
	ovlio "open f rwc $D/probe/rootfs/file" "open g rwc $D/reference" "${commands[@]}" |
		awk '$1 == "begin" { t = $2; next } { printf "%s %.2f\n", $1, ($2 - t) * 1000 }' |
		sort -k1,1r -k2,2n |
		awk '{ all[$1] = all[$1] " " $2 } END {
			n = split(all["syncfs"], s, " ")
			split(all["fsync"], f, " ")
			print s[int((n + 1) / 2)], f[int((n + 1) / 2)] }'
}

# sample PHASE: latencies last, since the file is a suspect for a while.
sample() {
	local -A meminfo=()
	local key value values latency=''
	while read -r key value _; do
		meminfo[${key%:}]=$value
	done </proc/meminfo
	values=(suspects "$(in_use ovl_suspect)" overlay_inodes "$(in_use ovl_inode)"
		upper_inodes "$(in_use "$(upper_inode_cache)")"
		nameless "$([ "$1" = busy ] || nameless)"
		unreclaimable_kib "${meminfo[SUnreclaim]}" available_kib "${meminfo[MemAvailable]}"
		open_files "$(cut -f1 /proc/sys/fs/file-nr)"
		inodes "$(awk '{ print $1 - $2 }' /proc/sys/fs/inode-nr)")
	case $1 in
	rest) latency=$(latencies 21) ;;
	busy) latency=$(latencies 1) ;;
	esac
	row "$1" "${values[@]}" syncfs_ms "${latency%% *}" fsync_ms "${latency##* }"
}

sampler() {
	until enough; do
		sample busy
		sleep 4
	done
}
