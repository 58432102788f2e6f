# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced in the guest: was what a device accepted flushed too? A power cut in
# this harness loses nothing that a disk has accepted, so it cannot tell.

tracing=/sys/kernel/tracing

# flushed_after_last_write DEVICES COMMAND...: COMMAND succeeds, and when it is
# done, each device has been written to, and flushed after that: the flush was
# issued when the last write was complete, and is complete too. Of upper.bash it
# needs upper_unflushed.
flushed_after_last_write() {
	local devices=$1 device numbers ret=0
	shift
	echo 0 >$tracing/tracing_on
	# One order for all processors.
	echo counter >$tracing/trace_clock
	echo >$tracing/trace
	echo 1 >$tracing/events/block/block_rq_issue/enable
	echo 1 >$tracing/events/block/block_rq_complete/enable
	echo 1 >$tracing/tracing_on
	"$@" || ret=1
	echo 0 >$tracing/tracing_on
	echo 0 >$tracing/events/block/enable
	for device in $devices; do
		numbers=$(lsblk -dno MAJ:MIN "$device" | tr -d ' ')
		all_flushed "${numbers/:/,}" <$tracing/trace || ret=1
	done
	return $ret
}

# all_flushed MAJOR,MINOR <TRACE
all_flushed() {
	awk -v device="$1" -v except="$(upper_unflushed)" '
		# TASK [CPU] FLAGS COUNT: block_rq_EVENT: DEVICE KIND ... SECTOR + SECTORS ...
		match($0, /block_rq_[a-z]*: .*/) {
			split(substr($0, RSTART + 9), word)
			if (word[2] != device)
				next
			event = substr(word[1], 1, length(word[1]) - 1)
			kind = word[3]
			for (i in word)
				if (word[i] == "+") {
					sector = word[i - 1]
					sectors = word[i + 1]
				}
			if (sector != except && !(except == "M" && kind ~ /M/))
				seen[NR] = $0
		}
		!(NR in seen) { next }
		event == "issue" && kind ~ /^F+$/ { covers = 1 }
		event == "complete" && kind ~ /^F+$/ && covers { volatile = 0 }
		event == "complete" && kind ~ /W/ && sectors { volatile = 1; covers = 0; writes++ }
		END {
			if (writes && !volatile)
				exit 0
			print "not flushed, or not written: " device
			for (n = 1; n <= NR; n++)
				if (n in seen)
					print seen[n]
			exit 1
		}' >&2
}
