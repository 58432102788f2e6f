# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# What syncfs and umount of A cost, with "own" dirty in A and "neighbour" in B.

question_1() {
	local json
	overlays a b
	[ "${cell[neighbour]}" = 0 ] || file_of /mnt/b/big "${cell[neighbour]}"
	file_of "$(own_folder)/data" "${cell[own]}"
	json=$(measured "$(sync_command)")
	if [ "${cell[neighbour]}" = 0 ]; then
		result "$json"
	else
		result "$json" neighbour_mib="$(dirty_mib /up/b/upper/big)"
	fi
	rm -f /mnt/b/big /mnt/a/data /up/a/upper/data /up/own/data
	left_clean
}
