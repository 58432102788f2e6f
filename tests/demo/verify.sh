#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest, after the reset: compare with what measure.sh expected, in the
# file "expect". Prints "survived ACTION true|false".
set -euo pipefail

mkdir -p /up
mount "$DISK1" /up
while read -r _ action sha file; do
	# The overlay's names are in its upper directory.
	file=${file/rootfs/upper}
	if [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$sha" ]; then
		echo "survived $action true"
	else
		echo "survived $action false"
	fi
done <expect
