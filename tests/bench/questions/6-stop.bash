# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2004
# podman run (until the container's first instruction), stop and rm of A, with 4 MiB
# dirty in it. Beside it is container B, which has written 256 MiB: "idle", it was
# synced and does nothing; "busy", it is all dirty, and B writes and fsyncs 4 KiB ten
# times a second.

# container NAME SCRIPT: it runs, and has run that.
container() {
	local upper
	engine run -d --network none --name "$1" box sh -c "$2; touch /ready; sleep 100000" >/dev/null
	upper=$(folder_of "$1" Upper)
	until [ -e "$upper/ready" ]; do sleep 0.1; done
}

# folder_of NAME Upper|Merged
folder_of() {
	engine inspect --format "{{.GraphDriver.Data.$2Dir}}" "$1"
}

make_image() {
	local root=/run/box tool
	rm -rf /run/storage /run/libpod
	mkdir -p $root/{bin,proc,sys,dev,tmp}
	cp /usr/bin/busybox $root/bin/busybox
	ln -sf busybox $root/bin/sh
	for tool in cat dd touch sleep; do
		ln -sf busybox $root/bin/$tool
	done
	tar -C $root -c . | engine import -q - box >/dev/null
}

# remove_all: containers, and who cleans up after them, who has files of /up open.
remove_all() {
	local began=$SECONDS
	engine rm -fa -t 0 >/dev/null
	while pgrep -x 'conmon|podman' >/dev/null; do
		[ $((SECONDS - began)) -lt 30 ] || complain "$(pgrep -ax 'conmon|podman')"
		sleep 0.1
	done
}

# warm_engine: the first time in a guest takes longer.
warm_engine() {
	[ -z "${warm:-}" ] || return 0
	container w :
	engine container checkpoint w >/dev/null
	engine rm w >/dev/null
	container w :
	engine stop -t 0 w >/dev/null
	engine rm w >/dev/null
	warm=yes
}

# engine_measured PREFIX COMMAND...: KEY=NUMBER for result, a line each.
engine_measured() {
	local json prefix=$1
	shift
	json=$(ovlio "measure $disk sh engine $* >/dev/null")
	jq -r --arg p "$prefix" 'to_entries[] | "\($p)_\(.key)=\(.value)"' <<<"$json"
}

# stop_and_remove: run, stop and rm of A, one result.
stop_and_remove() {
	local before first upper run mib numbers
	read -r before _ </proc/uptime
	container a 'cat /proc/uptime >/first; dd if=/dev/zero of=/data bs=1M count=4 2>/dev/null'
	upper=$(folder_of a Upper)
	need_dirty "$upper/data" 4M
	read -r first _ <"$upper/first"
	engine_measured stop stop -t 0 a >numbers
	durable "$upper/data"
	engine_measured rm rm a >>numbers
	mib=$(dirty_mib "$big")
	run=$(awk "BEGIN { print $first - $before }")
	mapfile -t numbers <numbers
	result '{}' run_seconds="$run" neighbour_mib="$mib" "${numbers[@]}"
}

question_6() {
	local big log writer='' i
	make_image
	warm_engine
	container b 'dd if=/dev/zero of=/big bs=1M count=256 2>/dev/null'
	big=$(folder_of b Upper)/big
	case ${cell[neighbour]} in
	idle) sync -f /up ;;
	busy)
		log=$(folder_of b Merged)/log
		need_dirty "$big" 256M
		ovlio "open f rwc $log" 'each 1000000 write f 0 4K; fsync f; sleep 0.1' &
		writer=$!
		;;
	esac
	sleep 1
	for ((i = 0; i < ${cell[repeat]}; i++)); do
		stop_and_remove
	done
	if [ -n "$writer" ]; then
		# It has written all the time, or B was not busy.
		kill "$writer"
		wait "$writer" || [ $? = 143 ] || complain "B has stopped writing"
	fi
	remove_all
}
