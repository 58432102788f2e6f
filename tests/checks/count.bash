# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154  # tests/check's
#
# How tests/check runs a check, alone or beside others, and counts it: in $passed and
# $failed, a line for each in $results, what failed in $failures.

logs=$top/build/check
results=$logs/results.tsv
failures=$logs/failures
passed=0 failed=0 beside=()

# begin WHAT: sets log, says what is going on.
begin() {
	what=$1
	log=$logs/${1//[^a-z0-9]/-}.log
	began=$SECONDS
	printf '%-42s ' "$1"
}

# finish PASSED FAILED: counts them; the log is shown if anything failed, and what that
# is once more at the end of all.
finish() {
	printf '%s\t%d\t%d\t%d\n' "$what" "$1" "$2" $((SECONDS - began)) >>"$results"
	passed=$((passed + $1)) failed=$((failed + $2))
	printf '%4d passed %3d failed %5d s\n' "$1" "$2" $((SECONDS - began))
	[ "$2" != 0 ] || return 0
	sed 's/^/    | /' "$log" | tail -n 150
	failures | what="$what" awk '{ print ENVIRON["what"] ": " $0 }' >>"$failures"
}

# failures: those of the log, or its last words.
failures() {
	grep -E '^not ok |^ok .*# skip|^\[  (FAILED|SKIPPED) *\] [^0-9]' "$log" || tail -n 1 "$log"
}

# step WHAT COMMAND...: one check, which passes if the command succeeds.
step() {
	begin "$1"
	shift
	if "$@" >"$log" 2>&1; then
		finish 1 0
	else
		finish 0 1
	fi
}

# tap WHAT COMMAND...: a check for each line of its TAP. The plan must be kept,
# nothing may be skipped or without a name (a test that bats knew when it counted and
# not when it ran), and the command itself must succeed too.
tap() {
	local status=0 good bad planned
	begin "$1"
	shift
	"$@" >"$log" 2>&1 || status=$?
	if [ $status != 0 ] && grep -q 'qemu.*iotlb_to_section: Assertion' "$log"; then
		# A race of QEMU's own, between processors under emulation: it is
		# QEMU that died, not the guest.
		printf '(QEMU died, once more) '
		mv "$log" "$log.qemu"
		status=0
		"$@" >"$log" 2>&1 || status=$?
	fi
	good=$(grep '^ok [0-9]* [^ ]' "$log" | grep -vci '# skip')
	planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
	bad=$((planned - good))
	[ "$planned" != 0 ] || bad=1
	[ $status = 0 ] || [ $bad != 0 ] || bad=1
	finish "$good" $bad
}

# cmocka WHAT COMMAND...: as tap, for cmocka's closing lines.
cmocka() {
	local status=0 good bad
	begin "$1"
	shift
	"$@" >"$log" 2>&1 || status=$?
	good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s).*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
	bad=$(sed -n 's/^\[  \(FAILED\|SKIPPED\) *\] \([0-9]*\) test(s).*/\2/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
	[ "$good" != 0 ] || bad=$((bad + 1))
	[ $status = 0 ] || [ "$bad" != 0 ] || bad=1
	finish "$good" "$bad"
}

# beside CHECK...: one of the above in the background, once a processor is free for
# it: a guest needs little more than one.
beside() {
	local count=$logs/count.${#beside[@]}
	rm -f "$count"
	beside+=("$count")
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
		wait -n
	done
	{
		# shellcheck disable=SC2030  # its own; together adds them up
		passed=0 failed=0
		"$@" >"$count.out"
		cat "$count.out"
		echo "$passed $failed" >"$count"
	} &
}

# together: the end of all of them. One that has not counted has failed.
together() {
	local count p f
	wait
	for count in "${beside[@]}"; do
		p=0 f=1
		[ ! -e "$count" ] || read -r p f <"$count"
		# shellcheck disable=SC2031
		passed=$((passed + p)) failed=$((failed + f))
	done
	beside=()
}
