#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the engine allocates memory: the places that kernel/faults makes fail, and no
# others. On the machine itself: no guest.

setup() {
	ENGINE=$BATS_TEST_DIRNAME/../../../kernel/overlayfs
}

# allocations FILE...: the function, and what it calls.
allocations() {
	awk '
		/^[a-z].*\(/ { split($0, at, "("); n = split(at[1], word, /[ *]+/); function_ = word[n] }
		match($0, /(^|[^a-z_])(k[mzc]?v?alloc|kv[mzc]*alloc|kmem_cache_[a-z_]*alloc|KMEM_CACHE|kmem_cache_create|kmemdup|kstrdup|kasprintf|vm?z?alloc|alloc_[a-z_]+|[a-z_]+_alloc|mempool_[a-z]+|__?bread|sb_bread|sb_getblk|__getblk|create_[a-z_]*workqueue|kthread_[a-z_]+|grab_cache_page|filemap_grab_folio|read_mapping_[a-z]+)[ ]*\(/) {
			if ($0 ~ /^[ \t]*(\/?\*|\/\/)/) next
			call = substr($0, RSTART, RLENGTH)
			gsub(/[^A-Za-z_]/, "", call)
			print function_, call
		}' "$@"
}

@test "the engine allocates in these places, and in no others" {
	local all
	all=$(allocations "$ENGINE"/*.c)
	echo "$all"
	# The second is in memory already, as ext4 holds it; and without memory it waits.
	diff <(echo "$all" | sort) - <<-'END'
		ovl_ext4_journal sb_bread
		ovl_suspect_add kmem_cache_zalloc
		ovl_suspect_cache_init KMEM_CACHE
		ovl_upper_slots_get kmalloc
	END
}

@test "another place would be noticed" {
	local call
	for call in 'kmalloc(8, GFP_NOFS)' 'kzalloc(8, GFP_NOFS)' 'alloc_workqueue("x", 0, 0)' \
		'kmem_cache_alloc(c, GFP_NOFS)' 'alloc_page(GFP_NOFS)' 'kvmalloc(8, GFP_NOFS)'; do
		printf 'static int ovl_new(void)\n{\n\tvoid *p = %s;\n}\n' "$call" \
			>"$BATS_TEST_TMPDIR/new.c"
		allocations "$BATS_TEST_TMPDIR/new.c" | grep '^ovl_new '
	done
}
