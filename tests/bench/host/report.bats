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
		--contenders ours,stock,off,limit,global,bare,volatile,none,seed-a
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
	[ "$status" = 1 ]
	jq -e --arg rule "$1" '[.verdicts[] | select(.ok == false) | .rule] |
		length > 0 and all(contains($rule))' build/bench.json
}

# not_reached RULE: none is not kept, but those of the rule were not measured.
not_reached() {
	run ! report
	jq -e --arg rule "$1" '[.verdicts[] | select(.ok != true)] |
		length > 0 and all(.ok == null and .planned and (.rule | contains($rule)))' build/bench.json
}

# whole_plan: as if nothing had been left out.
whole_plan() {
	jq '.partly = false' build/bench/plan.json >new
	mv new build/bench/plan.json
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

@test "what was left out for want of time is not missing, and is told" {
	sample 4.ours,round=1=none
	run ! report
	jq '.cells[] | select(.question == 4 and .contender == "ours" and .round == 1).id' \
		build/bench/plan.json >build/bench/left-out
	report
	jq -e '.left_out > 0 and .planned > .left_out and (.verdicts | length > 20 and all(.ok))' build/bench.json
	grep -q 'For want of time' build/bench/bench.md
}

@test "what would be told by rounds that were left out is not told by one" {
	sample
	jq '.cells[] | select(.question == 6 and .round == 1).id' build/bench/plan.json >build/bench/left-out
	not_reached "stop: "
}

@test "a sync that does nothing is seen, whatever the question" {
	local q
	for q in 1 3 4 5; do
		sample $q.ours.flushes=x0
		not_kept "it does sync, flushes"
		sample $q.ours.mib=x0
		not_kept "it does sync, MiB"
	done
	sample 2.ours.mib=x0.5
	not_kept "neighbours: it does sync, MiB"
	sample 6.ours.stop_mib=x0.5
	not_kept "stop: it does sync, MiB"
	sample 6.ours.stop_flushes=x0
	not_kept "stop: it does sync, flushes"
}

@test "a neighbour that is written is seen, whatever the question" {
	sample 1.ours.neighbour_mib,neighbour=2G,action=umount=x0.9
	not_kept "isolation: 98 %"
	sample 2.ours.neighbour_mib=x0.9
	not_kept "neighbours: 98 %"
	sample 6.ours.neighbour_mib,neighbour=busy=x0.9
	not_kept "stop: 98 %"
	sample 7.ours.neighbour_mib=x0.9
	not_kept "checkpoint: 98 %"
}

@test "isolation: more MiB than the limit's, be it in one round" {
	sample 1.ours.mib=x1.2
	not_kept "isolation: MiB"
	sample 1.ours.mib,own=4M,neighbour=256M,round=1=x1.2
	not_kept "isolation: MiB"
}

@test "isolation: beside one neighbour only, and at umount only" {
	sample 1.ours.mib,neighbour=2G,action=umount=+1
	not_kept "isolation: MiB"
	jq -e '[.verdicts[] | select(.ok == false) | .params.neighbour] | unique == ["2G"]' \
		build/bench.json
}

@test "isolation: flushes, one more is allowed, in every round" {
	sample 1.ours.flushes=+1
	report
	sample 1.ours.flushes,round=0=+2
	not_kept "isolation: flushes"
}

@test "isolation: slower than the limit" {
	sample 1.limit.seconds=x0.8
	not_kept "<= 1.1 x limit"
	jq -e '[.verdicts[] | select(.ok == false) | .disk] | unique == ["modelled"]' build/bench.json
}

@test "isolation: slower than stock is where nothing else is dirty" {
	local action
	for action in syncfs umount; do
		sample 1.stock.seconds,neighbour=0,action=$action=x0.8
		not_kept "stock's where nothing else is dirty"
		jq -e --arg action "$action" '[.verdicts[] | select(.ok == false) | .params] |
			all(.action == $action) and ([.[].neighbour] | unique == ["0", "256M", "2G"])' \
			build/bench.json
	done
}

@test "isolation: umount has its own floor, that of a volatile one" {
	sample 1.{ours,stock,off}.seconds,action=umount=x1.5
	not_kept umount
	jq -e '[.verdicts[] | select(.ok == false) | .rule] | unique | length == 2' build/bench.json
	sample 1.{ours,stock,off}.seconds,action=umount=x1.5 1.volatile.seconds,action=umount=+0.02
	not_kept "seconds of a umount <= 1.1 x limit"
}

@test "isolation: a bad round of the limit allows nothing in the others" {
	sample 1.limit.mib,round=0=x9 1.limit.flushes,round=0=+9 1.ours.mib,round=1=+5.5
	not_kept "isolation: MiB"
}

@test "isolation: a neighbour's writeback that is waited for" {
	sample 1.ours.seconds,state=writeback=x1.2
	not_kept "isolation: beside writeback"
	# What is under way is counted, too.
	sample 1.ours.mib,state=writeback=x9
	report
}

@test "switched off, but not as stock" {
	sample 1.off.mib=x0.5
	not_kept "switched off it is as stock: mib"
	sample 1.off.flushes=+1
	not_kept "switched off it is as stock: flushes"
	sample 1.off.seconds,neighbour=256M=x1.2
	not_kept "switched off it is as stock: seconds"
	sample 4.off.seconds,kind=files=x0.8
	not_kept "switched off it is as stock: seconds"
	sample 4.off.mib=x2
	not_kept "switched off it is as stock: mib"
	sample 5.off.mib=x0.5
	not_kept "switched off it is as stock: mib"
	sample 8.off.twice=x1.002
	not_kept "switched off it is as stock: instructions"
	sample 8.off.twice=x0.998
	not_kept "switched off it is as stock: instructions"
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

@test "neighbours: too few to tell" {
	sample
	# 125 in each of two rounds, twice; 180 in all
	sed -i -E 's/("write": \[)([0-9]+, ){80}/\1/' build/bench/batch-000.log
	not_reached "neighbours: write_p99"
}

@test "neighbours: a sync that is longer than they were looked at" {
	sample 2.{ours,limit}.seconds=x1.4
	not_reached "neighbours: "
	# Stock's may be.
	sample 2.stock.seconds=x2
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

@test "cached but clean: not so many were held" {
	sample 3.ours.held,cached=100000=x0.9
	not_reached "cached but clean: seconds"
}

@test "many small: slower than stock, on the modelled disk" {
	sample 4.ours.seconds=x1.1
	not_kept "many small"
	jq -e '[.verdicts[] | select(.ok == false) | .disk] | unique == ["modelled"]' build/bench.json
}

@test "many containers: more than one global sync" {
	sample 5.{ours,limit}.seconds,count=10,what=sync=x1.3
	not_kept "N syncs at once <= 1.2 x one global sync, seconds"
	sample 5.ours.mib,count=10,what=sync=x1.3
	not_kept "N syncs at once <= 1.2 x one global sync, mib"
	sample 5.ours.mib,count=10,what=sync,round=1=x1.3
	not_kept "N syncs at once <= 1.2 x one global sync, mib"
	sample 5.ours.mib,count=10,what=stop=x1.3
	not_kept "N umounts <= 1.2 x one global sync and N volatile umounts, mib"
	sample 5.global.seconds,what=stop,count=10=x0.8
	not_kept "N umounts <= 1.2 x one global sync and N volatile umounts, seconds"
}

@test "many containers: more than as many fsyncs" {
	sample 5.limit.seconds,what=sync=x0.8
	not_kept "N syncs at once <= 1.2 x N fsyncs at once, seconds"
	sample 5.limit.seconds,what=stop=x0.8
	not_kept "N umounts <= 1.2 x N fsyncs and volatile umounts, seconds"
}

@test "many containers: the umounts against a sync alone stay in sight" {
	sample 5.bare.seconds=x0.5
	not_kept "one global sync alone"
}

@test "many containers: a collapse at a thousand" {
	local what
	for what in sync stop; do
		# No more than a global sync, but that is 1.25 x what it is for a hundred.
		sample "5.ours.seconds,count=1000,what=$what=x1.1" "5.ours.seconds,count=100,what=$what=x0.88" \
			5.bare.seconds=x2
		not_kept "no collapse, $what"
	done
	# What a global sync does as well is none.
	sample 5.{ours,limit,global,bare,volatile}.seconds,count=1000=x3
	report
}

@test "stop: slower beside a busy neighbour" {
	sample 6.ours.stop_seconds,neighbour=busy=x1.2
	not_kept "stop: stop_seconds"
}

@test "stop: an idle host that takes now this, now that" {
	sample 6.ours.stop_seconds,neighbour=idle,round=1=x2
	not_reached "stop: stop_seconds"
}

@test "cost: instructions, each list by its least" {
	sample 8.ours.twice,op=open-write-close=x1.002
	not_kept "cost: instructions of open-write-close"
	sample 8.ours.twice,op=clean-open-write-close=x1.002
	not_kept "cost: instructions of clean-open-write-close"
	sample 8.ours.twice,op=read=x1.0002
	not_kept "cost: instructions of read"
	sample 8.ours.twice,op=write=x1.0002
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

@test "cost: CPUs that wait for each other, each number of them by itself" {
	sample 8.ours.seconds,processes=4=x1.15
	not_kept "cost: parallel create on 4 CPUs"
	[ "$(grep -c '^| parallel .*| ours |' build/bench/bench.md)" = 3 ]
}

@test "what was not planned is no failure, what was is" {
	sample
	jq '.cells |= map(select(.question != 8 and .contender != "bare"))' build/bench/plan.json >new
	cp new build/bench/plan.json
	report
	grep -q ' 0 not kept, [1-9][0-9]* not measured' out
	whole_plan
	run ! report
	sample 7.ours=none
	run ! report
}

@test "a planned cell that was not measured, in any round, is a failure, partly or not" {
	sample 1.limit=none
	not_reached isolation
	sample 1.ours,round=1,own=4M=none
	not_reached isolation
	sample 7.stock,round=1=none
	run --separate-stderr ! report
	# shellcheck disable=SC2154  # set by run
	[[ $stderr == *"not measured in 1 of 2 rounds: 7 ext4 stock"* ]]
	grep -q '1 of 2 rounds' build/bench/bench.md
	: >build/bench/batch-000.log
	run ! report
	grep -q ' 0 kept, 0 not kept' out
}

@test "a cell with fewer results than it was to have is not measured" {
	local id
	sample
	id=$(jq '[.cells[] | select(.question == 3 and .contender == "ours")][0].id' build/bench/plan.json)
	awk -v id="$id" '!($1 == "result" && $2 == id && n++)' build/bench/batch-000.log >new
	mv new build/bench/batch-000.log
	not_reached "cached but clean"
}

@test "a result that is no JSON object makes the cell a failed one, not the report" {
	local id
	sample
	id=$(jq '[.cells[] | select(.question == 7)][0].id' build/bench/plan.json)
	for wrong in '' '{"a":' '[]'; do
		sample
		sed -i "s/^result $id .*/result $id $wrong/" build/bench/batch-000.log
		run --separate-stderr ! report
		[[ $stderr == *"not measured in 1 of"* ]]
	done
}

@test "what a guest that ended early had begun does not count" {
	local id
	sample
	id=$(jq '[.cells[] | select(.question == 1)][0].id' build/bench/plan.json)
	printf '%s\n' "cell $id" "result $id {\"mib\": 99999}" |
		cat - build/bench/batch-000.log >new
	mv new build/bench/batch-000.log
	report
	grep -q 'bench: \([0-9]*\) of \1 cells measured' out
	jq -e '[.cells[].metrics.mib.max // empty] | max < 99999' build/bench.json
}

@test "what else a guest prints does not matter" {
	sample
	sed -i 's/^cell/mkfs: something\n&/; s/^done/\n&/' build/bench/batch-000.log
	report
}

@test "of the repetitions of one round the median time, and the most that was counted" {
	python3 -B - "$BENCH" <<-'PYTHON'
		import sys
		sys.path.insert(0, sys.argv[1])
		from results import metrics_of, percentile, ratio, reduced, value
		assert reduced([{"seconds": 2, "mib": 4, "flushes": 2, "neighbour_mib": 256, "held": 9},
		                {"seconds": 1, "mib": 5, "flushes": 1, "neighbour_mib": 255, "held": 8},
		                {"seconds": 9, "mib": 4, "flushes": 1, "neighbour_mib": 256, "held": 9}]) == {
		    "seconds": 2, "mib": 5, "flushes": 2, "neighbour_mib": 255, "held": 8}
		assert reduced([{"once": [103, 110], "twice": [250, 203], "count": 10}]) == {"instructions": 10}
		values = list(range(1, 201))
		assert percentile(values, 99) == 198
		assert percentile(values, 50) == 100
		assert percentile([5], 99) == 5
		cell = {"samples": {0: {"write": values[:100], "mib": 1, "seconds": 1},
		                    1: {"write": values[100:], "mib": 9, "seconds": 2},
		                    2: {"write": [], "mib": 2, "seconds": 9}}}
		cell["metrics"] = metrics_of(cell)
		assert value(cell, "write_p99") == 198 and value(cell, "write_count") == 200
		assert value(cell, "mib") == 9 and value(cell, "seconds") == 2
		a = {"samples": {0: {"s": 2}, 1: {"s": 30}, 2: {"s": 3}}}
		b = {"samples": {0: {"s": 1}, 1: {"s": 10}}}
		assert ratio(a, b, "s") == {"median": 2.5, "min": 2, "max": 3, "n": 2}
		assert ratio(a, {"samples": {}}, "s") is None
	PYTHON
}

@test "a plot with a logarithmic axis has no point for nothing" {
	sample 1.volatile.mib=x0
	report || true
	grep -q '?' build/bench/isolation-mib-ext4.tsv
	run ! grep -qP '\t0(\.0)?(\t|$)' build/bench/isolation-mib-ext4.tsv
}

@test "the README gets a plot and a table, where it says so" {
	whole_plan
	sample
	mkdir -p tests/bench
	printf '%s\n' before '<!-- bench -->' old '<!-- /bench -->' after >README.md
	report --readme "$PWD/README.md"
	grep -q '^before$' README.md
	grep -q '^after$' README.md
	run ! grep -q '^old$' README.md
	grep -q 'make bench.*6\.12\.0' README.md
	grep -q '| ours |' README.md
	# A small one: syncfs of two and the limit, umount of two
	[ "$(grep -c '^| [fsu][sym]' README.md)" = 5 ]
	grep -qF '| syncfs | ext4 | ours | 0.040 | 1.00 (1.00 to 1.00) | 4.05 | 2 | 256 |' README.md
	grep -q 'rules of the benchmark [1-9][0-9]* were kept, 0 were not' README.md
	# The day of the run, not of its report
	grep -q "$(jq -r .date build/bench/plan.json)" README.md
	[ -s tests/bench/isolation.svg ]
	report --readme "$PWD/README.md"
	[ "$(grep -c 'make bench' README.md)" = 1 ]
	echo nothing >README.md
	run --separate-stderr ! report --readme "$PWD/README.md"
	[[ $stderr == *"no place for the benchmark"* ]]
}

@test "a part does not get into the README, nor does what is not all of the plan" {
	mkdir -p tests/bench
	printf '%s\n' '<!-- bench -->' old '<!-- /bench -->' >README.md
	sample
	report --readme "$PWD/README.md"
	grep -q '^old$' README.md
	whole_plan
	sample 7.stock,round=1=none
	run --separate-stderr ! report --readme "$PWD/README.md"
	[[ $stderr == *"README stays as it is"* ]]
	grep -q '^old$' README.md
	sample
	echo "a guest's kernel reported trouble" >build/bench/trouble
	run --separate-stderr report --readme "$PWD/README.md"
	[[ $stderr == *"README stays as it is"* ]]
	grep -q '^old$' README.md
}

@test "what else the machine did is told, and how often each rule was kept" {
	printf '%s\n' 'batch-000 1' 'batch-001 12' 'batch-002 3' >build/bench/others.tsv
	sample 3.ours.seconds,cached=1000000=x1.2
	run ! report
	grep -q 'took 12 % of .*batch-001' build/bench/bench.md
	grep -q '^| cached but clean: seconds .* | 2 | 1 | 0 |$' build/bench/bench.md
	jq -e '[.cells[] | select(.question == 2 and .disk == "modelled")][0].samples | length == 2 and all(.write_p99)' build/bench.json
}
