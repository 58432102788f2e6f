#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/engines/crash/stop takes for lost, and what not. In the build root.

# Around each of the steps there are
STEPS_DONE='201 205 209 213 217 224 255 256'

setup() {
	T=$BATS_TEST_TMPDIR STEPS=$BATS_TEST_DIRNAME/../stop/steps.sh
	# shellcheck source-path=SCRIPTDIR/../stop source=there.bash
	. "$BATS_TEST_DIRNAME/../stop/there.bash"
	D=$T/d
}

# done_are STEPS: in $D
done_are() {
	rm -rf "$D"
	mkdir "$D"
	head -c 64K /dev/zero >"$D/image"
	sh "$STEPS" c0 "$D" "$T/noted" 1 "$1"
}

# lost WAY [STEPS [NAME]]: $n steps if not said
lost() {
	! is_there "${3:-c0}" "$D" "$1" "${2:-$n}"
}

@test "what was noted is there, or one step more; not fewer, and no others" {
	for n in $STEPS_DONE; do
		done_are "$n"
		[ "$(cat "$T/noted")" = "$n" ]
		is_there c0 "$D" kill "$n"
		is_there c0 "$D" kill $((n - 1))
		lost kill $((n + 1))
		lost kill $((n - 2))
		lost kill "$n" c1
	done
}

@test "a file that the next step has begun to make does not count" {
	for n in 192 224 255; do
		done_are "$n"
		[ "$n" = 255 ] || : >"$D/made.$((n + 1))"
		[ "$n" != 255 ] || : >"$D/log.1"
		is_there c0 "$D" kill "$n"
		: >"$D/made.9"
		lost kill
		lost rm
	done
}

@test "a name, content, a size, a link, a mode that is not there is lost" {
	n=222
	for damage in 'rm moved.193' 'rm link.1' 'mv log.0 log.9' ': >log.0' ': >link.193' \
		'truncate -s -4096 log.0' 'printf x | dd of=image bs=1 seek=20000 conv=notrunc status=none' \
		'cp moved.193 x; mv x moved.193' 'chmod 600 image' ': >extra'; do
		done_are $n
		(cd "$D" && eval "$damage")
		lost kill || { echo "not noticed: $damage" && false; }
	done
}

@test "of a container that is being removed, names may be gone, not contents" {
	n=222
	done_are $n
	rm "$D"/moved.* "$D/log.0"
	is_there c0 "$D" rm $n
	: >"$D/moved.193"
	lost rm
	done_are $n
	truncate -s -4096 "$D/log.0"
	lost rm
	rm -rf "$D"
	is_there c0 "$D" rm $n
	lost kill
}
