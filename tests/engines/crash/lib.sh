# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For both halves of the test, in the guest: the disks, and the bundle.

# shellcheck source-path=SCRIPTDIR source=../../tools/upper.bash
. ./upper.bash
# shellcheck source-path=SCRIPTDIR source=../../tools/manifest.bash
. ./manifest.bash

FS=ext4
# shellcheck disable=SC2034  # the scripts read them
engine=$1 how=$2
B=/up/c

mount_disks() {
	mkdir -p /up /images
	mount_fs "$DISK1" /up
	mount "$DISK2" /images
}

mount_overlay() {
	mount -t overlay overlay $B/rootfs -o lowerdir=/up/lower,upperdir=$B/upper,workdir=$B/work
}

# rootfs UPPER: its manifest, but for when / and /tmp were changed: for the time of
# the dump, CRIU makes a folder in one of them.
rootfs() {
	manifest "$1" | grep -v -e '^\. ' -e '^tmp '
}

pod() {
	podman --root /up/containers --runroot /run/containers --storage-driver overlay \
		--cgroup-manager cgroupfs --events-backend none --runtime crun "$@"
}
