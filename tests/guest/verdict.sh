# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by run: what the guest's end means.
# shellcheck disable=SC2154,SC2034  # run's and machine.sh's variables

# console_lines: the kernel's own, without what ask_machine asked for.
console_lines() {
	head -c "$console_size" "$work/console" | tr -d '\r'
}

# indented: as a part of a message.
indented() {
	tr -d '\r' | sed 's/^/  | /' >&2
}

# show_console: its end, and all that ask_machine made the guest say.
show_console() {
	printf 'guest: the end of the console%s:\n' "${console:+ (all of it is in $console)}" >&2
	console_lines | tail -n 50 | indented
	tail -c "+$((console_size + 1))" "$work/console" | sed -n '1,200p' | indented
}

# check_reports: the kernel's reports of trouble, as the tool reports finds them.
check_reports() {
	local found first lines
	found=$(console_lines | "$GUEST/reports")
	[ -n "$found" ] || return 0
	first=${found%%:*}
	printf 'guest: the console around it%s:\n' "${console:+ (all of it is in $console)}" >&2
	# Not by head: what writes to it would end by SIGPIPE.
	first=$((first > 5 ? first - 5 : 1))
	console_lines | sed -n "$first,$((first + 100))p" | indented
	lines=$(cut -d: -f2- <<<"$found" | sed '/cut here/d; s/^/  /' | sed -n '1,20p')
	fail "$ST_REPORT" "the guest's kernel reported:
$lines${timed_out:+
and then it hung (time limit exceeded)}"
}

# qemu_slipped: did the kernel end before init, so before anything of ours had run, with
# an int3 that is nobody's? The kernel patches its code by way of int3, and waits for all
# processors; under emulation one of them may be late. Seen once in thousands of boots.
qemu_slipped() {
	[ "$accel" = tcg ] && [ ! -s "$work/status" ] &&
		console_lines | "$GUEST/reports" | sed -n 1p | grep -q 'int3: 0000 \[#1\]'
}

# take_files: what the command left in $OUT.
take_files() {
	[ -n "$out" ] || return 0
	tar -C "$out" -xf "$work/files" ||
		fail "$ST_SETUP" "cannot unpack what the command left in \$OUT to $out; see above"
}

# judge_run: ends run.
judge_run() {
	local last
	last=$(tail -n 1 "$work/status")
	[ -z "$console" ] || tr -d '\r' <"$work/console" >"$console"
	case $last in
	exit\ *) take_files ;;
	esac
	check_reports
	case $timed_out in
	boot)
		show_console
		fail "$ST_BOOT" "the guest did not get as far as the command within $boot_limit s (${last:-its init never ran})"
		;;
	command)
		show_console
		fail "$ST_HANG" "the command or the guest hangs: no end within $timeout s (--timeout)"
		;;
	esac
	if [ "$qemu_status" != 0 ]; then
		indented <"$work/qemu"
		fail "$ST_SETUP" "QEMU failed with status $qemu_status; see above"
	fi
	case $last/$reset in
	exit*/)
		judged=yes
		exit "${last#exit }"
		;;
	reset/yes)
		judged=yes
		exit 0
		;;
	exit*/yes) fail "$ST_ENDED" "the command was to end the guest by guest-reset (--reset), but ended with exit status ${last#exit }" ;;
	esac
	show_console
	case $last in
	reset) fail "$ST_ENDED" "the command called guest-reset, but run was not given --reset" ;;
	command) fail "$ST_ENDED" "the guest ended without an exit status of the command" ;;
	esac
	fail "$ST_BOOT" "the guest did not get as far as the command: ${last:-its init never ran}"
}
