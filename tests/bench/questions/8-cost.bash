# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# What it costs when nobody syncs. kind=op: instructions for each "op", in a guest
# that counts them; kind=memory: bytes for each overlay inode and suspect;
# kind=parallel: "op" by as many processes as there are processors.

question_8() {
	local json bytes more=()
	overlays a
	case ${cell[kind]} in
	op)
		json=$(opcost /mnt/a "${cell[op]}" "${cell[count]}")
		result "$json"
		;;
	memory)
		# Stock has no suspects.
		if [ -e /sys/kernel/slab/ovl_suspect ]; then
			bytes=$(cat /sys/kernel/slab/ovl_suspect/object_size)
			more=("suspect_bytes=$bytes")
		fi
		bytes=$(cat /sys/kernel/slab/ovl_inode/object_size)
		result '{}' inode_bytes="$bytes" "${more[@]}"
		;;
	parallel)
		json=$(opcost /mnt/a "${cell[op]}" "${cell[count]}" "${cell[processes]}")
		result "$json"
		;;
	esac
	rm -rf /mnt/a/*
	left_clean
}
