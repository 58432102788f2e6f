# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# What syncfs of A costs with "count" dirty things of a "kind" and nobody else:
# files of 4 KiB, folders, blocks of a sparse file, a GiB apart; or with one dirty
# file beside so many that are clean but held open for write.

question_4() {
	local own n=${cell[count]}
	overlays a
	own=$(own_folder)
	case ${cell[kind]} in
	files)
		flood "$own" "$n" cwC
		result "$(measured "$(sync_command)")"
		;;
	folders) result "$(measured "each $n mkdir $own/%" "$(sync_command)")" ;;
	sparse)
		result "$(measured "open f rwc $own/data" "each $n write f %G 4K" \
			"$(sync_command)")"
		;;
	open)
		result "$(measured "each $n open f% rwc $own/%" 'syncfs /up' \
			"open f rwc $own/data" 'write f 0 4K' "$(sync_command)")"
		;;
	esac
}
