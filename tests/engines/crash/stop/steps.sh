#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Changes of a folder, one after the other, each of which follows from its number:
# so that it is known what is there after so many. In a container without an end;
# after a power cut once more, as far as that container was.
#
#   steps.sh NAME FOLDER PROGRESS [FROM [LAST]]
#
# The number of the last that is done is in the file PROGRESS. FOLDER has the file
# image, of 16 blocks, to begin with, which is changed in place.
name=$1 progress=$3 n=$((${4:-1} - 1))
cd "$2" || exit

# A block
record() {
	printf '%-20s %9d %4064s\n' "$name" "$n" ''
}

# What is not of the shell itself takes long, without KVM.
while [ "$n" != "${5:-}" ]; do
	n=$((n + 1))
	case $((n % 32)) in
	1) record >"made.$n" ;;
	5) mv "made.$((n - 4))" "moved.$((n - 4))" ;;
	9) ln "moved.$((n - 8))" "link.$((n - 8))" ;;
	13) [ $n -lt 64 ] || rm "moved.$((n - 44))" ;;
	17) record | dd of=image bs=4096 seek=$((n / 32 % 16)) conv=notrunc 2>/dev/null ;;
	*) record >>"log.$((n / 256))" ;;
	esac
	# In place, so that there is a number in it at any time
	echo $n 1<>"$progress"
done
