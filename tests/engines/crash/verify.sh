#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest, after the power cut: is the upper directory as the manifest says, and
# can the container be restored? Ends with 0 if so, 1 if neither, 2 if not both or
# not known. Of podman's container, only the files are looked at.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. crash/lib.sh

mount_disks
upper=$B/upper
[ ! -e /images/upper ] || upper=$(cat /images/upper)
tree=same restored=no
rootfs "$upper" >/tmp/manifest
diff manifest /tmp/manifest || tree=differ
echo "files: $tree"

if [ "$engine" = podman ]; then
	[ $tree = same ] && exit 0
	exit 1
fi
mount_overlay
if "$engine" restore -d --image-path /images/c -b $B c </dev/null >/tmp/restore 2>&1; then
	sleep 1
	[ "$("$engine" state c | jq -r .status)" != running ] || restored=yes
else
	cat /tmp/restore
	grep Error /images/c/restore.log || true
fi
echo "restored: $restored"
case $tree,$restored in
same,yes) exit 0 ;;
differ,no) exit 1 ;;
*) exit 2 ;;
esac
