# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced in the guest by guest.sh, and by that of tests/faults: uppers whose devices
# are files in memory, and the two overlays on each. $here is where the guest's files
# are; of_spec sets $module, $spec, $FS and $mount_options, which the others use.
# shellcheck disable=SC2034,SC2154

# shellcheck source-path=SCRIPTDIR source=../../tools/upper.bash
. ./upper.bash
PATH=$here:$PATH
# There is no udev here: dmsetup makes its nodes itself.
export DM_DISABLE_UDEV=1

# prepare_guest KERNEL-MODULE...
prepare_guest() {
	# Each mount, and each fault, has something to say, and the console takes its
	# time. Warnings and what is worse go there still.
	echo N >/sys/module/printk/parameters/ignore_loglevel
	dmesg -n 5
	modprobe -a loop "$@"
	quiet_flusher
	mkdir -p /crash /up /mnt/a /mnt/b
}

# of_spec [MODULE@]FS[:MOUNT-OPTIONS]
of_spec() {
	module=patched spec=$1
	if [[ $spec == *@* ]]; then
		module=${spec%%@*} spec=${spec#*@}
	fi
	FS=${spec%%:*} mount_options=${spec#"${spec%%:*}"}
	mount_options=${mount_options#:}
}

load_modules() {
	rmmod overlay
	if [ "$module" = stock ]; then
		modprobe overlay
	else
		insmod "$here/modules/$module.ko"
	fi
	modprobe "$(upper_type)"
}

enter_memory() {
	mount -t tmpfs -o size=90% none /crash
	cd /crash || exit
}

# A small btrfs writes everybody's data to get space for metadata; xfs has to
# have 300 MiB. All of it is holes.
image_size() {
	case $FS in
	btrfs*) echo 1G ;;
	xfs*) echo 320M ;;
	# e2fsck reads all of its inodes.
	ext4-nojournal) echo 64M ;;
	*) echo 256M ;;
	esac
}

# set_upper: options, and what the filesystem or the kernel has not
set_upper() {
	options=$(upper_options)
	options=${options#defaults}
	[ -z "$mount_options" ] || options=${options:+$options,}$mount_options
	without=()
	case $FS in
	# See replay/README.md.
	ext4-journal) without=(clone zero) ;;
	ext4*) without=(clone) ;;
	btrfs*) without=(shift) ;;
	esac
	# Overlayfs has O_TMPFILE since 6.3.
	[[ $(uname -r) != 6.1.* ]] || without+=(tmpfile)
}

# fill_base: of the upper on $device, which has just been made and is image.
fill_base() {
	local o base
	mount -t "$(upper_type)" -o "${options:-defaults}" "$device" /up
	mkdir -p /up/{a,b}/{lower,upper,work}
	mapfile -t base < <(crash base)
	ovlio "${base[@]}"
	for o in a b; do
		mount -t overlay "$o" "/mnt/$o" \
			-o "lowerdir=/up/$o/lower,upperdir=/up/$o/upper,workdir=/up/$o/work" \
			-o metacopy=on,redirect_dir=on,index=on,xino=on
		umount "/mnt/$o"
	done
	umount /up
	cp --sparse=always image base
}

clean_up() {
	cd "$here" || return
	umount -q /mnt/a /mnt/b /up || true
	dmsetup remove_all
	losetup -D
	umount -q /crash
}
