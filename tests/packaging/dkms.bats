#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What dkms makes of the package, in trees of its own: for each kernel that there is a
# tree for, with that kernel's headers (kernel/headers has put them into the build root).
# What it does on a real system: install/.
#
# shellcheck disable=SC2016  # the variables are of the inner shell

load lib

setup_file() {
	unpack overlay-syncfs-dkms
	SRC=$BATS_FILE_TMPDIR/overlay-syncfs-dkms/usr/src
	VERSION=$(cd "$SRC" && echo overlay-syncfs-*)
	VERSION=${VERSION#overlay-syncfs-}
	export SRC VERSION
}

setup() {
	T=$BATS_TEST_TMPDIR
	mkdir -p "$T/var" "$T/modules" "$T/bin"
	# The headers of bookworm's 6.1 ask for its compiler; see packaging/README.md.
	ln -s "$(command -v gcc)" "$T/bin/gcc-12"
	PATH=$T/bin:$PATH
}

# The suite's, or that in DKMS.
dkms() {
	command "${DKMS:-dkms}" -j 1 --dkmstree "$T/var" --sourcetree "$SRC" --installtree "$T/modules" "$@"
}

# kernel_of TREE: the release of an installed kernel that is built from that.
kernel_of() {
	local id
	id=$(grep -lF "\" Debian $1\"" /lib/modules/*/build/include/generated/package.h | head -n1)
	[ -n "$id" ] || {
		echo "the build root has no headers of source $1; run first: kernel/headers" >&2
		return 1
	}
	id=${id#/lib/modules/}
	echo "${id%%/*}"
}

# install_on RELEASE: builds and installs the module for it, as its package does.
install_on() {
	local module
	pretend "$1"
	dkms install -m overlay-syncfs -v "$VERSION" -k "$1" >"$T/out" 2>&1 || {
		cat "$T/out"
		tail -n 20 "$T/var/overlay-syncfs/$VERSION/build/make.log"
		return 1
	}
	run ! grep 'bad exit status' "$T/out"
	module=$(echo "$T/modules/$1/updates/dkms"/overlay.ko*)
	run -0 modinfo -F vermagic "$module"
	[[ $output == "$1 "* ]]
	run -0 modinfo -F parm "$module"
	[[ $output == *sync_upper_inodes* ]]
	run -0 modinfo -F signer "$module"
	[ -n "$output" ]
}

# nothing_left: after the removal from all kernels.
nothing_left() {
	local kernel
	for kernel in "$T"/modules/*; do
		[ "$(cat "$kernel/kernel/fs/overlayfs/overlay.ko")" = stock ]
		[ ! -e "$kernel/updates" ] || [ -z "$(find "$kernel/updates" -type f)" ]
	done
	[ -z "$(ls "$T/var")" ]
}

# pretend RELEASE [SOURCE]: a kernel in the install tree, with its own overlay; if
# SOURCE, headers that say so, or else the real ones.
pretend() {
	local dir=$T/modules/$1
	mkdir -p "$dir/kernel/fs/overlayfs"
	echo "stock" >"$dir/kernel/fs/overlayfs/overlay.ko"
	if [ -n "${2:-}" ]; then
		mkdir -p "$dir/build/include/generated" "$dir/build/include/config"
		echo "#define LINUX_PACKAGE_ID \"$2\"" >"$dir/build/include/generated/package.h"
		: >"$dir/build/include/config/auto.conf"
	else
		ln -s "$(readlink -f "/lib/modules/$1/build")" "$dir/build"
	fi
}

# conf VARIABLE RELEASE SOURCE: as dkms reads it.
conf() {
	mkdir -p "$T/headers/include/generated"
	echo "#define LINUX_PACKAGE_ID \"$3\"" >"$T/headers/include/generated/package.h"
	kernelver=$2 arch=x86_64 dkms_tree=/var/lib/dkms kernel_source_dir=$T/headers \
		bash -c '. "$1" && echo "${!2}"' bash "$SRC/overlay-syncfs-$VERSION/dkms.conf" "$1"
}

@test "each kernel gets a module of its own source, before its own; removal gives that back" {
	local tree kernel
	dkms add -m overlay-syncfs -v "$VERSION"
	for tree in "$SRC"/*/trees/*; do
		kernel=$(kernel_of "${tree##*/}")
		install_on "$kernel"
	done
	dkms remove -m overlay-syncfs -v "$VERSION" --all
	nothing_left
}

@test "the same with bookworm's dkms and its kernel" {
	local tree=("$SRC"/*/trees/6.1.*) deb kernel
	deb=$(SUITE=bookworm "$TOP/packaging/suite/fetch" dkms)
	dpkg-deb -x "$deb" "$T/bookworm"
	DKMS=$T/bookworm/usr/sbin/dkms
	# This folder of its own it has no option for.
	sed -i "s|/usr/share/dkms/modules_to_force_install|${SRC%/src}/share/dkms/modules_to_force_install|" "$DKMS"
	kernel=$(kernel_of "${tree[0]##*/}")
	dkms add -m overlay-syncfs -v "$VERSION"
	install_on "$kernel"
	pretend 6.1.0-99-amd64 " Debian 6.1.250-1"
	# It looks for headers in /lib/modules, whatever the install tree.
	run -77 dkms build -m overlay-syncfs -v "$VERSION" -k 6.1.0-99-amd64 \
		--kernelsourcedir "$T/modules/6.1.0-99-amd64/build"
	[[ $output == *"6.1.0-99-amd64 is built from source 6.1.250-1"* ]]
	dkms remove -m overlay-syncfs -v "$VERSION" --all
	nothing_left
}

@test "a kernel of another source is skipped, with the reason, and keeps its own module" {
	pretend 6.12.250+deb13-amd64 " Debian 6.12.250-1"
	dkms add -m overlay-syncfs -v "$VERSION"
	run -77 dkms build -m overlay-syncfs -v "$VERSION" -k 6.12.250+deb13-amd64
	[[ $output == *"6.12.250+deb13-amd64 is built from source 6.12.250-1"* ]]
	[[ $output == *"for $(cd "$SRC"/*/trees && echo *) only"* ]]
	# As when that kernel is installed: its installation must not fail.
	run -0 dkms autoinstall -k 6.12.250+deb13-amd64
	[[ $output == *"6.12.250+deb13-amd64 is built from source 6.12.250-1"* ]]
	[ "$(grep -c "is built from source" <<<"$output")" = 1 ]
	[ "$(cat "$T/modules/6.12.250+deb13-amd64/kernel/fs/overlayfs/overlay.ko")" = stock ]
	[ -z "$(find "$T/modules" -path '*updates*' -type f)" ]
}

@test "dkms.conf: autoinstall, where the module goes, and 64-bit x86 alone" {
	local release=6.12.250+deb13-amd64
	[ "$(conf AUTOINSTALL "$release" " Debian 1")" = yes ]
	[ "$(conf DEST_MODULE_LOCATION "$release" " Debian 1")" = /updates/dkms ]
	[ "$(conf BUILT_MODULE_NAME "$release" " Debian 1")" = overlay ]
	[ "$(conf PACKAGE_VERSION "$release" " Debian 1")" = "$VERSION" ]
	[[ x86_64 =~ $(conf BUILD_EXCLUSIVE_ARCH "$release" " Debian 1") ]]
	[[ ! i686 =~ $(conf BUILD_EXCLUSIVE_ARCH "$release" " Debian 1") ]]
}

@test "dkms.conf: the source must be the same to the last revision" {
	local tree id release=6.12.250+deb13-amd64
	for tree in "$SRC"/*/trees/*; do
		id=${tree##*/}
		[ -z "$(conf BUILD_EXCLUSIVE_KERNEL "$release" " Debian $id")" ]
		[[ $(conf MAKE "$release" " Debian $id") == *"/build/trees/$id/fs/overlayfs modules" ]]
		[[ ! $release =~ $(conf BUILD_EXCLUSIVE_KERNEL "$release" " Debian $id+1" 2>/dev/null) ]]
		[[ ! $release =~ $(conf BUILD_EXCLUSIVE_KERNEL "$release" " Debian ${id%-*}-99" 2>/dev/null) ]]
		[[ ! $release =~ $(conf BUILD_EXCLUSIVE_KERNEL "$release" " Somebody $id" 2>/dev/null) ]]
	done
}

@test "dkms.conf: nothing is said of a kernel without headers, or that is supported" {
	local tree
	run -0 --separate-stderr env kernelver=5.0 arch=x86_64 kernel_source_dir="$T/none" dkms_tree=/ \
		bash -c '. "$1"' bash "$SRC/overlay-syncfs-$VERSION/dkms.conf"
	[ -z "$stderr" ]
	tree=("$SRC"/*/trees/*)
	run -0 --separate-stderr conf AUTOINSTALL 6.12 " Debian ${tree[0]##*/}"
	# shellcheck disable=SC2154  # set by run
	[ -z "$stderr" ]
}
