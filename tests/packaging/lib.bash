# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by the tests in this folder.

bats_require_minimum_version 1.5.0

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)
export TOP

# unpack NAME: a built package, to $BATS_FILE_TMPDIR/NAME, its control files in DEBIAN.
unpack() {
	local debs=("$TOP/build/deb/$1"_*.deb)
	if [ ${#debs[@]} != 1 ] || [ ! -e "${debs[0]}" ]; then
		echo "build/deb has not one package $1; run first: make deb" >&2
		return 1
	fi
	dpkg-deb -R "${debs[0]}" "$BATS_FILE_TMPDIR/$1"
}

# field NAME: of the control file in P.
field() {
	sed -n "s/^$1: //p" "$P/DEBIAN/control"
}
