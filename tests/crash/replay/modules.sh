# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by run, and by tests/faults/run: the modules that a guest is to have. Uses
# their variables, and their function error.
# shellcheck disable=SC2154

# need MODULE: leaves it in $out/modules. A mutant is built once for each overlay.ko.
need() {
	local ko=$built/$1.ko patch=$top/tests/mutants/$1.patch
	case $1 in
	stock) return ;;
	patched) ko=$module ;;
	*)
		if [ ! "$ko" -nt "$module" ] || [ ! "$ko" -nt "$patch" ]; then
			"$top/kernel/build" "$kernel" -o "$out/build" -p "$patch" \
				>"$out/log" 2>&1 || {
				cat "$out/log" >&2
				error "the mutant $1 does not build"
			}
			mv "$out/build/overlay.ko" "$ko"
		fi
		;;
	esac
	cp "$ko" "$out/modules/$1.ko"
}

# need_modules [MODULE@]FS...
need_modules() {
	local spec
	built=$top/build/crash-mutants/$kernel
	mkdir -p "$out"/{modules,build} "$built"
	for spec; do
		[[ $spec == *@* ]] || spec=patched@$spec
		need "${spec%%@*}"
	done
}
