#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Second boot: the module is in use; then it is updated and removed.

# shellcheck disable=SC2154  # what stop_beside sets
load lib

@test "after the reboot the module of the package is loaded" {
	[ "$(cat "$PARAMETER")" = Y ]
}

@test "podman stop syncs the container, and nothing of its neighbour" {
	start_syslog
	storage
	stop_beside
	run -0 wait_record "$stopped"
	echo "$output"
	stop_syslog
	[[ $output == *"stage=poststop"*"result=synced"* ]]
	[ "$dirty_a_before" -ge 4 ]
	[ "$dirty_a" = 0 ]
	[ "$dirty_b" -ge 60 ]
	[ "$stop_written" -lt 24 ]
}

@test "a container without the annotation has no hook" {
	start_syslog
	start c 1
	podman stop -t 0 c
	podman rm c
	run -0 cat "$LOG"
	stop_syslog
	[[ $output != *oci-syncfs-hook* ]]
}

@test "a kernel of another source: the reason is told, it keeps its module, its installation succeeds" {
	local other=6.12.250+deb13-cloud-amd64 dir
	dir=/usr/lib/modules/$other
	mkdir -p "$dir/build/include/generated" "$dir/kernel/fs/overlayfs"
	echo '#define LINUX_PACKAGE_ID " Debian 6.12.250-1"' >"$dir/build/include/generated/package.h"
	cp "/usr/lib/modules/$(uname -r)/modules.builtin" "$dir"
	echo stock >"$dir/kernel/fs/overlayfs/overlay.ko"
	run -0 /etc/kernel/postinst.d/dkms "$other"
	echo "$output"
	[[ $output == *"kernel $other is built from source 6.12.250-1"* ]]
	[ "$(cat "$dir/kernel/fs/overlayfs/overlay.ko")" = stock ]
	[ ! -e "$dir/updates" ]
	rm -r "$dir"
}

@test "an update replaces the module, and leaves nothing of the old version" {
	local old
	old=$(installed overlay-syncfs-dkms)
	run -0 apt new upgrade
	echo "$output"
	[ "$(installed overlay-syncfs-dkms)" = "$old.1" ]
	[ "$(installed oci-syncfs-hook)" = "$old.1" ]
	[[ $output == *"an earlier module of this package may be loaded"* ]]
	[[ $(modinfo -n overlay) == */updates/dkms/overlay.ko* ]]
	run -0 dkms status
	[[ $output == "overlay-syncfs/$old.1, $(uname -r), x86_64: installed"* ]]
	[ "$(wc -l <<<"$output")" = 1 ]
	[ ! -e "/usr/src/overlay-syncfs-$old" ]
	[ ! -e "/var/lib/dkms/overlay-syncfs/$old" ]
}

@test "removal gives the kernel's own module back, and says that ours is still loaded" {
	run -0 apt new remove overlay-syncfs-dkms oci-syncfs-hook
	echo "$output"
	[[ $output == *"the removed module is still loaded"* ]]
	[[ $(modinfo -n overlay) == */kernel/fs/overlayfs/overlay.ko* ]]
	[ -z "$(find /usr/lib/modules -path '*updates*' -name 'overlay.ko*')" ]
	run -0 in_initramfs
	[[ $output == usr/lib/modules/*/kernel/fs/overlayfs/overlay.ko* ]]
	[ "$(wc -l <<<"$output")" = 1 ]
}

@test "purge leaves nothing" {
	run -0 apt new purge overlay-syncfs-dkms oci-syncfs-hook
	run dpkg-query -W overlay-syncfs-dkms oci-syncfs-hook
	[[ $output != *$'\t'[0-9]* ]]
	[ ! -e /usr/libexec/oci/hooks.d/oci-syncfs-hook ]
	[ ! -e /usr/share/containers/oci/hooks.d/overlay-syncfs.json ]
	[ ! -e /usr/share/overlay-syncfs-dkms ]
	[ -z "$(find /usr/src /var/lib/dkms -maxdepth 1 -name 'overlay-syncfs*')" ]
}
