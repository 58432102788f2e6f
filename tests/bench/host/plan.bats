#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The order in which things are measured, on the machine itself: no guest.

bats_require_minimum_version 1.5.0

setup() {
	BENCH=$BATS_TEST_DIRNAME/..
	cd "$BATS_TEST_TMPDIR" || return
	mkdir one two
}

plan() {
	python3 -B "$BENCH/plan.py" "$@"
}

# seconds DIR: of all of it, by estimate.
seconds() {
	awk -F'\t' '{ n += $2 } END { print int(n) }' "$1/plan.tsv"
}

@test "a seed gives the same order again, another one another" {
	plan one --quick --seed 7
	plan two --quick --seed 7
	diff -r one two
	plan two --quick --seed 8
	run ! diff -q one/plan.tsv two/plan.tsv
}

@test "without a seed there is one, and the plan has it" {
	plan one --quick
	plan two --quick --seed "$(jq .seed one/plan.json)"
	diff -r one two
}

@test "a round has each cell once, and a cell is in the first, and in as many as it is to be" {
	plan one --seed 1
	jq -e '.cells | group_by([.round, .question, .fs, .contender, .disk, .params])
		| all(length == 1)' one/plan.json
	jq -e '.cells | group_by([.question, .fs, .contender, .disk, .params])
		| all(map(.round) == [range(.[0].rounds)])' one/plan.json
	jq -e '[.cells[].rounds] | max == 7' one/plan.json
	plan two --seed 1 --rounds 2
	jq -e '[.cells[].rounds] | unique == [1, 2]' two/plan.json
}

@test "every number is in the guests' lines, once, and in order" {
	plan one --seed 1 --rounds 2
	diff <(cat one/batch-*.cells | cut -d' ' -f1) <(jq '.cells[].id' one/plan.json)
	diff <(jq '.cells[].id' one/plan.json) <(seq 0 $(($(jq '.cells | length' one/plan.json) - 1)))
}

@test "the contenders of a cell are measured in no order" {
	plan one --seed 1 --only 1
	# Of those that three compete in, each of six orders.
	jq -e '.cells | map(select(.params.action == "syncfs")) | group_by([.round, .fs, .disk, .params])
		| map(map(.contender) | select(length == 3)) | unique | length == 6' one/plan.json
}

@test "what is compared is measured one after the other, in one guest" {
	plan one --seed 1
	# question, fs, disk, and what a block has in common; the batch
	join -t $'\t' <(jq -r '.cells[] | [.id, ([.round, .question, .fs, .disk] +
		(.params as $p | {"1": ["own", "neighbour", "state"], "3": ["cached"], "4": ["kind", "count"],
		"5": ["count"], "8": ["kind", "op", "processes"]}[.question | tostring] // []
		| map($p[.])) | tostring)] | @tsv' one/plan.json | sort -t $'\t' -k1,1) \
		<(cut -f1,3 one/plan.tsv | sort -t $'\t' -k1,1) | sort -n | cut -f2,3 | uniq >runs
	[ "$(wc -l <runs)" -gt 100 ]
	# A block that is in two places has two lines.
	[ -z "$(cut -f1 runs | sort | uniq -d)" ]
}

@test "what has to be in one guest is: the same disk and kind; of question 3 a filesystem" {
	local batch
	plan one --seed 1
	for batch in one/batch-*.cells; do
		jq -e --argjson ids "[$(cut -d' ' -f1 "$batch" | paste -sd,)]" \
			'.cells | map(select(.id as $i | $ids | index($i)))
			| (map([.disk, .guest]) | unique | length == 1)
			and (map(select(.guest == "cached") | .fs) | unique | length <= 1)' \
			one/plan.json
	done
	# All sizes of a filesystem in a round
	jq -r '.cells[] | select(.question == 3) | "\(.id) \(.round) \(.fs)"' one/plan.json | sort >cells
	[ "$(join cells <(sort one/plan.tsv | cut -f1,3 | tr '\t' ' ') | cut -d' ' -f2- | sort -u |
		cut -d' ' -f1,2 | sort | uniq -d)" = "" ]
}

@test "a filesystem is made once for a question, in each guest" {
	local batch
	plan one --seed 1
	for batch in one/batch-*.cells; do
		[ -z "$(cut -d' ' -f2,3 "$batch" | uniq | sort | uniq -d)" ]
	done
}

@test "an instruction is counted where instructions are, only the modelled disk has limits" {
	local batch
	plan one --seed 1
	for batch in one/batch-*.cells; do
		if grep -q 'kind=op ' "$batch"; then
			grep -qx -- --icount "${batch%cells}options"
		else
			run ! grep -qx -- --icount "${batch%cells}options"
		fi
	done
	grep -lx -- --throttle one/batch-*.options | wc -l >with
	printf '%s\n' one/batch-*.options | wc -l >all
	run ! cmp with all
}

@test "the quick one is under ten minutes, and has every question" {
	plan one --quick --seed 1
	[ "$(seconds one)" -lt 570 ]
	run ! grep -q seed- one/plan.tsv
	jq -e '[.cells[].question] | unique == [1, 2, 3, 4, 5, 6, 7, 8]' one/plan.json
	jq -e .partly one/plan.json
}

@test "the whole one has every question, filesystem and contender, and leaves nothing out" {
	plan one --seed 1
	jq -e '[.cells[].question] | unique == [1, 2, 3, 4, 5, 6, 7, 8]' one/plan.json
	jq -e '.cells | group_by(.question) | all(map(.fs) | unique | length == 3)' one/plan.json
	jq -e '[.cells[].contender] | unique == ["bare", "global", "hook-walk", "limit", "none", "off",
		"ours", "seed-a", "seed-b", "stock", "volatile", "walk"]' one/plan.json
	jq -e '.partly | not' one/plan.json
	[ "$(seconds one)" -lt $((7 * 3600)) ]
}

@test "a part of it says so" {
	local part
	for part in "--contenders ours" "--only 7" "--fs xfs" "--quick" "--rounds 1"; do
		# shellcheck disable=SC2086  # words
		plan two $part
		jq -e .partly two/plan.json
	done
	plan one --only 1,3 --fs xfs
	jq -e '[.cells[] | [.question, .fs]] | unique == [[1, "xfs"], [3, "xfs"]]' one/plan.json
}

@test "what was done, or begun twice in vain, is not begun again" {
	printf '%s\n' 'cell 1' 'done 1 3' 'cell 2' 'cell 3' 'failed 3' 'cell 2' >log
	printf '%s\n' '1 a' '2 b' '3 c' '4 d' >cells
	run -0 awk -f "$BENCH/left.awk" log cells
	[ "$output" = $'3 c\n4 d' ]
	: >log
	run -0 awk -f "$BENCH/left.awk" log cells
	[ "${#lines[@]}" = 4 ]
}

@test "a run that is resumed begins what is not done once more, and again no more than twice" {
	printf '%s\n' 'cell 1' 'done 1 3' 'cell 2' 'failed 2' 'cell 2' 'failed 2' resumed >log
	printf '%s\n' '1 a' '2 b' '3 c' >cells
	run -0 awk -f "$BENCH/left.awk" log cells
	[ "$output" = $'2 b\n3 c' ]
	printf '%s\n' 'cell 2' 'failed 2' 'cell 2' 'failed 2' >>log
	run -0 awk -f "$BENCH/left.awk" log cells
	[ "$output" = '3 c' ]
}
