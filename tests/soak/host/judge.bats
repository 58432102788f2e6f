#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The rule by which lines are flat, on samples that are made up: growth is seen,
# and what is not growth is not taken for it. No guest.

bats_require_minimum_version 1.5.0

setup() {
	JUDGE=$BATS_TEST_DIRNAME/../judge.py
	cd "$BATS_TEST_TMPDIR" || exit
}

# samples [STATEMENT]...: of $ROUNDS rounds, half a minute each, as the guest gives
# them, on a machine that is now faster, now slower. The statements are awk's: they
# may change a column, by the round r, the time in minutes m and any() in -1 to 1.
samples() {
	awk -v rounds="${ROUNDS:-24}" "function any() { return 2 * rand() - 1 }
		BEGIN {
		srand(7)
		print \"time,round,phase,suspects,overlay_inodes,upper_inodes,nameless,\" \
			\"unreclaimable_kib,available_kib,open_files,inodes,syncfs_ms,fsync_ms,runc_stop_ms,crun_stop_ms\"
		for (r = 1; r <= rounds; r++) {
			m = r / 2
			busy = 1 + 0.3 * any()
			suspects = 0
			overlay_inodes = 40 + 4 * any()
			upper_inodes = 600 + 20 * any()
			nameless = 0
			unreclaimable_kib = 30000 + 500 * any()
			available_kib = 800000 + 2000 * any()
			open_files = 200 + 8 * any()
			inodes = 1700 + 60 * any()
			syncfs_ms = 40 * busy * (1 + 0.2 * any())
			fsync_ms = 35 * busy * (1 + 0.2 * any())
			runc_stop_ms = 1300 * busy
			crun_stop_ms = 400 * busy
			$(printf '%s; ' "$@")
			for (i = 0; i < 2; i++)
				printf \"%d,%d,stop,,,,,,,,,,,%d,\n%d,%d,stop,,,,,,,,,,,,%d\n\",
					m * 60 - 20 + i, r, runc_stop_ms * (1 + 0.2 * any()),
					m * 60 - 19 + i, r, crun_stop_ms * (1 + 0.2 * any())
			line = sprintf(\"%d,%d,%d,%s,%d,%d,%d,%d\", suspects, overlay_inodes, upper_inodes,
				nameless, unreclaimable_kib, available_kib, open_files, inodes)
			printf \"%d,%d,settled,%s,,,,\n\", m * 60 - 2, r, line
			printf \"%d,%d,rest,%s,%.2f,%.2f,,\n\", m * 60, r, line, syncfs_ms, fsync_ms
		} }" >samples.csv
}

judge() {
	"$JUDGE" --fs "${FS:-ext4}" --kernel none --seed 1 samples.csv soak.json
}

# grown: what is not flat, one a line.
grown() {
	jq -r '.lines[] | select(.flat | not) | .line' soak.json | sort -u
}

# caught LINE [STATEMENT]...: that, and nothing else.
caught() {
	samples "${@:2}"
	run -1 judge
	[[ $output == *"not ok"*" $1, "* ]]
	[ "$(grown)" = "$1" ]
}

flat() {
	samples "$@"
	run -0 judge
	[ -z "$(grown)" ]
}

@test "noise is flat" {
	flat
	[ "$(jq -c '[.rounds, .containers, .grown]' soak.json)" = '[24,96,0]' ]
	[ "$(jq '.lines | length' soak.json)" = 13 ]
}

@test "a leak is seen: suspects, inodes, memory, open files" {
	caught suspects 'suspects = 3 * m'
	caught overlay_inodes 'overlay_inodes += 20 * m'
	caught upper_inodes 'upper_inodes += 40 * m'
	caught nameless 'nameless = 4 * m'
	caught unreclaimable_kib 'unreclaimable_kib += 1024 * m'
	caught used_kib 'available_kib -= 10240 * m'
	caught open_files 'open_files += 15 * m'
	caught inodes 'inodes += 100 * m'
}

@test "a leak is seen from the rate on that is told, and not below it" {
	local rate
	samples
	judge
	rate=$(jq '.lines[] | select(.line == "upper_inodes").seen_from_per_minute' soak.json)
	caught upper_inodes "upper_inodes += 1.3 * $rate * m"
	flat "upper_inodes += 0.7 * $rate * m"
}

@test "a sync, or a stop, that takes longer all the time is seen" {
	caught syncfs_per_fsync 'syncfs_ms *= 1 + m'
	caught runc_stop_ms 'runc_stop_ms += 500 * m'
	caught crun_stop_ms 'crun_stop_ms += 400 * m'
}

@test "what stays where it should not be is seen, although it does not grow" {
	caught suspects 'suspects = 50'
	caught nameless 'nameless = 30'
}

@test "a machine that is slower in the second half is not growth" {
	flat 'slow = r > 12 ? 4 : 1; syncfs_ms *= slow; fsync_ms *= slow'
}

@test "what comes back is not growth: outliers, saw teeth, the warm-up" {
	flat 'if (r % 6 == 5) { suspects = 400; upper_inodes *= 9; open_files *= 4; runc_stop_ms *= 20 }'
	flat 'upper_inodes += 400 * (r % 3); inodes += 500 * (r % 3)'
	flat 'warm = r < 6 ? r : 6; upper_inodes += 300 * warm; unreclaimable_kib += 3000 * warm'
}

@test "what btrfs does not tell has no line there; on others each must have samples" {
	FS=btrfs flat 'nameless = ""'
	[ "$(jq '.lines | length' soak.json)" = 11 ]
	[[ $output != *nameless* ]]
	caught nameless 'nameless = ""'
	[[ $output == *"0 samples, and 8 are needed"* ]]
	caught nameless 'if (r < 20) nameless = ""'
}

@test "too few rounds are no verdict" {
	ROUNDS=8 flat
	ROUNDS=7 samples
	run -1 judge
	[[ $output == *"not ok 1 flat lines: 7 rounds, and 8 are needed"* ]]
	ROUNDS=0 samples
	run -1 judge
	[[ $output == *"0 rounds"* ]]
}

@test "the TAP has a plan, and a line for each" {
	samples 'suspects = 3 * m'
	run -1 judge
	[ "${lines[0]}" = 1..13 ]
	[ "$(grep -cE '^(not )?ok ' <<<"$output")" = 13 ]
}
