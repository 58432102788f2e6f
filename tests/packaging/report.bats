#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the module's package tells the administrator, in each situation.

load lib

setup() {
	T=$BATS_TEST_TMPDIR
	export SYS=$T/sys PATH=$T/bin:$PATH
	mkdir -p "$T/bin" "$SYS/module/overlay/parameters"
	found /lib/modules/6.12/updates/dkms/overlay.ko.xz "DKMS module signing key"
	stub mokutil "echo \"\$2 is not enrolled\""
}

stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$T/bin/$1"
	chmod +x "$T/bin/$1"
}

# found FILE SIGNER: what modprobe would load.
found() {
	stub modinfo "case \$* in *-F*) echo '$2' ;; *) echo '$1' ;; esac"
}

secure_boot() {
	mkdir -p "$SYS/firmware/efi/efivars"
	printf '\006\000\000\000\001' >"$SYS/firmware/efi/efivars/SecureBoot-8be4df61"
}

report() {
	"$TOP/packaging/dkms/report" "$@"
}

@test "the kernel's own module is loaded: reboot, or unload it" {
	run -0 report installed
	[[ $output == *"own overlay module is loaded"*"next boot"*"modprobe -r overlay"* ]]
	[[ $output != *"Secure Boot"* ]]
}

@test "one of ours is loaded, after an update" {
	: >"$SYS/module/overlay/parameters/sync_upper_inodes"
	run -0 report installed
	[[ $output == *"earlier module of this package"*"next boot"* ]]
}

@test "none is loaded: nothing to say" {
	rm -r "$SYS/module/overlay"
	run -0 report installed
	[ -z "$output" ]
}

@test "no module was built for the running kernel" {
	found /lib/modules/6.12/kernel/fs/overlayfs/overlay.ko.xz "Debian"
	run -0 report installed
	[[ $output == *"no module for the running kernel $(uname -r), which keeps its own"* ]]
	stub modinfo "exit 1"
	run -0 report installed
	[[ $output == *"no module for the running kernel"* ]]
}

@test "Secure Boot without the key enrolled: what to do, and what happens otherwise" {
	secure_boot
	run -0 report installed
	[[ $output == *"Secure Boot is on"*"no overlay can be"*"mokutil --import /var/lib/dkms/mok.pub"* ]]
	# As mokutil says it after 0.7.2
	stub mokutil "echo \"\$2 is not enrolled\"; exit 1"
	run -0 report installed
	[[ $output == *"Secure Boot is on"* ]]
	rm "$T/bin/mokutil"
	PATH=$T/bin:/usr/bin:/bin run -0 report installed
	[[ $output == *"Secure Boot is on"* ]]
}

@test "Secure Boot, and mokutil cannot tell: as if the key were not enrolled" {
	secure_boot
	stub mokutil "echo \"Failed to open \$2\" >&2; exit 255"
	run -0 report installed
	[[ $output == *"Secure Boot is on"* ]]
	stub mokutil "echo 'EFI variables are not supported on this system' >&2; exit 1"
	run -0 report installed
	[[ $output == *"Secure Boot is on"* ]]
}

@test "Secure Boot, and dkms had nothing to sign with" {
	found /lib/modules/6.12/updates/dkms/overlay.ko.xz ""
	secure_boot
	run -0 report installed
	[[ $output == *"the module is not signed"*"no
  overlay can be mounted"* ]]
	[[ $output != *mokutil* ]]
}

@test "Secure Boot with the key enrolled, or off: nothing to do" {
	secure_boot
	local said status
	for said in "is already enrolled" "is already in the enrollment request"; do
		# 1 up to mokutil 0.7.2, 0 after that
		for status in 0 1; do
			stub mokutil "echo \"\$2 $said\"; exit $status"
			run -0 report installed
			[[ $output != *"Secure Boot"* ]]
		done
	done
	stub mokutil "echo \"\$2 is not enrolled\""
	printf '\006\000\000\000\000' >"$SYS/firmware/efi/efivars/SecureBoot-8be4df61"
	run -0 report installed
	[[ $output != *"Secure Boot"* ]]
}

@test "removed: said only if ours is still loaded" {
	run -0 report removed
	[ -z "$output" ]
	: >"$SYS/module/overlay/parameters/sync_upper_inodes"
	run -0 report removed
	[[ $output == *"removed module is still loaded"*"next boot"* ]]
}

@test "anything else is an error" {
	run -2 report
	run -2 report upgraded
}
