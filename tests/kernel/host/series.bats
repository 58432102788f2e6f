#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel/series, on the machine itself: no guest.

bats_require_minimum_version 1.5.0

setup() {
	TOP=$BATS_TEST_DIRNAME/../../..
}

# a_copy: of what makes the series, to be spoiled. It has no git to ask who signs.
a_copy() {
	COPY=$BATS_TEST_TMPDIR/copy
	mkdir "$COPY"
	cp -r "$TOP/kernel" "$TOP/packaging" "$COPY/"
	git -C "$COPY" init -q
	git -C "$COPY" config user.name A
	git -C "$COPY" config user.email a@example.org
}

# spoilt TEXT [KERNEL]: the check of the copy fails, and says this.
spoilt() {
	run ! "$COPY/kernel/series/check" "${2:-7.3}"
	[[ $output == *"$1"* ]]
}

# One for each kernel, side by side: each is bound to one processor mostly.
@test "the series of each kernel applies, and builds after each patch" {
	local kernel pids=() pid
	for kernel in "$TOP"/kernel/patches/*; do
		"$TOP/kernel/series/check" "${kernel##*/}" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
}

@test "the series has a cover letter and everything that belongs to it" {
	"$TOP/kernel/series/generate" 7.3
	local series=$TOP/build/series/7.3
	grep -q '^Subject: \[PATCH 0/7\] ovl: ' "$series"/0000-*
	[ "$(find "$series" -name '*.patch' | wc -l)" = 8 ]
	[ "$(grep -lc '^Signed-off-by: ' "$series"/* | wc -l)" = 7 ]
	run ! grep -rniE 'compat|probed|LINUX_VERSION_CODE' "$series" --include='000[1-5]*'
	grep -q '^+++ b/Documentation/filesystems/overlayfs.rst' "$series"/*
	grep -q '^+++ b/tools/testing/selftests/filesystems/overlayfs/config' "$series"/*
}

@test "the same input gives the same series" {
	a_copy
	"$COPY/kernel/series/generate" 7.3
	mv "$COPY/build" "$COPY/first"
	"$COPY/kernel/series/generate" 7.3
	diff -r "$COPY/first/series" "$COPY/build/series"
}

@test "a patch that does not apply is named, with the source version" {
	a_copy
	sed -i 's/^ \tiput(ofs->workdir_trap);/ \tiput(ofs->gone);/' "$COPY"/kernel/patches/7.3/0001-*
	eval "$("$TOP/kernel/version" 7.3)"
	spoilt "patches/7.3/0001-ovl-keep-a-set-of-upper-inodes-in-each-overlay.patch does not apply to linux-source-7.3 $SOURCE_VERSION"
}

@test "a part of the engine that comes too early is noticed" {
	a_copy
	sed -i 's/ovl_suspect_less //' "$COPY/kernel/series/parts"
	spoilt 'defined but not used'
	[[ $output == *0002-ovl-keep-a-set* ]]
}

@test "a part of the engine that comes too late is noticed" {
	a_copy
	sed -i 's/^0001 ovl_suspect_settle /&ovl_upper_fs /' "$COPY/kernel/series/parts"
	spoilt "the module does not build"
	[[ $output == *0001-ovl-say-which* ]]
}

@test "a part that never comes, and one that does not exist, are noticed" {
	a_copy
	echo "0009 ovl_suspect_evict" >>"$COPY/kernel/series/parts"
	spoilt "the series lacks parts of"
	sed -i 's/^0009.*/0004 ovl_no_such_thing/' "$COPY/kernel/series/parts"
	spoilt "there is no ovl_no_such_thing in the engine"
}

@test "a long line or a typo in a message, and invalid documentation, are noticed" {
	a_copy
	echo "This line is a good deal longer than what anybody should write into a changelog." \
		>>"$COPY/kernel/series/messages/0002"
	spoilt "checkpatch.pl --strict has something to say"
	cp "$TOP/kernel/series/messages/0002" "$COPY/kernel/series/messages/"
	sed -i '1s/$/ accomodate/' "$COPY/kernel/series/messages/documentation"
	spoilt "codespell has something to say"
	cp "$TOP/kernel/series/messages/documentation" "$COPY/kernel/series/messages/"
	sed -i '2s/-$//' "$COPY/kernel/series/overlayfs.rst"
	spoilt "new warnings"
}

@test "a warning that sparse alone has is noticed" {
	a_copy
	sed -i 's/^static struct kmem_cache \*ovl_suspect_cachep;/struct kmem_cache *ovl_suspect_cachep;/' \
		"$COPY/kernel/overlayfs/upper_inodes.c"
	# Not 7.3: trixie's sparse is too old for it.
	spoilt "'ovl_suspect_cachep' was not declared" 6.12
}
