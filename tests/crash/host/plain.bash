# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by tests that run sequences on folders of the machine: /mnt is memory,
# in a mount namespace of its own. What needs an overlay is left out.

# plain_sequence SEED [STEPS]
plain_sequence() {
	"$CRASH" generate -s "${2:-25}" -w clone,zero,shift "$1" |
		grep -vE '^(umount|overlay|remount|evict)'
}

# run_plain COMMAND...: from the base on
run_plain() {
	local base
	rm -rf /mnt/a /mnt/b /mnt/4 /mnt/9
	mkdir /mnt/a /mnt/b
	mapfile -t base < <("$CRASH" base | sed 's,/up/\(.\)/lower,/mnt/\1,g')
	"$OVLIO" "${base[@]}" "$@"
}
