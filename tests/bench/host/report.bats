#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# From what guests print to verdicts, with invented results (sample.py), on the
# machine itself: no guest.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	mkdir plan
	# As little as has every rule in it.
	python3 -B "$BATS_TEST_DIRNAME/../plan.py" plan --rounds 2 --seed 1 --fs ext4 \
		--contenders ours,stock,off,limit,global,none,seed-a
}

setup() {
	BENCH=$BATS_TEST_DIRNAME/..
	cd "$BATS_TEST_TMPDIR" || return
	mkdir build
	cp -r "$BATS_FILE_TMPDIR/plan" build/bench
}

sample() {
	python3 -B "$BENCH/host/sample.py" build/bench "$@"
}

report() {
	python3 -B "$BENCH/report.py" build/bench --kernel 6.12.0 --command "make bench" "$@" >out
}

# not_kept RULE: the verdicts that are not, and no other.
not_kept() {
	run ! report
	jq -e --arg rule "$1" '[.verdicts[] | select(.ok == false) | .rule] |
		length > 0 and all(contains($rule))' build/bench.json
}

@test "all is kept, and told so in numbers, words and pictures" {
	sample
	report
	jq -e '.verdicts | length > 20 and all(.ok)' build/bench.json
	grep -q ' kept, 0 not kept, 0 not measured' out
	[ -s build/bench/bench.md ]
	grep -q '<svg' build/bench/isolation-mib-ext4.svg
	grep -q '<svg' build/bench/cached-ext4.svg
}

@test "isolation: more MiB than the limit's" {
	sample 1.ours.mib=x1.2
	not_kept "isolation: MiB"
}

@test "isolation: beside one neighbour only, and at umount only" {
	sample 1.ours.mib,neighbour=2G,action=umount=+1
	not_kept "isolation: MiB"
	jq -e '[.verdicts[] | select(.ok == false) | .params.neighbour] | unique == ["2G"]' \
		build/bench.json
}

@test "isolation: flushes, one more is allowed" {
	sample 1.ours.flushes=+1
	report
	sample 1.ours.flushes=+2
	not_kept "isolation: flushes"
}

@test "isolation: slower than the limit" {
	sample 1.ours.seconds=x1.2
	not_kept "isolation: seconds"
}

@test "switched off, but not as stock" {
	sample 1.off.mib=x0.5
	not_kept "switched off it is as stock: MiB"
	sample 1.off.flushes=+1
	not_kept "switched off it is as stock: flushes"
}

@test "neighbours: wait longer than for one fsync" {
	sample 2.ours.write=x1.3
	not_kept "neighbours: write_p99"
	sample 2.ours.read=x1.3
	not_kept "neighbours: read_p99"
}

@test "neighbours: what one fsync adds is allowed" {
	sample 2.ours.write=x1.3 2.limit.write=x1.3
	report
}

@test "cached but clean: slower among many" {
	sample 3.ours.seconds,cached=1000000=x1.2
	not_kept "cached but clean"
	jq -e '[.verdicts[] | select(.ok == false) | .params.cached] | unique == [1000000]' \
		build/bench.json
	# The rules of the seeds may be.
	sample 3.seed-a.seconds,cached=1000000=x9
	report
}

@test "many small: slower than stock" {
	sample 4.ours.seconds=x1.1
	not_kept "many small"
}

@test "many containers: more than one global sync" {
	sample 5.ours.seconds,count=1000=x1.3
	not_kept "many containers: seconds"
	sample 5.ours.mib,count=10=x1.3
	not_kept "many containers: mib"
}

@test "stop: slower beside a busy neighbour" {
	sample 6.ours.stop_seconds,neighbour=256M=x1.2
	not_kept "stop: stop_seconds"
}

@test "cost: instructions, by the least of the repetitions" {
	sample 8.ours.ticks,op=open-write-close=x1.02
	not_kept "cost: instructions of open-write-close"
	sample 8.ours.ticks,op=read=x1.005
	not_kept "cost: instructions of read"
	sample 8.ours.ticks,op=write=x1.005
	not_kept "cost: instructions of write"
	sample
	report
	jq -e '[.cells[] | select(.metrics.instructions) | .metrics.instructions.median] |
		unique == [10000]' build/bench.json
}

@test "cost: an overlay inode that grows" {
	sample 8.ours.inode_bytes=+8
	report
	sample 8.ours.inode_bytes=+16
	not_kept "cost: bytes of an overlay inode"
}

@test "a part that was asked for is judged by itself" {
	sample 7.ours=none
	report
	grep -q ' not kept, 0 not measured' out
}

@test "what was to be measured and was not is no success, if all was asked for" {
	jq '.partly = false' build/bench/plan.json >new
	mv new build/bench/plan.json
	sample
	report
	sample 1.limit=none
	run ! report
	jq -e '[.verdicts[] | select(.ok == null) | .rule] | length > 0 and
		all(startswith("isolation"))' build/bench.json
	sample 7.ours=none
	run --separate-stderr ! report
	# shellcheck disable=SC2154  # set by run
	[[ $stderr == *"not measured: 7 ext4 ours"* ]]
	# A rule that nothing in the plan is for.
	jq '.cells |= map(select(.question != 8))' build/bench/plan.json >new
	mv new build/bench/plan.json
	sample
	run ! report
	grep -q ' 0 not kept, 1 not measured' out
}

@test "what a guest that ended early had begun does not count" {
	local id
	sample
	id=$(jq '[.cells[] | select(.question == 1)][0].id' build/bench/plan.json)
	printf '%s\n' "cell $id" "result $id {\"mib\": 999}" |
		cat - build/bench/batch-000.log >new
	mv new build/bench/batch-000.log
	report
	grep -q 'bench: \([0-9]*\) of \1 cells measured' out
	jq -e '[.cells[].metrics.mib.max // empty] | max < 999' build/bench.json
}

@test "what else a guest prints does not matter" {
	sample
	sed -i 's/^cell/mkfs: something\n&/; s/^done/\n&/' build/bench/batch-000.log
	report
}

@test "percentiles are of all rounds, ratios of one, with their spread" {
	python3 -B - "$BENCH" <<-'PYTHON'
		import sys
		sys.path.insert(0, sys.argv[1])
		from results import percentile, ratio, pooled
		values = list(range(1, 201))
		assert percentile(values, 99) == 198
		assert percentile(values, 50) == 100
		assert percentile([5], 99) == 5
		assert pooled([{"write": values[:100]}, {"write": values[100:]}])["write_p99"] == 198
		a = {"samples": {(0, 0): {"s": 2}, (1, 0): {"s": 30}, (2, 0): {"s": 3}}}
		b = {"samples": {(0, 0): {"s": 1}, (1, 0): {"s": 10}}}
		assert ratio(a, b, "s") == {"median": 2.5, "min": 2, "max": 3, "n": 2}
		assert ratio(a, {"samples": {}}, "s") is None
	PYTHON
}

@test "the README gets a plot and a table, where it says so" {
	sample
	mkdir -p tests/bench
	printf '%s\n' before '<!-- bench -->' old '<!-- /bench -->' after >README.md
	report --readme "$PWD/README.md"
	grep -q '^before$' README.md
	grep -q '^after$' README.md
	run ! grep -q '^old$' README.md
	grep -q 'make bench.*6\.12\.0' README.md
	grep -q '| ours |' README.md
	[ -s tests/bench/isolation.svg ]
	report --readme "$PWD/README.md"
	[ "$(grep -c 'make bench' README.md)" = 1 ]
	echo nothing >README.md
	run --separate-stderr ! report --readme "$PWD/README.md"
	[[ $stderr == *"no place for the benchmark"* ]]
}
