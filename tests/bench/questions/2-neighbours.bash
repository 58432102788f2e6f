# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# How long B's 4 KiB write and fsync takes, and its read of 4 KiB from the device,
# while A syncs "own". B has 256 MiB dirty besides.

question_2() {
	overlays a b
	file_of /mnt/b/log 4K
	file_of /mnt/b/old 64M
	sync -f /up
	file_of /mnt/b/big 256M
	file_of "$(own_folder)/data" "${cell[own]}"
	result "$(ovlio 'probe write write /mnt/b/log' 'probe read read /mnt/b/old' \
		'sleep 0.5' "measure $disk $(sync_command)" \
		'latencies write' 'latencies read' | jq -cs add)"
	rm -f /mnt/b/{log,old,big} /mnt/a/data /up/own/data
	left_clean
}
