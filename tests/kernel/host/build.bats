#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel/build, on the machine itself: no guest.

bats_require_minimum_version 1.5.0

setup() {
	TOP=$BATS_TEST_DIRNAME/../../..
}

@test "a patch that does not apply is named, with the file and the source version" {
	cat >"$BATS_TEST_TMPDIR/stale.patch" <<-'PATCH'
		--- a/fs/overlayfs/super.c
		+++ b/fs/overlayfs/super.c
		@@ -10,3 +10,3 @@
		 this was there
		-once
		+upon a time
		 and is no more
	PATCH
	run ! "$TOP/kernel/build" 6.12 -o "$BATS_TEST_TMPDIR/out" -p "$BATS_TEST_TMPDIR/stale.patch"
	eval "$("$TOP/kernel/version" 6.12)"
	[[ $output == *stale.patch* ]]
	[[ $output == *super.c* ]]
	[[ $output == *"linux-source-6.12 $SOURCE_VERSION"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/out/overlay.ko" ]
}

@test "a kernel without patches is refused, and the supported ones are named" {
	run ! "$TOP/kernel/build" 5.10
	[[ $output == *5.10* ]]
	[[ $output == *6.12* ]]
}

@test "each module is for the distribution's kernel, and needs no symbol that is not exported" {
	local version
	for version in "$TOP"/kernel/patches/*; do
		version=${version##*/}
		eval "$("$TOP/kernel/version" "$version")"
		run -0 modinfo -F vermagic "$TOP/build/kernel/$version/overlay.ko"
		[[ $output == "$KERNEL_RELEASE "* ]]
		# modpost warns of such symbols, and the kernel refuses to load it.
		run -0 modinfo -F parm "$TOP/build/kernel/$version/overlay.ko"
		[[ $output == *sync_upper_inodes* ]]
	done
}

@test "a name is probed for by itself, and a header that is not there is an error" {
	local tree=$BATS_TEST_TMPDIR/tree
	run ! "$TOP/kernel/probe" "$tree"
	[[ $output == *"$tree"* ]]
	mkdir -p "$tree/include/linux"
	echo 'int not_icount_read_once, icount_read_once_not;' >"$tree/include/linux/fs.h"
	run -0 "$TOP/kernel/probe" "$tree"
	[[ $output != *OVL_HAVE* ]]
	echo 'int icount_read_once(const struct inode *inode);' >>"$tree/include/linux/fs.h"
	touch "$tree/include/linux/folio_batch.h"
	run -0 "$TOP/kernel/probe" "$tree"
	[ "$(grep OVL_HAVE <<<"$output")" = "$(printf '#define OVL_HAVE_%s\n' FOLIO_BATCH_H ICOUNT_READ_ONCE)" ]
}

@test "the headers that are probed are those that the module is built with" {
	local version
	for version in "$TOP"/kernel/patches/*; do
		version=${version##*/}
		eval "$("$TOP/kernel/version" "$version")"
		diff "$TOP/build/kernel/$version/src/fs/overlayfs/compat_probed.h" \
			<("$TOP/kernel/probe" "/lib/modules/$KERNEL_RELEASE/source")
	done
}

@test "each mutant applies to the engine, and where it is caught by the marked points below those" {
	local mutant kernel
	for mutant in "$TOP"/tests/mutants/*.patch; do
		kernel=$(sed -n '/^---$/q; s/^Kernel: //p' "$mutant")
		kernel=${kernel%%-*}
		kernel=${kernel:-6.12}
		[ -e "$BATS_TEST_TMPDIR/$kernel" ] || "$TOP/kernel/tree" "$kernel" "$BATS_TEST_TMPDIR/$kernel"
		patch -d "$BATS_TEST_TMPDIR/$kernel" -p1 -s -F0 --dry-run <"$mutant" ||
			{ echo "$mutant: refresh it"; return 1; }
		! grep -q '^Stress: ' "$mutant" ||
			"$TOP/kernel/tree" "$kernel" "$BATS_TEST_TMPDIR/points" "$mutant" \
				"$TOP/tests/stress/race-points.patch"
	done
}
