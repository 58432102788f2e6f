#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest, after power cuts: the disk of each, and in the files claims.FIRST,
# claims.FIRST+1, ... what must be there on it, lines
#
#   NAME UPPER WAY STEPS
#
#   verify.sh FIRST
#
# Prints of each whether it is.
set -euo pipefail
T=/tmp STEPS=crash/stop/steps.sh
# shellcheck source-path=SCRIPTDIR source=../../../tools/upper.bash
. ./upper.bash
# shellcheck source-path=SCRIPTDIR source=there.bash
. crash/stop/there.bash
FS=ext4

mkdir -p /up
for claims in claims.*; do
	disk=DISK$((${claims#claims.} - $1 + 1))
	mount_fs "${!disk}" /up
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
