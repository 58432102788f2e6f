# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# podman run (until the container's first instruction), stop and rm of A, with 4 MiB
# dirty in it and "neighbour" in container B.

# container NAME SCRIPT: podman's arguments to run it in the background.
container() {
	engine run -d --network none --name "$1" box sh -c "$2; touch /ready; sleep 1000" >/dev/null
}

# upper_of NAME: its upper directory.
upper_of() {
	engine inspect --format '{{.GraphDriver.Data.UpperDir}}' "$1"
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

# engine_measured PREFIX COMMAND...: KEY=NUMBER for result.
engine_measured() {
	local prefix=$1
	shift
	ovlio "measure $disk sh engine $* >/dev/null" |
		jq -r --arg p "$prefix" 'to_entries[] | "\($p)_\(.key)=\(.value)"'
}

question_6() {
	local before first upper
	make_image
	if [ "${cell[neighbour]}" != 0 ]; then
		container b "dd if=/dev/zero of=/big bs=1M count=${cell[neighbour]%M} 2>/dev/null"
		upper=$(upper_of b)
		until [ -e "$upper/ready" ]; do sleep 0.1; done
	fi
	read -r before _ </proc/uptime
	container a 'cat /proc/uptime >/first; dd if=/dev/zero of=/data bs=1M count=4 2>/dev/null'
	upper=$(upper_of a)
	until [ -e "$upper/ready" ]; do sleep 0.1; done
	read -r first _ <"$upper/first"
	mapfile -t stop < <(engine_measured stop stop -t 0 a)
	mapfile -t rm < <(engine_measured rm rm a)
	result '{}' run_seconds="$(awk "BEGIN { print $first - $before }")" \
		"${stop[@]}" "${rm[@]}"
	engine rm -fa -t 0 >/dev/null
}
