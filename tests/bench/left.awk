# SPDX-License-Identifier: GPL-2.0-or-later
# Of a batch, its log first, then its cells: those that are neither done, nor were
# begun twice in vain. A cell that was under way when the run was ended, and is
# "resumed", was not begun in vain.
FILENAME == ARGV[1] {
	if ($1 == "cell") {
		begun[$2]++
		under_way = $2
	}
	if ($1 == "done")
		finished[$2] = 1
	if ($1 == "done" || $1 == "failed")
		under_way = ""
	if ($1 == "resumed" && under_way != "") {
		begun[under_way]--
		under_way = ""
	}
	next
}
!finished[$1] && begun[$1] < 2
