#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the model says that it stands for is in the engine: no guest, no spin.

bats_require_minimum_version 1.5.0

setup() {
	MODEL=$BATS_TEST_DIRNAME/..
	KERNEL=$MODEL/../../kernel
}

# functions FILE...: those that are defined in sources of the engine.
functions() {
	sed -nE '/^[a-z].*;$/d; s/^(static )?(inline )?[a-z].*[ *](ovl_[a-z0-9_]+)\(.*/\3/p' "$@" | sort -u
}

# body FUNCTION: its lines, in the engine or in each version's glue.
body() {
	awk -v f="$1" '$0 ~ "^[a-z].*[ *]" f "\\(" { on = !/;$/ } on; /^}/ { on = 0 }' \
		"$KERNEL"/overlayfs/*.[ch]
	awk -v f="$1" '/^@@/ { on = index($0, " " f "(") || index($0, "*" f "(") } on && !/^-/' \
		"$KERNEL"/patches/*/0002-*.patch
}

# modelled: the functions that the model has by their own name.
modelled() {
	sed -nE 's/^(inline|proctype) (ovl_[a-z0-9_]+)\(.*/\2/p; s/^#define (ovl_[a-z0-9_]+)\(.*/\1/p' \
		"$MODEL"/*.pml | sort -u
}

@test "each function of the model is one of the engine" {
	run -0 modelled
	[ "${#lines[@]}" -ge 15 ]
	run -0 comm -23 <(modelled) <(functions "$KERNEL"/overlayfs/*.[ch])
	[ -z "$output" ] || { echo "not in the engine: $output" && false; }
}

@test "each function of upper_inodes.c and sync.c is in the model, or README.md says why not" {
	local f missing=()
	for f in $(functions "$KERNEL"/overlayfs/{upper_inodes,sync}.c | comm -23 - <(modelled)); do
		sed -n '/^## What it leaves out/,/^## /p' "$MODEL/README.md" | grep -qw "$f" || missing+=("$f")
	done
	[ ${#missing[@]} = 0 ] || { echo "not in the model: ${missing[*]}" && false; }
}

@test "the line of each guard is in its function" {
	local guard f text missing=() n=0
	while IFS=$'\t' read -r guard _ _ f text; do
		n=$((n + 1))
		body "$f" | grep -qF -- "$text" || missing+=("$guard ($f: $text)")
	done < <(grep -v '^#' "$MODEL/guards.tsv")
	[ $n -ge 40 ]
	[ ${#missing[@]} = 0 ] || { printf 'not in the engine: %s\n' "${missing[@]}" && false; }
}

@test "each guard of the model is taken out by a check, and each check takes out one" {
	run -0 diff <(grep -ohE '\<NO_[A-Z_0-9]+' "$MODEL"/*.pml | sort -u) \
		<(grep -v '^#' "$MODEL/guards.tsv" | cut -f1 | tr + '\n' | sort -u)
}

@test "each exception is in README.md" {
	local text
	while IFS=$'\t' read -r _ _ _ text; do
		grep -qF -- "$text" "$MODEL/README.md"
	done < <(grep -v '^#' "$MODEL/exceptions.tsv")
}
