# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2004
# What syncfs of A costs with one dirty file among "cached" files that are clean,
# in memory, and were open for write. The files are made once on each disk.

# overlay_inodes: how many are in memory.
overlay_inodes() {
	awk '$1 == "ovl_inode" { print $2 }' /proc/slabinfo
}

question_3() {
	local own n=${cell[cached]} i
	if [ "${populated[$FS]}" -lt "$n" ]; then
		mkdir -p /up/a/upper
		flood /up/a/upper "$n" cC
		populated[$FS]=$n
	fi
	overlays a
	own=$(own_folder)
	flood /mnt/a "$n" oC
	file_of "$own/data" 4K
	sync -f /up
	sync -f /mnt/a
	for ((i = 0; i < ${cell[repeat]}; i++)); do
		file_of "$own/data" 4K
		result "$(measured "$(sync_command)")" held="$(overlay_inodes)"
	done
	rm -f "$own/data"
	left_clean
}
