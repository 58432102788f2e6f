# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2004
# What syncfs and umount of A cost, with "own" dirty in A and "neighbour" in B; with
# state=writeback that of B is on its way to the disk.

# neighbour_dirty: B has all of it in memory, in a new file.
neighbour_dirty() {
	[ "${cell[neighbour]}" != 0 ] || return 0
	if [ ! -e /up/b/upper/big ] || [ "$(dirty_mib /up/b/upper/big)" != "$(mib_of "${cell[neighbour]}")" ]; then
		rm -f /mnt/b/big
		file_of /mnt/b/big "${cell[neighbour]}"
	fi
	need_dirty /up/b/upper/big "${cell[neighbour]}"
}

# neighbour_busy: the flusher's part, by a process that is at it until the end. Few
# requests are in the queue at a time, or A's would come behind all of them in any case.
neighbour_busy() {
	[ "${cell[state]:-}" = writeback ] || return 0
	requests=$(cat "$queue")
	echo 16 >"$queue"
	ovlio 'open f rw /up/b/upper/big' 'writeback f' &
	busy=$!
	sleep 0.3
	need_dirty /up/b/upper/big "${cell[neighbour]}" 25
}

question_1() {
	local data own upper json mib i busy='' requests left=() queue=/sys/block/$disk/queue/nr_requests
	own=$(own_folder) upper=$(own_upper)
	overlays a b
	warm_up
	for ((i = 1; i <= ${cell[repeat]}; i++)); do
		data=data$i
		neighbour_dirty
		file_of "$own/$data" "${cell[own]}"
		neighbour_busy
		json=$(measured "$(sync_command)")
		if [ "${cell[neighbour]}" != 0 ]; then
			mib=$(dirty_mib /up/b/upper/big)
			left=("neighbour_mib=$mib")
		fi
		durable "$upper/$data"
		[ "$contender/${cell[state]:-}" != limit/ ] || [ "${cell[neighbour]}" = 0 ] ||
			need_dirty /up/b/upper/big "${cell[neighbour]}"
		again
		result "$json" "${left[@]}"
	done
	if [ -n "$busy" ]; then
		wait "$busy"
		echo "$requests" >"$queue"
	fi
	rm -f /mnt/b/big /mnt/a/data* /up/a/upper/data* /up/own/data*
	left_clean
}
