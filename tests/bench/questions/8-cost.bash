# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# What it costs when nobody syncs. kind=op: instructions for each "op", in a guest
# that counts them; kind=memory: bytes for each overlay inode and suspect;
# kind=parallel: "op" by as many processes as there are processors.

# object_size CACHE: 0 if there is none.
object_size() {
	cat "/sys/kernel/slab/$1/object_size" 2>/dev/null || echo 0
}

question_8() {
	overlays a
	case ${cell[kind]} in
	op) result "$(opcost /mnt/a "${cell[op]}" "${cell[count]}")" ;;
	memory)
		result '{}' inode_bytes="$(object_size ovl_inode)" \
			suspect_bytes="$(object_size ovl_suspect)"
		;;
	parallel)
		result "$(opcost /mnt/a "${cell[op]}" "${cell[count]}" "${cell[processes]}")"
		;;
	esac
	rm -rf /mnt/a/*
	left_clean
}
