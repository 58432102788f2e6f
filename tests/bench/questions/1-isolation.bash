# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2004
# What syncfs and umount of A cost, with "own" dirty in A and "neighbour" in B; with
# state=writeback that of B is on its way to the disk.

# neighbour_dirty: B has all of it in memory, in a new file.
neighbour_dirty() {
	[ "${cell[neighbour]}" != 0 ] || return 0
	if [ ! -e "$big" ] || ! is_share "$(dirty_mib "$big")" "${cell[neighbour]}"; then
		rm -f /mnt/b/big
		file_of /mnt/b/big "${cell[neighbour]}"
	fi
	need_dirty "$big" "${cell[neighbour]}"
}

# neighbour_busy: the flusher's part, by a process that is at it until the end. Few
# requests are in the queue at a time, or A's would come behind all of them in any case.
neighbour_busy() {
	requests=$(cat "$queue")
	echo 16 >"$queue"
	ovlio "open f rw $big" 'writeback f' &
	busy=$!
	sleep 0.3
}

# measured_beside: what is on its way is looked at just before, and has used up the
# disk's burst.
measured_beside() {
	local found
	found=$(ovlio "pages $big" "measure $disk $(sync_command)")
	enough_dirty "$big" "$((${found%%$'\n'*} / 256))" "${cell[neighbour]}" 25 || return
	echo "${found#*$'\n'}"
}

question_1() {
	local data own upper json mib i busy='' requests left=()
	local queue=/sys/block/$disk/queue/nr_requests big=/up/b/upper/big
	own=$(own_folder) upper=$(own_upper)
	overlays a b
	warm_up
	for ((i = 1; i <= ${cell[repeat]}; i++)); do
		data=data$i
		neighbour_dirty
		file_of "$own/$data" "${cell[own]}"
		if [ "${cell[state]:-}" = writeback ]; then
			neighbour_busy
			json=$(measured_beside)
		else
			json=$(measured "$(sync_command)")
		fi
		if [ "${cell[neighbour]}" != 0 ]; then
			mib=$(dirty_mib "$big")
			left=("neighbour_mib=$mib")
		fi
		durable "$upper/$data"
		[ "$contender/${cell[state]:-}" != limit/ ] || [ "${cell[neighbour]}" = 0 ] ||
			need_dirty "$big" "${cell[neighbour]}"
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
