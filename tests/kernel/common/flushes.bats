#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# After a sync, nothing of the overlay's is in a device's cache only: neither on
# the upper's own device nor on that of its journal or log.

load ../helper

# written_and ACTION: a new file, an overwritten one.
written_and() {
	ovlio 'open f rwc /mnt/a/new' 'write f 0 256K' 'close f' \
		'open f rw /mnt/a/old' 'write f 0 256K' 'close f' "$@"
}

flushed() {
	flushed_after_last_write "$(upper_devices "$DISK1")" "$@"
}

setup() {
	pristine
	mount_upper
	ovlio 'open f rwc /mnt/a/old' 'write f 0 256K' 'syncfs /mnt/a'
}

@test "flushed after syncfs" {
	flushed written_and 'syncfs /mnt/a'
}

@test "flushed after umount" {
	flushed written_and 'umount /mnt/a'
}

@test "flushed after remount,ro" {
	flushed written_and 'remount /mnt/a ro'
}

@test "flushed if data was overwritten, and the flusher has written it" {
	flushed_by_none() {
		# When it has, there is nothing left to write.
		ovlio 'open f rw /mnt/a/old' 'write f 0 256K' 'close f' \
			"$(flusher_writes /up/a/upper/old)" 'syncfs /mnt/a'
	}
	data_flushed flushed_by_none
}

# data_flushed COMMAND...: as flushed; perhaps nothing was logged.
data_flushed() {
	flushed_after_last_write "$DISK1" "$@"
}

@test "flushed if somebody else's fsync left the journal or log clean" {
	neighbour_first() {
		ovlio 'open f rw /mnt/a/old' 'write f 0 256K' \
			'open g rwc /mnt/b/g' 'write g 0 4K' 'fsync g' 'syncfs /mnt/a'
	}
	data_flushed neighbour_first
}

@test "a device that was written to and not flushed is noticed" {
	only_written() {
		dd if=/dev/zero of="$DISK2" bs=4K count=4 oflag=direct status=none
	}
	run ! flushed_after_last_write "$DISK2" only_written
	flushed_after_last_write "$DISK2" eval "only_written; ovlio 'fsync $DISK2'"
	run ! flushed_after_last_write "$DISK2" eval "only_written; ovlio 'fsync $DISK2'; only_written"
	run ! flushed_after_last_write "$DISK2" true
}
