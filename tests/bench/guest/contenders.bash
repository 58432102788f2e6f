# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced in the guest: what is compared. A contender is an overlay module, how
# an overlay is mounted, where A's data is, and what syncs it.
#
#   ours      the engine
#   off       the engine, its runtime parameter off
#   stock     the distribution's module
#   seed-a    the engine, with the rule of seed A (variants/)
#   seed-b    the engine, with the rule of seed B
#   volatile  the engine, on a volatile overlay: what no guarantee costs
#   limit     one fsync of as much in one file on the upper itself; for many overlays, as many
#   global    one sync_filesystem of the upper; what is on it was written through overlays
#   bare      the same, and nothing else is done (questions/5-containers.bash)
#   walk      fsync of every file of the upper directory
#   hook-walk the same by the hook, which submits what is dirty first; both are programs
#             of their own, and so the time has their start in it
#   none      no sync
#
# Those from limit on have nothing to do with the overlay's sync; they run on stock.

SWITCH=/sys/module/overlay/parameters/sync_upper_inodes
loaded=stock

# load_module CONTENDER: no overlay may be mounted.
load_module() {
	local module switch=Y
	case $1 in
	ours | volatile) module=ours ;;
	off) module=ours switch=N ;;
	seed-*) module=$1 ;;
	*) module=stock ;;
	esac
	if [ "$module" != "$loaded" ]; then
		rmmod overlay
		case $module in
		stock) modprobe overlay ;;
		*) insmod "$module.ko" ;;
		esac
		loaded=$module
	fi
	if [ "$module" = stock ]; then
		# Were it ours, all would agree.
		[ ! -e "$SWITCH" ]
	else
		echo "$switch" >"$SWITCH"
	fi
}

# overlay_options NAME: for mount(2).
overlay_options() {
	local more=''
	[ "$contender" != volatile ] || more=,volatile
	echo "lowerdir=/up/$1/lower,upperdir=/up/$1/upper,workdir=/up/$1/work$more"
}

# mount_overlay NAME: on /mnt/NAME. What was volatile may not be mounted again, until
# somebody says that nothing was lost.
mount_overlay() {
	rm -rf "/up/$1/work/work/incompat"
	mkdir -p "/up/$1"/{lower,upper,work} "/mnt/$1"
	mount -t overlay "$1" "/mnt/$1" -o "$(overlay_options "$1")"
}

# own_folder: where A's data is written; own_upper: where that is on the upper.
own_folder() {
	case $contender in
	limit) echo /up/own ;;
	*) echo /mnt/a ;;
	esac
}

own_upper() {
	case $contender in
	limit) echo /up/own ;;
	*) echo /up/a/upper ;;
	esac
}

# sync_command: what syncs the file $data (or "data") of A, or all of A, as a command
# of ovlio's. The cell's action is syncfs if it does not say otherwise.
sync_command() {
	case $contender in
	limit) echo "fsync /up/own/${data:-data}" ;;
	global) echo "syncfs /up" ;;
	walk) echo "sh ovlio 'walk /up/a/upper'" ;;
	hook-walk) echo "sh oci-syncfs-hook sync --fallback walk --timeout 3600 /mnt/a >/dev/null 2>&1" ;;
	none) echo "sleep 3" ;;
	*) echo "${cell[action]:-syncfs} /mnt/a" ;;
	esac
}
