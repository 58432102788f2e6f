# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034  # tests/check's
#
# What is in each section of tests/check, with what it needs built.

kernel=${KERNEL:-6.12}
run=$top/packaging/suite/buildroot

# rows: the table that the check's log has in it.
rows() {
	sed -n 's/^# |/    |/p' "$log"
}

make_hook() {
	"$run" make -s -C "$top/hook" BUILD="$top/build/hook" "$@"
}

declare -A built=() kernels_used=()

# need WHAT COMMAND...: a step, once.
need() {
	[ -z "${built[$1]:-}" ] || return 0
	built[$1]=1
	step "$@"
}

# need_kernel [VERSION]: what a guest with it needs; $kernel if not said. No package has
# the debug kernels.
need_kernel() {
	local version=${1:-$kernel}
	kernels_used[$version]=1
	[[ $version != *-debug ]] ||
		need "build the debug kernel, $version" "$top/kernel/debug" "$version"
	need "build overlay.ko for $version" "$top/kernel/build" "$version"
	need "build the tests' tools" \
		"$run" make -s -C "$here/tools" BUILD="$top/build/tests" all
	need "make the guest's image for $version" \
		"$here/guest/run" --kernel "$version" --module stock --prepare
}

need_hook() {
	need "build the hook" make_hook all
}

need_packages() {
	need "build the packages, lintian" "$top/packaging/deb"
}

shell_files() {
	local f
	git -C "$top" ls-files | while read -r f; do
		case $f in
		*.bats | *.sh | *.bash) echo "$f" ;;
		*)
			if [ -f "$top/$f" ] && head -n1 "$top/$f" | grep -aqE '^#!/bin/(ba)?sh'; then
				echo "$f"
			fi
			;;
		esac
	done
}

lint_shell() {
	cd "$top" && shell_files | xargs "$run" shellcheck -x
}

# kernels: those that the engine is for.
kernels() {
	ls "$top/kernel/patches"
}

section_lint() {
	local version
	for version in $(kernels); do
		step "checkpatch, W=1, sparse, $version" "$top/kernel/lint" "$version"
	done
	step "clang-format, cppcheck, analyzers" make_hook lint
	step "clang-format, cppcheck of the tests' tools" lint_tools
	step "shellcheck" lint_shell
}

lint_tools() {
	"$run" clang-format --dry-run -Werror "$here"/{tools,crash/replay,faults}/*.[ch] &&
		"$run" cppcheck --quiet --error-exitcode=1 \
			--check-level=exhaustive --std=c11 "$here"/{tools,crash/replay,faults}/*.c
}

section_hook() {
	need_hook
	need_kernel
	cmocka "hook: unit tests, sanitizers, valgrind" make_hook check
	step "hook: the fuzzers' corpus reaches the parsers" make_hook coverage
	[ -z "$full" ] ||
		step "hook: fuzzing the parsers" make_hook FUZZ_SECONDS=60 fuzz
	tap "hook: hostile input, configuration" "$run" bats --formatter tap "$here/hook/host"
	tap "hook: under runc and crun, confinement" "$here/guest/run" --kernel "$kernel" \
		--disk 1G --timeout 900 --put "$top/build/hook/oci-syncfs-hook" \
		--put "$here/hook" --put "$top/oci-config" -- bats --formatter tap hook
	tap "hook: without per-overlay syncfs, stock module" "$here/guest/run" --kernel "$kernel" \
		--module stock --disk 1G --timeout 900 \
		--put "$top/build/hook/oci-syncfs-hook" --put "$here/hook" \
		-- bats --formatter tap hook/fallback.bats
}

section_engines() {
	need_hook
	need_kernel
	step "build the hook, linked statically" make_hook static
	step "CRI's interface" "$here/engines/cri-interface" "$top/build/cri"
	tap "hook: what a power cut has lost" "$run" bats --formatter tap "$here/engines/crash/host"
	beside tap "hook: power cuts around a stop" "$here/engines/crash/stop/run" \
		--count "$([ -n "$full" ] && echo 20 || echo 3)" {runc,crun,podman}:hook
	beside engine "hook: containerd" containerd --put "$top/build/hook/static" --put "$top/build/cri"
	beside engine "hook: runc and crun alone" runtimes
	beside engine "hook: as CRIU's action script" criu
	beside engine "hook: podman, with crun and runc" podman
	beside engine "hook: podman's checkpoints" podman-checkpoint
	beside engine "hook: podman, rootless" rootless
	beside engine "hook: runc and crun, stock module" stock --module stock
	beside engine "hook: podman, stock module" podman-stock --module stock
	beside engine "hook: oci-config in podman and CRIU" oci-config
	beside tap "hook: power cut after a checkpoint" "$here/engines/crash/run"
	beside tap "hook: power cuts around a stop, without the sync" "$here/engines/crash/stop/run" \
		--json "$top/build/hard-reset-no-sync.json" {runc,podman}:no-sync
	together
}

# engine WHAT FILE [OPTION...]: of engines/
engine() {
	tap "$1" "$here/guest/run" --kernel "$kernel" --image engines --memory 2048 \
		--disk 2G --timeout 1800 "${@:3}" --put "$top/build/hook/oci-syncfs-hook" \
		--put "$top/build/tests/ovlio" --put "$here/tools/upper.bash" \
		--put "$here/hook" --put "$here/engines" --put "$top/oci-config" \
		-- bats --formatter tap "engines/$2.bats"
	rows
}

section_packaging() {
	local version
	need_packages
	# Whose headers dkms builds with in the tests
	for version in $(kernels); do
		need "the headers of $version" "$top/kernel/headers" "$version"
	done
	tap "packages: contents, dkms, messages, manual, rpm" \
		"$run" bats --formatter tap "$here/packaging"
}

section_install() {
	need_packages
	# That of its guests
	kernels_used[6.12]=1
	tap "packages: by apt in a guest" "$here/packaging/install/run"
}

section_model() {
	tap "model: what it stands for" "$run" bats --formatter tap "$here/model/host"
	tap "model: scenarios, and without each guard" "$here/model/run"
}

section_guest() {
	need_kernel
	tap "guest harness" "$run" bats --formatter tap "$here/guest/selftest.bats"
}

# What each upper filesystem must do: isolation, durability, errors.
core='leaves the neighbour|^flushed|learns of it'
flood='a flood of files that are made'

# other_kernels: but $kernel.
other_kernels() {
	kernels | grep -vxF "$kernel"
}

section_kernel() {
	local fs version others
	mapfile -t others < <(other_kernels)
	need_kernel
	for version in "${others[@]}"; do
		need_kernel "$version"
	done
	# What the series is checked with, from outside of the build root.
	need "fetch sparse" "$top/kernel/sparse"
	tap "building the module, and the series" "$run" bats --formatter tap "$here/kernel/host"
	[ ! -e "$top/kernel/patches/$kernel" ] || series_in_guest "$kernel"
	for fs in ext4 xfs btrfs ext2 tmpfs; do
		beside tap "engine: $fs" "$here/kernel/run" "$fs"
	done
	for fs in ext4-nojournal ext4-extjournal xfs-extlog; do
		[ -n "$full" ] ||
			beside tap "engine: the core on $fs" "$here/kernel/run" "$fs" -f "$core"
	done
	for version in "${others[@]}"; do
		for fs in ext4 xfs btrfs; do
			[ -n "$full" ] ||
				beside tap "engine, $version: the core on $fs" env KERNEL="$version" \
					"$here/kernel/run" "$fs" -f "$core"
		done
	done
	[ -z "$full" ] || more_of_kernel
	together
}

# series_in_guest VERSION
series_in_guest() {
	beside tap "the module after each patch of the series, $1" steps "$1"
	beside tap "the selftest of the series, $1" selftest "$1"
}

# steps VERSION: the modules that kernel/series/check has built.
steps() {
	local module puts=()
	for module in "$top/build/series/$1-check"/step-*.ko; do
		puts+=(--put "$module")
	done
	# shellcheck disable=SC2016  # expanded in the guest
	"$here/guest/run" --kernel "$1" --module stock --disk 256M --timeout 300 \
		--put "$here/kernel/series/steps" "${puts[@]}" -- sh -c './steps "$PWD"/step-*.ko'
}

# selftest KERNEL: with the last of them, or that of a kernel with the series.
selftest() {
	local dir=$top/build/series/${1%%-*}-check module=patched
	[[ $1 = *-series-* ]] || module=$(printf '%s\n' "$dir"/step-*.ko | tail -n1)
	"$here/guest/run" --kernel "$1" --module "$module" --memory 1024 --timeout 300 \
		--put "$dir/sync_upper_inodes" -- sh -c 'modprobe loop && ./sync_upper_inodes'
}

# more_of_kernel: for section_kernel, with its variables.
more_of_kernel() {
	beside tap "engine: a flood of a million files" env FLOOD=1000000 TIMEOUT=10000 \
		"$here/kernel/run" ext4 -f "$flood"
	for fs in ext4-{journal,writeback,nojournal,extjournal} xfs-extlog btrfs-compress; do
		beside tap "engine: $fs" env CPUS=1 "$here/kernel/run" "$fs"
	done
	for version in "${others[@]}"; do
		series_in_guest "$version"
		for fs in ext4 xfs btrfs; do
			beside tap "engine, $version: $fs" env CPUS=1 KERNEL="$version" \
				"$here/kernel/run" "$fs"
		done
	done
}

# Of tests/mutants: no wait, no second phase, no orphans, no registration
broken=(wait-skipped@ext4 no-second-phase@xfs evict-drops-dirty@btrfs open-not-recorded@ext4)

section_crash() {
	local fs
	need_kernel
	tap "replayed cuts: model, oracle, shrinker" "$run" bats --formatter tap "$here/crash/host"
	for fs in ext4 xfs btrfs; do
		beside tap "power cut: $fs" "$here/crash/run" "$fs"
	done
	if [ -n "$full" ]; then
		more_of_crash
	else
		# Four minutes of a processor
		beside tap "replayed cuts" env CPUS=1 "$here/crash/replay/run" \
			--count 15 --seconds 15 ext4 ext4-{journal,nojournal,fastcommit} \
			xfs btrfs stock@{ext4,xfs,btrfs} "${broken[@]}"
	fi
	together
}

more_of_crash() {
	local some=(ext4 ext4-{journal,nojournal,fastcommit} xfs btrfs)
	for fs in "${some[@]}"; do
		beside tap "replayed cuts: $fs" env CPUS=1 "$here/crash/replay/run" \
			--json "$top/build/crash-replay-$fs.json" --count 350 "$fs"
	done
	beside tap "replayed cuts: stock module" env CPUS=1 "$here/crash/replay/run" \
		--json "$top/build/crash-replay-stock.json" --seed 1001 --count 60 \
		"${some[@]/#/stock@}"
	beside tap "replayed cuts: the engine, broken" env CPUS=1 "$here/crash/replay/mutants"
	beside tap "replayed cuts: what is lost is shrunk" env CPUS=1 SHRINK=60 \
		"$here/crash/replay/run" --json "$top/build/crash-shrink.json" \
		--count 10 wait-skipped@ext4 evict-drops-dirty@xfs
	beside tap "power cut: more of ext4" "$here/crash/run" \
		ext4-{journal,writeback,nojournal,extjournal} ext4:nodelalloc ext4:dioread_lock
	beside tap "power cut: more of the others" "$here/crash/run" xfs-extlog btrfs-compress ext2
	beside tap "power cut: stock module" "$here/crash/run" --module stock ext4 xfs btrfs
}

# Who tells nobody of lost data: one of tests/mutants, and the stock module
liars=(stock@ext4 error-not-told@xfs)

section_faults() {
	local fs
	need_kernel
	tap "faults: the trials that are planned" "$run" bats --formatter tap "$here/faults/host"
	if [ -n "$full" ]; then
		for fs in ext4 ext4-nojournal xfs btrfs; do
			beside tap "faults: $fs" env CPUS=1 "$here/faults/run" --count 250 "$fs"
		done
		beside tap "faults: the engine, broken" env CPUS=1 "$here/faults/mutants"
		together
	else
		# Three minutes of a processor
		beside tap "faults" env CPUS=1 "$here/faults/run" --count 25 --seconds 20 \
			ext4 xfs btrfs
		beside tap "faults: without being told" env CPUS=1 "$here/faults/run" \
			--kind data --count 60 --seconds 60 "${liars[@]}"
		together
	fi
}

section_debug() {
	# A test takes four times as long there.
	local -x KERNEL=7.3-debug TIMEOUT=9000
	local kernel=$KERNEL fs
	need_kernel
	for fs in ext4 xfs btrfs f2fs; do
		beside tap "engine, debug kernel: $fs" "$here/kernel/run" "$fs"
	done
	for fs in ext4 xfs btrfs; do
		beside tap "without memory, debug kernel: $fs" env FAULTS=1 \
			"$here/kernel/run" "$fs"
		beside tap "everything at once, debug kernel: $fs" "$here/stress/run" "$fs" 60
	done
	together
	tap "mutants: those of the debug kernel" "$here/mutants/run" --kernel
}

section_races() {
	local version versions=(7.3-debug 7.3-kcsan-debug)
	for version in "${versions[@]}"; do
		need_kernel "$version"
		need "build overlay.ko with marked points, $version" \
			"$here/stress/build" "$version"
	done
	for version in "${versions[@]}"; do
		storms "$version"
	done
	together
	tap "mutants: those of KCSAN" env KERNEL=7.3-kcsan-debug "$here/mutants/run" --kernel
}

# storms KERNEL: everything at once with delays at the marked points, on each
# upper a third of the time.
storms() {
	local -x KERNEL=$1
	local fs minutes=${STRESS_MINUTES:-$([ -n "$full" ] && echo 21 || echo 3)}
	for fs in ext4 xfs btrfs; do
		beside storm "everything at once, marked points, $1: $fs" "$fs" $((20 * minutes))
	done
}

# storm WHAT FS SECONDS: and its table of points, and what KCSAN has seen.
storm() {
	tap "$1" "$here/stress/run" --points "$2" "$3"
	sed -n 's/^# /    | /p' "$log"
}

section_series() {
	local -x KERNEL=7.3-series-debug
	local kernel=$KERNEL fs only=(-f "$core")
	[ -z "$full" ] || only=()
	step "the series for 7.3" "$top/kernel/series/check" 7.3
	need_kernel
	tap "the selftest of the series, $kernel" selftest "$kernel"
	for fs in ext4 xfs btrfs; do
		beside tap "engine, $kernel: $fs" "$here/kernel/run" "$fs" "${only[@]}"
	done
	together
}

section_mutants() {
	local version
	need_kernel
	if [ -n "$full" ]; then
		for version in $(other_kernels); do
			grep -lqx "Kernel: $version" "$here"/mutants/*.patch || continue
			need_kernel "$version"
			tap "mutants: those of $version" env KERNEL="$version" \
				"$here/mutants/run" --kernel
		done
		tap "mutants: each is caught" "$here/mutants/run"
	else
		tap "mutants: some of each kind" "$here/mutants/run" --few
	fi
}

section_soak() {
	tap "soak: what is flat" "$run" bats --formatter tap "$here/soak/host"
	[ -n "$full" ] || return 0
	need_hook
	need_kernel
	tap "containers come and go" "$here/soak/run" ext4 "${MINUTES:-10}"
}

section_bench() {
	local name
	for name in seed-a seed-b; do
		step "build $name for the benchmark" "$top/kernel/build" "$kernel" \
			-o "$top/build/bench/variants/$name" -p "$here/bench/variants/$name.patch"
	done
	tap "benchmark: plan, verdicts, reports" "$run" bats --formatter tap "$here/bench/host"
}

section_summary() {
	tap "the table of results" "$run" bats --formatter tap "$here/summary/host"
}
