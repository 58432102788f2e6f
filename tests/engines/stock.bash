# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Loaded by the tests on the kernel's own module: what the hook does there.

SKIPPED='- skipped: no per-overlay syncfs here; and the fallback is skip'
export WALKED='walk synced'

fallback() {
	echo '{"fallback":"'"$1"'"}' >/etc/oci-syncfs-hook.json
}

# everybody ENGINE OPERATION EXPECT COMMAND...: as alone, but that it writes the
# neighbour's data too.
everybody() {
	local EXPECT=$3
	measure "$1" "$2" "${@:4}"
	[ "$DID" = "$EXPECT" ]
	[ "$OWN" = 0 ]
	[ "$OTHER" = 0 ]
	[ "$KIB" -ge $((NEIGHBOUR_PAGES * 4)) ]
}

# skipped STAGE...: for EXPECT.
skipped() {
	printf "%s $SKIPPED, " "$@" | sed 's/, $//'
}

# nobody ENGINE OPERATION EXPECT COMMAND...: as alone, but that it writes nothing
# of the container's data either.
nobody() {
	local EXPECT=$3
	measure "$1" "$2" "${@:4}"
	[ "$DID" = "$EXPECT" ]
	[ "$OWN" = "$WAS" ]
	[ "$OTHER" = "$NEIGHBOUR_PAGES" ]
}
