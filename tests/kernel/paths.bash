# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by tests that are tables of paths: ways in which something becomes
# dirty. All of a table are taken in one overlay, each in a folder of its own,
# and share a syncfs and the power cuts before and after it, of which each test
# then looks at its own part. So none may call fsync or the like.

# shellcheck source-path=SCRIPTDIR source=durable.bash
load ../durable

# Those of @test are no concern of bats_test_function; nor is their order, which
# matters to --filter-tags.
tags=$(sed -n 's/^# bats file_tags=//p' "$BATS_TEST_FILENAME" | tr , '\n' | sort | paste -sd,)
folders=()
earlier=()
later=()

# path NAME [COMMAND... synced] COMMAND...: a test of what ovlio does in a folder
# with the files f and l. Whatever is open or mapped stays so. What comes before
# "synced" is, by an earlier syncfs.
path() {
	local name=$1 folder=path${#folders[@]}. command commands
	shift
	commands=("in /mnt/a/$folder")
	for command; do
		if [ "$command" = synced ]; then
			earlier+=("${commands[@]}")
			commands=("in /mnt/a/$folder")
		else
			commands+=("$command")
		fi
	done
	later+=("${commands[@]}")
	folders+=("$folder")
	bats_test_function --description "$name" --tags "$tags" -- was_durable "/$folder"
}

setup_file() {
	local folder files=()
	export MANIFESTS=$BATS_FILE_TMPDIR
	mount_layers "${folders[@]}"
	# Synced by the upper as well, lest a defect of the engine shows here.
	for folder in "${folders[@]}"; do
		files+=("in /mnt/a/$folder" 'open f rwc f' 'write f 0 256K' 'close f')
	done
	ovlio "${files[@]}" 'syncfs /mnt/a' 'syncfs /up'
	ovlio "${earlier[@]}" 'syncfs /mnt/a' "${later[@]}" \
		'sh power-cut before' 'syncfs /mnt/a' 'sh power-cut after'
}

teardown_file() {
	unmount_all
}

# For all at once
setup() { :; }
teardown() { :; }
