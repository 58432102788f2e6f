# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the tools in this folder: paths and exit statuses.

GUEST=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source-path=SCRIPTDIR source=../../packaging/suite/lib.sh
. "$GUEST/../../packaging/suite/lib.sh"

BUILDROOT=$PROJECT/packaging/suite/buildroot
GUEST_CACHE=$CACHE/guest
export GUEST GUEST_CACHE BUILDROOT

# What run itself ends with; all else is the command's own exit status.
# shellcheck disable=SC2034  # read by the files that source this one
readonly ST_USAGE=190 ST_SETUP=191 ST_BOOT=192 ST_HANG=193 ST_REPORT=194 ST_ENDED=195

# fail STATUS MESSAGE...
fail() {
	local status=$1
	shift
	# Lets run tell an end it means from one by an error of its own.
	# shellcheck disable=SC2034
	judged=yes
	printf 'guest: error: %s\n' "$*" >&2
	exit "$status"
}

# What packaging/suite's functions end with, if they must.
die() {
	fail "$ST_SETUP" "$@"
}

say() {
	printf 'guest: %s\n' "$*" >&2
}

# sum_of: a short name for what is read.
sum_of() {
	sha256sum | cut -c1-12
}
