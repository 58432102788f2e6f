# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the tools in this folder: where things are kept, how to fail, and
# which mirror the machine itself was configured with.

# The checkout, the cache outside of it, and the suite everything comes from.
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
CACHE=${OVERLAY_SYNCFS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/overlay-syncfs}
SUITE=${SUITE:-trixie}
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
# A private cache: its files are executed as root.
export PROJECT CACHE SUITE

die() {
	printf '%s: error: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

need_root() {
	[ "$(id -u)" = 0 ] || die "must be run as root (mounts, chroot, mmdebstrap); try: sudo make ..."
}

# with_lock NAME COMMAND...: one holder of NAME at a time, on this machine.
with_lock() {
	local name=$1
	shift
	mkdir -p "$CACHE"
	(
		flock 9
		"$@" 9>&-
	) 9>"$CACHE/$name.lock"
}

# host_packages PACKAGE...: install on the machine itself what is missing.
host_packages() {
	local missing=() p
	for p; do
		dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null |
			grep -q '^ii' || missing+=("$p")
	done
	[ ${#missing[@]} = 0 ] && return
	need_root
	say "installing ${missing[*]} from the machine's own suite"
	apt-get -qq update >&2 || die "apt-get update failed"
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		install "${missing[@]}" >&2 ||
		die "apt-get could not install: ${missing[*]}"
}

# mirror LABEL: the URI under which the machine's apt configuration finds the
# archive with that label (Debian, Debian-Security, "Debian Backports").
mirror() {
	# shellcheck disable=SC2016  # apt's own placeholders
	apt-get indextargets --format '$(REPO_URI)|$(ORIGIN)|$(LABEL)' \
		'Created-By: Packages' |
		awk -F'|' -v l="$1" '$2 == "Debian" && $3 == l { print $1; exit }'
}

# suite_sources: the sources.list lines of $SUITE, on the machine's mirrors.
suite_sources() {
	local main security
	main=$(mirror Debian)
	if [ -z "$main" ]; then
		# No lists yet: a fresh machine has never run apt-get update.
		need_root
		apt-get -qq update >&2 || die "apt-get update failed"
		main=$(mirror Debian)
	fi
	[ -n "$main" ] ||
		die "the machine's apt configuration names no Debian mirror; add one under /etc/apt/sources.list.d"
	security=$(mirror Debian-Security)
	echo "deb [signed-by=$KEYRING] $main $SUITE main"
	case $SUITE in
	*-backports | sid) ;;
	*)
		echo "deb [signed-by=$KEYRING] $main $SUITE-updates main"
		if [ -n "$security" ]; then
			echo "deb [signed-by=$KEYRING] $security $SUITE-security main"
		else
			say "the machine has no security suite configured: using $SUITE without it"
		fi
		;;
	esac
}
