#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The table, from files as the parts leave them: what is wrong, old, broken or not
# there is never taken for well. No guest.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	mkdir build
	all_well
}

setup() {
	SUMMARY=$BATS_TEST_DIRNAME/../summary.py
	RECORD=$BATS_TEST_DIRNAME/../record
	cd "$BATS_TEST_TMPDIR" || exit
	mkdir -p engine/patches
	touch -d '2026-01-01' engine/sync.c engine/patches/0001
	complete
}

# complete: all that there must be, and all of it well.
complete() {
	rm -rf build
	cp -r "$BATS_FILE_TMPDIR/build" .
}

# put NAME JQ-EXPRESSION: build/NAME.json
put() {
	jq -n "$2" >"build/$1.json"
}

# edit NAME JQ-EXPRESSION
edit() {
	jq "$2" "build/$1.json" >new
	mv new "build/$1.json"
}

power_cuts() {
	put "crash-replay-$1" "[{module: \"$2\", fs: \"${3:-$1}\", seed: 1, sequences: 350,
		commands: 20000, syncs: 1700, crash_points: 4500, prefixes: 3000, repaired: 0,
		lost: 0, seconds: 900}]"
}

all_well() {
	local fs kernel
	for fs in ext4 ext4-{journal,nojournal,fastcommit} xfs btrfs; do
		power_cuts "$fs" patched
	done
	power_cuts stock stock ext4
	put crash-mutants '[{module: "wait-skipped", fs: "ext4", sequences: 1, commands: 55, syncs: 4,
		crash_points: 5, prefixes: 5, repaired: 0, lost: 1, seconds: 3},
		{module: "no-flush", fs: "xfs", sequences: 2, commands: 99, syncs: 9,
		crash_points: 7, prefixes: 5, repaired: 0, lost: 1, seconds: 3}]'
	put hard-reset '[{engine: "runc", rounds: 40, cut_before_record: 15,
		cut_after_record: 25, lost: 0, seconds: 600}, {engine: "podman", rounds: 40,
		cut_before_record: 20, cut_after_record: 20, lost: 0, seconds: 900}]'
	for fs in ext4 ext4-nojournal xfs btrfs; do
		put faults-$fs "{fs: \"$fs\", module: \"patched\", seed: 3, trials: 100, excepted: 2,
			faults: {error: 60, flakey: 40}, wrongly_reported: 0, hangs: 0, seconds: 500}"
	done
	for fs in ext4 xfs btrfs; do
		for kernel in 7.3-debug 7.3-kcsan-debug; do
			put stress-$kernel-$fs "{kernel: \"$kernel\", fs: \"$fs\", seconds: 1200,
				threads: 12, points: {added: {passes: 9, hits: 5}, pruned: {passes: 3, hits: 1}},
				status: 0, kcsan: {below: 7}, debug_reports: 0}"
		done
	done
	put model '{states: 123456, killed: 47, total: 47, failed: 0}'
	put mutants '{kernel: "6.12", killed: 75, total: 75, survivors: []}'
	put mutants-6.1 '{kernel: "6.1", killed: 1, total: 1, survivors: []}'
	put mutants-7.3-debug '{kernel: "7.3-debug", killed: 5, total: 5, survivors: []}'
	put mutants-7.3-kcsan-debug '{kernel: "7.3-kcsan-debug", killed: 1, total: 1, survivors: []}'
	put soak '{kernel: "6.12.117", fs: "ext4", seed: 1, minutes: 10.1, rounds: 20,
		containers: 120, lines: [{line: "suspects", phase: "rest", flat: true},
		{line: "stop_ms", phase: "stop", flat: true}], grown: 0, status: 0}'
	# shellcheck disable=SC2016  # jq's own
	put check '{ended: 1790000000, commit: "abc", full: true, passed: 1250, failed: 0,
		kernels: {"6.12": "6.12.117"},
		checks: [{what: "all", passed: 1250, failed: 0, seconds: 3000}]} as $section
		| {all: ["lint", "crash"], sections: {lint: $section,
		crash: ($section | .kernels += {"7.3-debug": "7.3.4-debug"})}}'
}

summary() {
	"$SUMMARY" --build build --engine engine --commit abc-dirty "$@"
}

# verdict FILE: of the rows that are from it.
verdict() {
	jq -r --arg f "build/$1.json" '[.parts[] | select(.file == $f).verdict] | unique | join(" ")' \
		build/check-full.json
}

# wrong FILE: the table is not complete, and this is why.
wrong() {
	run -1 summary
	[ "$(jq .complete build/check-full.json)" = false ]
	[ "$(verdict "$1")" = "$2" ]
	[ "$(jq '[.parts[] | select(.verdict != "ok")] | length' build/check-full.json)" = 1 ]
	[[ $output == *"Not complete: 1 of"* ]]
	complete
}

@test "all there and well: complete, with sums, kernels, seeds and dates" {
	run -0 summary
	[[ $output == *Complete.* ]]
	[[ $output == *"6.12.117 (6.12), 7.3.4-debug (7.3-debug)"* ]]
	[[ $output == *"checks passed 2,500, checks failed 0"* ]]
	[[ $output == *"commit abc-dirty"* ]]
	[ "$(jq -c '.totals | [.sequences, .crash_points, .lost, .faults, .wrongly_reported,
		.debug_reports, .states, .mutants, .killed, .stock_crash_points]' build/check-full.json)" = \
		'[2100,27000,0,400,0,0,123456,82,82,4500]' ]
	[ "$(jq -r '[.parts[] | select(.seeds == "1 to 350")] | length' build/check-full.json)" = 7 ]
	[ "$(jq -r '.parts[] | select(.file == "build/faults-xfs.json").seeds' build/check-full.json)" = '3 to 102' ]
	[ "$(jq -r '[.parts[].when | select(. == "")] | length' build/check-full.json)" = 0 ]
}

@test "a part that has not run is neither a zero nor a pass" {
	local file
	for file in build/*.json; do
		file=$(basename "$file" .json)
		case $file in check | check-full) continue ;; esac
		rm "build/$file.json"
		wrong "$file" 'not run'
		[ "$(jq -r --arg f "build/$file.json" '.parts[] | select(.file == $f) | .tried + .wrong' \
			build/check-full.json)" = '' ]
		complete
	done
}

@test "without any, all of it has not run" {
	rm build/*
	run -1 summary
	[[ $output == *"In all: nothing."* ]]
	[ "$(jq -r '[.parts[].verdict] | unique[]' build/check-full.json)" = 'not run' ]
}

@test "what is older than the engine is said to be, and not added up" {
	touch -d '2026-01-02' build/*.json
	touch -d '2025-12-31' build/crash-replay-xfs.json
	wrong crash-replay-xfs older
	edit check '.sections.lint.ended = 1700000000' && wrong check 'ok older'
	touch -d '2030-01-03' engine/patches/0001
	run -1 summary
	[ "$(jq -r '[.parts[].verdict] | unique[]' build/check-full.json)" = older ]
	[ "$(jq -c .totals build/check-full.json)" = '{}' ]
}

# totals: what is added up.
totals() {
	jq -Sc .totals build/check-full.json
}

@test "what was kept of the same engine counts where build has nothing, or older" {
	local all
	touch -d '2026-01-02' build/*.json
	run -0 summary --kept results.json --keep
	all=$(totals)
	rm -f build/*
	# Another checkout, another day
	touch -d '2030-01-03' engine/sync.c
	run -0 summary --kept results.json
	[ "$(totals)" = "$all" ]
	[[ $output == *"6.12.117 (6.12), 7.3.4-debug (7.3-debug)"* ]]
	[ "$(jq -r '.parts[] | select(.file == "build/model.json").when' build/check-full.json)" = \
		'2026-01-02 00:00' ]
	complete
	touch -d '2029-01-03' build/*.json
	run -0 summary --kept results.json
	[ "$(jq -r '.parts[] | select(.file == "build/model.json").when' build/check-full.json)" = \
		'2026-01-02 00:00' ]
	# Nobody keeps but who says so.
	rm results.json build/*
	run -1 summary --kept results.json
	[ ! -e results.json ]
}

@test "what is kept of one part, section or kernel is added to what was kept" {
	mv build all
	mkdir build
	cp all/model.json build
	jq 'del(.sections.crash)' all/check.json >build/check.json
	run -1 summary --kept results.json --keep
	rm build/* && cp all/*.json build && rm build/model.json
	jq 'del(.sections.lint) | .sections.crash.kernels["6.12"] = "6.12.118"' \
		all/check.json >build/check.json
	run -0 summary --kept results.json --keep
	# Debian had another one then.
	[[ $output == *"6.12.117 and 6.12.118 (6.12), 7.3.4-debug (7.3-debug)"* ]]
	rm build/*
	run -0 summary --kept results.json
}

@test "what was kept last counts, whichever checkout it is of" {
	run -0 summary --kept results.json --keep
	# Another checkout, in which the same had failed before.
	edit model '.failed = 1'
	edit check '.sections.crash |= (.failed = 1 | .ended -= 60)'
	touch -d '2026-01-01' build/model.json
	run -0 summary --kept results.json --keep
	touch build/model.json
	edit check '.sections.crash.ended += 120'
	run -1 summary --kept results.json --keep
	[ "$(verdict model)" = FAILED ]
	[ "$(verdict check)" = 'FAILED ok' ]
}

@test "what was kept of another engine counts for nothing" {
	run -0 summary --kept results.json --keep
	rm build/*
	echo 'int x;' >engine/sync.c
	run -1 summary --kept results.json
	[ "$(jq -r '[.parts[].verdict] | unique[]' build/check-full.json)" = 'not run' ]
	: >engine/sync.c
	run -0 summary --kept results.json
	mv engine/sync.c engine/sync.h
	run -1 summary --kept results.json
}

@test "a failure stands in what is kept until the part has run again" {
	edit model '.failed = 1'
	edit check '.sections.crash.failed = 1'
	run -1 summary --kept results.json --keep
	rm build/*
	run -1 summary --kept results.json
	[ "$(verdict model)" = FAILED ]
	[ "$(verdict check)" = 'FAILED ok' ]
	# Nor does one of only some take its place.
	complete
	rm build/model.json
	edit check '.sections.crash.full = false'
	run -1 summary --kept results.json --keep
	[ "$(verdict check)" = 'FAILED ok' ]
	complete
	run -0 summary --kept results.json --keep
	rm build/*
	run -0 summary --kept results.json
}

@test "what was kept and is broken is said to be" {
	echo '{"engine"' >results.json
	run -1 summary --kept results.json
	[[ $output == *"results.json is broken"* ]]
}

@test "each kind of loss, error, report and survivor is a failure" {
	edit crash-replay-ext4 '.[0].lost = 1' && wrong crash-replay-ext4 FAILED
	edit crash-replay-stock '.[0].lost = 1' && wrong crash-replay-stock FAILED
	edit crash-mutants '.[0].lost = 0' && wrong crash-mutants FAILED
	edit hard-reset '.[0].lost = 1' && wrong hard-reset 'FAILED ok'
	edit faults-xfs '.wrongly_reported = 1' && wrong faults-xfs FAILED
	edit faults-xfs '.hangs = 1' && wrong faults-xfs FAILED
	edit stress-7.3-debug-ext4 '.debug_reports = 2' && wrong stress-7.3-debug-ext4 FAILED
	edit stress-7.3-debug-ext4 '.status = 1' && wrong stress-7.3-debug-ext4 FAILED
	edit stress-7.3-kcsan-debug-xfs '.kcsan.overlay = 1' && wrong stress-7.3-kcsan-debug-xfs FAILED
	edit model '.failed = 1' && wrong model FAILED
	edit model '.killed = 46' && wrong model FAILED
	edit mutants '.killed = 74 | .survivors = ["no-flush"]' && wrong mutants FAILED
	edit soak '.lines[0].flat = false' && wrong soak FAILED
	edit soak '.status = 194' && wrong soak FAILED
}

@test "what tried nothing is a failure" {
	edit crash-replay-ext4 '.[0].crash_points = 0' && wrong crash-replay-ext4 FAILED
	edit crash-replay-ext4 '[]' && wrong crash-replay-ext4 FAILED
	edit crash-mutants '[]' && wrong crash-mutants FAILED
	edit hard-reset '.[0].cut_after_record = 0' && wrong hard-reset 'FAILED ok'
	edit faults-ext4 '.trials = 0' && wrong faults-ext4 FAILED
	edit faults-ext4 '.faults.flakey = 0' && wrong faults-ext4 FAILED
	edit hard-reset 'map(select(.engine == "runc"))' && wrong hard-reset 'FAILED ok'
	edit stress-7.3-debug-xfs '.points[].hits = 0' && wrong stress-7.3-debug-xfs FAILED
	edit stress-7.3-debug-xfs '.points = {}' && wrong stress-7.3-debug-xfs FAILED
	edit model '.states = 0' && wrong model FAILED
	edit mutants-6.1 '.total = 0 | .killed = 0' && wrong mutants-6.1 FAILED
	edit soak '.lines = []' && wrong soak FAILED
}

@test "what cannot be read, or has not what it should have, is a failure" {
	echo '{"killed": 75, "to' >build/mutants.json && wrong mutants FAILED
	: >build/model.json && wrong model FAILED
	edit soak 'del(.lines)' && wrong soak FAILED
	edit crash-replay-xfs '.[0] |= del(.lost)' && wrong crash-replay-xfs FAILED
	edit hard-reset '"none"' && wrong hard-reset FAILED
}

@test "each section of tests/check must have run, in full, and well" {
	edit check '.sections.crash.failed = 1' && wrong check 'FAILED ok'
	edit check '.sections.crash |= (.passed = 0 | .failed = 0)' && wrong check 'FAILED ok'
	edit check '.sections.crash.full = false' && wrong check 'not in full ok'
	edit check 'del(.sections.crash)' && wrong check 'not run ok'
	rm build/check.json && wrong check 'not run'
}

@test "the mutants of each kernel that some are for are a part" {
	local kernel
	while read -r kernel; do
		rm -f "build/mutants-$kernel.json"
		wrong "mutants-$kernel" 'not run'
	done < <(sed -n 's/^Kernel: //p' "$BATS_TEST_DIRNAME"/../../mutants/*.patch | grep -vx 6.12 | sort -u)
}

@test "the counts of a section take the place of those of its last run" {
	rm -f check.json
	printf 'a\t3\t0\t7\nb\t2\t1\t60\n' | "$RECORD" check.json lint 1 '' lint hook
	printf 'c\t9\t0\t5\n' | "$RECORD" check.json hook 0 '' lint hook
	[ "$(jq -c '[.all, (.sections[] | .passed, .failed, .full)]' check.json)" = \
		'[["lint","hook"],5,1,true,9,0,false]' ]
	printf 'a\t4\t0\t7\n' | "$RECORD" check.json lint 1 '' lint hook
	[ "$(jq -c '.sections | [.lint.passed, .lint.failed, .hook.passed]' check.json)" = '[4,0,9]' ]
	[ "$(jq -c '.sections.lint.checks' check.json)" = \
		'[{"what":"a","passed":4,"failed":0,"seconds":7}]' ]
	[ "$(jq '.sections.lint.ended' check.json)" -ge $(($(date +%s) - 60)) ]
	# One that ended before it began to check is not one that passed.
	"$RECORD" check.json lint 1 '' lint hook </dev/null
	cp check.json build
	run -1 summary
	[ "$(verdict check)" = 'FAILED not in full' ]
}

@test "names of survivors, of points never hit and of lines that grew are told" {
	edit mutants '.killed = 74 | .survivors = ["no-flush"]'
	edit stress-7.3-debug-xfs '.points.pruned.hits = 0'
	edit soak '.lines[0].flat = false'
	edit crash-mutants '.[0].lost = 0'
	run -1 summary
	[[ $output == *"1 alive: no-flush"* ]]
	[[ $output == *"1 of 2 marked points hit (not pruned)"* ]]
	[[ $output == *"1 not flat: suspects (rest)"* ]]
	[[ $output == *"1 not noticed: wait-skipped@ext4"* ]]
}

@test "a part that counts operations has them in the table" {
	edit crash-replay-xfs '.[0] += {syncfs: 1000, umount: 500, remount: 200}'
	run -0 summary
	[[ $output == *"1,000 syncfs, 500 umount, 200 remount"* ]]
}

@test "the table goes between the marks, again and again, and nothing else changes" {
	printf '%s\n' before '<!-- summary: begin -->' old '<!-- summary: end -->' after >readme
	run -0 summary
	summary --readme readme
	[ "$(head -n 2 readme)" = $'before\n<!-- summary: begin -->' ]
	[ "$(tail -n 2 readme)" = $'<!-- summary: end -->\nafter' ]
	grep -q '^| bounded model |  | 123,456 states, 47 guards taken out | 0 wrong, 0 not missed |' readme
	run ! grep -q old readme
	cp readme once
	summary --readme readme
	cmp once readme
}

@test "without marks, or without a table, that is said" {
	echo text >readme
	run -1 summary --readme readme
	[[ $output == *"check-full.json is missing"* ]]
	run -0 summary
	run -1 summary --readme readme
	[[ $output == *"has no lines"* ]]
	[ "$(cat readme)" = text ]
}
