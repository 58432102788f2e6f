# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by tests of what is lost by a power cut before a syncfs of overlay a,
# and is there after one: see power-cut. In each test, there is a file f that is
# on the device, and a file l in the lower layer, of 256K each.

# shellcheck source-path=SCRIPTDIR source=helper.bash
load ../helper

PATH=$BATS_TEST_DIRNAME/..:$PATH

# mount_layers FOLDER...: overlay a, its lower layer with l and dir/l in each.
mount_layers() {
	pristine
	map_device
	mkdir -p /up
	mount_fs /dev/mapper/upper /up
	mkdir -p "${@/#//up/a/lower/}"
	(
		cd /up/a/lower || exit
		mkdir "${@/%//dir}"
		head -c 64K /dev/urandom | tee "${@/%//l}" "${@/%//dir/l}" >/dev/null
	)
	sync -f /up
	mount_overlay a
}

setup() {
	export MANIFESTS=$BATS_TEST_TMPDIR
	mount_layers .
	ovlio 'open f rwc /mnt/a/f' 'write f 0 256K' 'syncfs f' 'syncfs /up'
}

# remount_a OPTIONS: overlay a is mounted with these from now on.
remount_a() {
	umount /mnt/a
	mount_overlay a ",$1"
	ovlio 'syncfs /mnt/a'
}

# about NAME WHAT: the lines of a manifest that are about it.
about() {
	grep -F -- "$2" "$MANIFESTS/$1"
}

# was_durable WHAT: a syncfs between two power cuts was what it needed.
was_durable() {
	if diff <(about before.live "$1") <(about before.cut "$1") >&2; then
		echo 'it would not have been lost without a sync' >&2
		return 1
	fi
	diff <(about after.live "$1") <(about after.cut "$1") >&2
	if about after.dirty "$1" >&2; then
		echo 'that has dirty pages after the sync' >&2
		return 1
	fi
}

# durable COMMAND...: for what ovlio does. It is in overlay a; whatever is open
# or mapped stays so.
durable() {
	ovlio 'in /mnt/a' "$@" 'sh power-cut before' 'syncfs /mnt/a' 'sh power-cut after'
	was_durable ''
}
