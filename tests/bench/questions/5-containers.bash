# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2004
# "count" overlays with 64 KiB dirty each, that as many processes at once
#
#   what=sync  sync, each its own; against as many of which one syncs the upper
#   what=stop  unmount; "global" has volatile overlays and syncs the upper once before
#              that, "volatile" does not sync at all, "bare" only syncs
#
# "limit" are as many processes, too: each fsyncs its one file on the upper itself, and
# then unmounts a volatile overlay.
#
# A sync of the upper is one system call, "count" umounts are not, whatever they sync:
# what these take by themselves is "volatile".

# container_folders COUNT
container_folders() {
	seq -f '/mnt/c%.0f' 0 $(($1 - 1)) | xargs mkdir -p
	seq -f '/up/c%.0f' 0 $(($1 - 1)) |
		sed 's|.*|&/lower\n&/upper\n&/work|' | xargs mkdir -p
}

# one_syncs PATH COUNT: a name with % for each process, which is PATH for the first and
# what needs no sync for the others.
one_syncs() {
	rm -rf /run/sync
	mkdir /run/sync
	seq -f '/run/sync/%.0f' 1 $(($2 - 1)) | xargs -r mkdir
	ln -s "$1" /run/sync/0
	echo /run/sync/%
}

# measure_once: they are mounted, written to, and then synced, all at once.
measure_once() {
	local json at=/mnt/c% each
	each="each $n open f rwc $at/data; write f 0 64K; close f"
	set -- "each $n overlay $at lowerdir=/up/c%/lower,upperdir=/up/c%/upper,workdir=/up/c%/work$more" \
		'syncfs /up' "$each"
	case ${cell[what]}/$contender in
	sync/global)
		at=$(one_syncs /up "$n")
		json=$(measured "$@" "ready all $n syncfs $at" 'go all')
		;;
	sync/limit) json=$(measured "$@" "ready all $n fsync /up/c%/upper/data" 'go all') ;;
	sync/*) json=$(measured "$@" "ready all $n syncfs $at" 'go all') ;;
	stop/bare) json=$(measured "$@" 'syncfs /up') ;;
	stop/limit) json=$(measured "$@" "ready all $n fsync /up/c%/upper/data; umount $at" 'go all') ;;
	stop/global) json=$(measured "$@" "ready all $n umount $at" 'each 1 syncfs /up; go all') ;;
	stop/*) json=$(measured "$@" "ready all $n umount $at" 'go all') ;;
	esac
	[ "$contender" = volatile ] || ovlio "each $n clean /up/c%/upper/data" || complain "not synced"
	case ${cell[what]}/$contender in
	sync/* | stop/bare) ovlio "each $n umount /mnt/c%" ;;
	esac
	result "$json"
	# The next time is as the first one. What was volatile could not be mounted again.
	rm -rf /up/c*/upper/data /up/c*/work/work/incompat
	sync -f /up
}

question_5() {
	local i more='' n=${cell[count]}
	case ${cell[what]}/$contender in
	stop/global | stop/limit | */volatile) more=,volatile ;;
	esac
	container_folders "$n"
	overlays a
	case ${cell[what]}/$contender in
	sync/* | stop/global | stop/limit | stop/bare) ;;
	*) cell[action]=umount ;;
	esac
	warm_up
	# That of a umount, too, where it does not come with the sync.
	ovlio 'umount /mnt/a'
	mount_overlay a
	for ((i = 0; i < ${cell[repeat]}; i++)); do
		measure_once
	done
}
