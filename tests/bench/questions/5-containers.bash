# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# "count" overlays with 64 KiB dirty each, unmounted by as many processes at once;
# against one global sync of the same.

question_5() {
	local n=${cell[count]} name='/up/c%'
	local mount write="each $n open f rwc /mnt/c%/data; write f 0 64K; close f"
	mount="each $n overlay /mnt/c% lowerdir=$name/lower,upperdir=$name/upper,workdir=$name/work"
	[ "$contender" != volatile ] || mount+=,volatile

	seq -f '/mnt/c%.0f' 0 $((n - 1)) | xargs mkdir -p
	seq -f '/up/c%.0f' 0 $((n - 1)) |
		sed 's|.*|&/lower\n&/upper\n&/work|' | xargs mkdir -p
	case $contender in
	global)
		result "$(measured "$mount" 'syncfs /up' "$write" 'syncfs /up')"
		ovlio "each $n umount /mnt/c%"
		;;
	*)
		result "$(measured "$mount" 'syncfs /up' "$write" \
			"ready all $n umount /mnt/c%" 'go all')"
		;;
	esac
}
