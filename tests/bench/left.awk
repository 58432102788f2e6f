# SPDX-License-Identifier: GPL-2.0-or-later
# Of a batch, its log first, then its cells: those that are neither done, nor were
# begun twice in vain since the run was "resumed".
FILENAME == ARGV[1] {
	if ($1 == "cell")
		begun[$2]++
	if ($1 == "done")
		finished[$2] = 1
	if ($1 == "resumed")
		delete begun
	next
}
!finished[$1] && begun[$1] < 2
