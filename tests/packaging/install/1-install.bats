#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# First boot: a host with the kernel's own module gets both packages.

# shellcheck disable=SC2154  # what stop_beside sets
load lib

@test "before: the kernel's own module, with which a stop writes the neighbour's data" {
	[ ! -e "$PARAMETER" ]
	[[ $(modinfo -n overlay) == */kernel/fs/overlayfs/overlay.ko* ]]
	storage
	stop_beside
	[ "$stop_written" -ge 60 ]
	[ "$dirty_b" = 0 ]
}

@test "before: an initramfs with the kernel's own module" {
	# As for overlayroot; and nothing else, as it takes long to make here.
	echo overlay >>/etc/initramfs-tools/modules
	sed -i 's/^MODULES=.*/MODULES=list/' /etc/initramfs-tools/initramfs.conf
	update-initramfs -u
	run -0 in_initramfs
	[[ $output == usr/lib/modules/*/kernel/fs/overlayfs/overlay.ko* ]]
}

@test "apt installs both; dkms builds the module for this kernel, before the kernel's own" {
	run -0 apt old install overlay-syncfs-dkms oci-syncfs-hook
	echo "$output"
	[ -n "$(installed overlay-syncfs-dkms)" ]
	[ -n "$(installed oci-syncfs-hook)" ]
	[[ $(modinfo -n overlay) == */updates/dkms/overlay.ko* ]]
	[[ $(dkms status) == overlay-syncfs/*"$(uname -r)"*installed* ]]
	# The package says what is left to do.
	[[ $output == *"overlay-syncfs: the kernel's own overlay module is loaded and stays so"* ]]
}

@test "the initramfs has the module of the package, and no other" {
	run -0 in_initramfs
	[[ $output == usr/lib/modules/*/updates/dkms/overlay.ko* ]]
	[ "$(wc -l <<<"$output")" = 1 ]
}

@test "the loaded module is not touched before the reboot" {
	[ ! -e "$PARAMETER" ]
	[ -d /sys/module/overlay ]
}

# Last: nothing but a reboot takes it back.
@test "where only known keys are accepted, as with Secure Boot, the module is refused until its own is enrolled" {
	[ -n "$(modinfo -F signer overlay)" ]
	umount -R /var/lib/containers
	modprobe -r overlay
	echo 1 >/sys/module/module/parameters/sig_enforce
	run ! modprobe overlay
	echo "$output"
	[[ $output == *"Key was rejected by service"* ]]
	# The kernel's own, which dkms has put aside, is not.
	insmod "$(find "/var/lib/dkms/overlay-syncfs/original_module/$(uname -r)" -name 'overlay.ko*' ! -name '*.origin')"
}
