# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by the tests in this folder: allocations that fail, of objects (failslab) or
# of pages (fail_page_alloc), everywhere or below some function.

FAILSLAB=/sys/kernel/debug/failslab
FAILPAGES=/sys/kernel/debug/fail_page_alloc

setup() {
	PATH=$BATS_TEST_DIRNAME/..:$PATH
	injected_upper
}

teardown() {
	end_injection
	unmount_all
}

# injected_upper: the module anew, since its line in the log comes once for each load;
# an upper whose device can be changed; slab allocations are to fail.
injected_upper() {
	rmmod overlay
	insmod "$OVERLAY_KO"
	quiet_flusher
	make_fs "$DISK1"
	map_upper
	for INJECT in $FAILSLAB $FAILPAGES; do
		echo N >"$INJECT/ignore-gfp-wait"
		echo 0 >"$INJECT/probability"
		echo -1 >"$INJECT/times"
		echo 1 >"$INJECT/verbose"
		echo 0 >"$INJECT/verbose_ratelimit_interval_ms"
	done
	# Pages one by one, and those for users' data as well
	echo 0 >$FAILPAGES/min-order
	echo N >$FAILPAGES/ignore-gfp-highmem
	choose $FAILSLAB
	dmesg -C
}

end_injection() {
	memory_is_back
	echo N >$FAILSLAB/cache-filter
	choose $FAILSLAB
}

# choose WHICH: of the two. A task's fail-nth is common to all that can be made to
# fail.
choose() {
	local kind
	for kind in /sys/kernel/debug/fail*/; do
		echo 32 >"$kind/stacktrace-depth"
		echo 1 | tee "$kind/require-start" >"$kind/require-end"
	done
	INJECT=$1
	everywhere
}

# everywhere: below whatever function.
everywhere() {
	echo 0 >"$INJECT/require-start"
	echo 0xffffffffffffffff >"$INJECT/require-end"
	echo 0 | tee "$INJECT/reject-start" >"$INJECT/reject-end"
}

# below FUNCTION: nothing but what that, or what it calls, allocates may fail.
below() {
	local start end
	read -r start end < <(sort /proc/kallsyms | awk -v name="$1" '
		start && $1 != start { print "0x" start, "0x" $1; exit }
		$3 == name { start = $1 }')
	echo "$start" >"$INJECT/require-start"
	echo "$end" >"$INJECT/require-end"
}

# with_stack: the log says where the first one fails; all would be too many. In jiffies,
# whatever its name; and so short that the one of the test before is forgotten.
with_stack() {
	echo 2 >"$INJECT/verbose"
	echo 1 >"$INJECT/verbose_ratelimit_burst"
	echo 1000 >"$INJECT/verbose_ratelimit_interval_ms"
}

# failed_below FUNCTION: an allocation has, and this in its stack, says the log.
failed_below() {
	dmesg | awk -v name="$1" '
		/FAULT_INJECTION: forcing a failure/ { failed = 1 }
		failed && index($0, " " name "+0x") { found = 1 }
		END { exit !found }'
}

# only_cache NAME: no allocation but from this slab cache may fail.
only_cache() {
	echo Y >$FAILSLAB/cache-filter
	echo 1 >"/sys/kernel/slab/$1/failslab"
}

# not_below_btrfs: which aborts its transaction then, in btrfs_create_new_inode()
# for one, is read-only from there on, and may warn of its own accounting at umount.
not_below_btrfs() {
	local at start=0 end=0
	while read -r at; do
		# It is in one piece, after what is rarely called of everything.
		[ $((at - end)) -lt $((1 << 20)) ] || start=$at
		end=$at
	done < <(sort /proc/kallsyms | awk '
		$3 == "_etext" { exit }
		$3 ~ /^btrfs_[a-z0-9_]+$/ { print "0x" $1 }')
	echo "$start" >"$INJECT/reject-start"
	echo "$end" >"$INJECT/reject-end"
}

# only_overlay: no allocation but below a function of overlayfs may fail.
only_overlay() {
	[[ $FS != btrfs* ]] || not_below_btrfs
	local size start
	read -r _ size _ _ _ start _ < <(grep '^overlay ' /proc/modules)
	printf '%#x' "$start" >"$INJECT/require-start"
	printf '%#x' $((start + size)) >"$INJECT/require-end"
}

no_memory() {
	echo 100 >"$INJECT/probability"
}

memory_is_back() {
	echo 0 | tee $FAILSLAB/probability >$FAILPAGES/probability
}

# failing N COMMAND...: the Nth of COMMAND's allocations that may fail does; and
# whether the log says so. Sets FAILED, COMMAND's status.
failing() {
	local n=$1
	FAILED=0
	shift
	dmesg -C
	# shellcheck disable=SC2016,SC2034  # expanded by the inner shell; the caller's
	bash -c 'echo "$1" >/proc/self/fail-nth && shift && exec "$@"' bash "$n" "$@" || FAILED=$?
	dmesg | grep -q 'FAULT_INJECTION: forcing a failure'
}

# each_allocation ATTEMPT CHECK: ATTEMPT N, which uses failing, for N from 1, with
# CHECK after each; prints how many allocations failed. Some do so in silence, so
# eight times of it are the end.
each_allocation() {
	local attempt=$1 check=$2 n silent=0 failed=0
	for ((n = 1; silent < 8; n++)); do
		if "$attempt" "$n"; then
			failed=$((failed + 1)) silent=0
		else
			silent=$((silent + 1))
		fi
		"$check" >&2
	done
	echo "$failed"
}

# all_clean: nothing of overlay a is dirty.
all_clean() {
	find /up/a/upper /up/a/work -type f -printf 'clean %p\0' | xargs -0 ovlio
}
