# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by verify.sh, and on the host by its test: is a folder as steps.sh has left
# it? $STEPS is steps.sh, $T a folder for what is compared.

# list FOLDER WAY STEPS: what is in it, but for an empty file that the next step has
# begun to make. On its way to be removed, it may have lost names.
list() (
	local next=$(($3 + 1)) new
	new=made.$next
	[ $((next % 256)) != 0 ] || new=log.$((next / 256))
	cd "$1" 2>/dev/null || exit 0
	find . -type f ! '(' -empty -name "$new" ')' -exec sha256sum {} + | sort
	[ "$2" = rm ] || find . -type f ! '(' -empty -name "$new" ')' -printf '%p %m %n\n' | sort
)

# is_there NAME FOLDER WAY STEPS: is it what so many make? One more may be done, but
# not noted.
is_there() {
	local last
	rm -rf "$T/ref"
	mkdir "$T/ref"
	head -c 64K /dev/zero >"$T/ref/image"
	list "$2" "$3" "$4" >"$T/found"
	sh "$STEPS" "$1" "$T/ref" "$T/progress" 1 "$4"
	for last in "$4" $(($4 + 1)); do
		[ "$last" = "$4" ] ||
			sh "$STEPS" "$1" "$T/ref" "$T/progress" "$last" "$last"
		list "$T/ref" "$3" "$4" >"$T/expected"
		if [ "$3" = rm ]; then
			comm -13 "$T/expected" "$T/found" >"$T/difference"
		else
			diff "$T/expected" "$T/found" >"$T/difference" || true
		fi
		[ -s "$T/difference" ] || return 0
	done
	return 1
}
