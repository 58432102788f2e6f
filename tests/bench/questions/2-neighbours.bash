# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2004
# How long B's 4 KiB write and fsync takes, and its read of 4 KiB from the device,
# in the "window" that begins when A begins to sync "own": the same for whoever syncs,
# and for nobody. B has 256 MiB dirty besides.

question_2() {
	local json mib data i own window=${cell[window]}
	own=$(own_folder)
	overlays a b
	warm_up
	file_of /mnt/b/log 4K
	file_of /mnt/b/old 64M
	sync -f /up
	for ((i = 1; i <= ${cell[repeat]}; i++)); do
		data=data$i
		rm -f /mnt/b/big
		file_of /mnt/b/big 256M
		file_of "$own/$data" "${cell[own]}"
		need_dirty /up/b/upper/big 256M
		json=$(ovlio 'probe write write /mnt/b/log 0.02' 'probe read read /mnt/b/old 0.01' \
			'sleep 0.5' "measure $disk $(sync_command)" \
			"latencies write $window" "latencies read $window" | jq -cs add)
		mib=$(dirty_mib /up/b/upper/big)
		durable "$(own_upper)/$data"
		[ "$contender" != limit ] || need_dirty /up/b/upper/big 256M
		result "$json" neighbour_mib="$mib"
		rm -f "$own/$data"
	done
	rm -f /mnt/b/{log,old,big}
	left_clean
}
