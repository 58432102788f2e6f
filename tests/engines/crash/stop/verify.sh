#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest, after power cuts: the disk of each, and in the files claims.1,
# claims.2, ... what must be there on it, lines
#
#   NAME UPPER WAY STEPS
#
# Prints of each whether it is.
set -euo pipefail
T=/tmp STEPS=crash/stop/steps.sh
# shellcheck source-path=SCRIPTDIR source=there.bash
. crash/stop/there.bash

mkdir -p /up
for claims in claims.*; do
	disk=DISK${claims#claims.}
	# Not by mount_fs, which gives each disk a fifth of what may be dirty.
	mount "${!disk}" /up
	while read -r name upper way steps; do
		if is_there "$name" "$upper/data" "$way" "$steps"; then
			echo "verdict ${claims#claims.} $name $way there, all of $steps steps"
		else
			echo "verdict ${claims#claims.} $name $way lost, something of $steps steps:"
			head -n 4 "$T/difference"
		fi
	done <"$claims"
	umount /up
done
