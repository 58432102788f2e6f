#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# As ext4/delalloc.bats; but without a journal ext4 does not try again, and says
# to who submits, and to nobody else, that the data is lost.

load ../helper
load ../ext4/damage

# Already in phase 0: then there is nothing left to write in phase 1.
@test "space that was promised and is not there: who syncs is told" {
	damage ^has_journal
	ovlio 'open d1 rD /mnt/a' 'open d2 rD /mnt/a' 'open n rD /mnt/b' \
		'open f rw /mnt/a/f' 'write f 0 64K' \
		'!ENOSPC syncfs d1' 'syncfs d1' '!ENOSPC syncfs d2' 'syncfs n'
	lost
}
