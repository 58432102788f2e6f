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
	grep -q '^+++ b/Documentation/filesystems/overlayfs.rst' "$series"/*
	grep -q '^+++ b/tools/testing/selftests/filesystems/overlayfs/config' "$series"/*
	# kselftest's runner gives all tests of a program 45 s.
	grep -A9 '^+++ b/tools/testing/selftests/filesystems/overlayfs/settings' "$series"/* |
		grep -q '+timeout='
}

@test "the series of an older kernel calls things as that kernel does" {
	"$TOP/kernel/series/generate" 6.1
	local series=$TOP/build/series/6.1
	grep -q '^+.*bd_inode->i_mapping' "$series"/0001-*
	grep -q '^+.*queue_delayed_work(system_unbound_wq' "$series"/0002-*
	grep -q '^+.*|= ovl_folio_maybe_used(batch' "$series"/0002-*
	grep -A2 '^+static inline .* inode_state_read_once' "$series"/0002-* |
		grep -q READ_ONCE
	run -1 grep -E '^\+.*(bd_mapping|system_dfl_wq|folio_maybe_dma_pinned)' "$series"/000*
	"$TOP/kernel/series/generate" 7.3
	run -1 grep -E '^\+static .*(_read_once|maybe_used)' "$TOP"/build/series/7.3/000*
}

@test "compat code, and a file that is not in the tree, are noticed" {
	a_copy
	sed -i 's/^#define OVL_REAP_DELAY/#ifdef OVL_HAVE_TIME\n#endif\n&/' "$COPY/kernel/overlayfs/sync.c"
	spoilt "the series has compat code"
	[[ $output == *"+#ifdef OVL_HAVE_TIME"* ]]
	cp "$TOP/kernel/overlayfs/sync.c" "$COPY/kernel/overlayfs/"
	sed -i 's/upper_fs\.c\.$/kernel\/README.md./' "$COPY/kernel/overlayfs/sync.h"
	spoilt "names a file that is not in the tree"
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
	spoilt "'ovl_suspect_cachep' was not declared"
}
