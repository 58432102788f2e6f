# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Loaded by the tests in this folder: a disk that nothing is written to but by
# who asks for it, a neighbour with dirty data on it, and the table of what each
# operation of an engine writes.

load ../hook/lib
# shellcheck source-path=SCRIPTDIR source=../tools/upper.bash
. ./upper.bash
PATH=$PWD:$PATH

NEIGHBOUR_PAGES=65536 # 256 MiB
# A container's, and what comes with it: the journal, and what podman fsyncs of its own.
OWN_KIB=4096 SLACK_KIB=6144
export SYNCED='per-overlay synced'

# engine_disk: for setup_file.
engine_disk() {
	FS=ext4
	HOOK=/usr/libexec/oci/hooks.d/oci-syncfs-hook
	install -D ./oci-syncfs-hook $HOOK
	D=/mnt/hook
	quiet_flusher
	make_fs "$DISK1"
	mkdir -p $D
	mount_fs "$DISK1" $D
	lower_layer
	start_syslog
	export FS HOOK D LOG SYSLOGD
	row 'engine' 'operation' 'own, MiB dirty' 'neighbour' 'written' 'the hook'
	row '---' '---' '---' '---' '---' '---'
}

row() {
	printf '# | %-12s | %-28s | %14s | %10s | %8s | %s |\n' "$@" >&3
}

# neighbour DATA UPPER: whose file it is, through its overlay and in its upper.
# Where a test, or what it shows, has written it, it is made dirty again.
neighbour() {
	NEIGHBOUR=$2
	[ "$(dirty "$2")" = $NEIGHBOUR_PAGES ] ||
		ovlio "open f rwc $1" 'write f 0 256M'
	[ "$(dirty "$2")" = $NEIGHBOUR_PAGES ]
}

# dirty FILE...: pages of them, with those that are under way; what is not there has none.
dirty() {
	local file pages sum=0
	for file; do
		[ ! -e "$file" ] || {
			pages=$(ovlio "pages $file")
			sum=$((sum + pages))
		}
	done
	echo $sum
}

# written: KiB that the disk has been sent.
written() {
	awk '{ print int($7 / 2) }' "/sys/block/${DISK1##*/}/stat"
}

mib() {
	printf '%d.%d' $(($1 / 1024)) $(($1 % 1024 * 10 / 1024))
}

# hook_did LINE: what was logged from there on, without remarks: "STAGE MODE RESULT, ...".
hook_did() {
	sed -n "$1"',$s/.*oci-syncfs-hook: .* stage=\([^ ]*\) .* mode=\([^ ]*\) .* result=/\1 \2 /p' "$LOG" |
		sed 's/ (.*//; s/,/;/g' | paste -sd, | sed 's/,/, /g'
}

# measure ENGINE OPERATION COMMAND...: COMMAND's row. Of the container, DATA are the files.
# Waits until the hook has left as many records as EXPECT has commas, and one; if none
# is to come, so long that one would have.
# Sets WAS, OWN, OTHER: pages of the container's that were dirty, that still are,
# and of the neighbour's; KIB written; DID.
measure() {
	local engine=$1 operation=$2 line before other i
	shift 2
	line=$(($(wc -l <"$LOG") + 1))
	before=$(written) WAS=$(dirty "${DATA[@]}") other=$(dirty "$NEIGHBOUR")
	"$@" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/out"; return 1; }
	[ -n "$EXPECT" ] || sleep 1
	for ((i = 0; i < 100; i++)); do
		DID=$(hook_did "$line")
		[ "$(commas "$DID")" -lt "$(commas "$EXPECT")" ] || break
		sleep 0.1
	done
	KIB=$(($(written) - before)) OWN=$(dirty "${DATA[@]}") OTHER=$(dirty "$NEIGHBOUR")
	row "$engine" "$operation" "$(mib $((WAS * 4))) -> $(mib $((OWN * 4)))" \
		"$((other / 256)) -> $((OTHER / 256))" "$(mib $KIB)" "${DID:--}"
}

# commas LIST: one more than it has, or none if it is empty.
commas() {
	[ -z "$1" ] && echo 0 && return
	tr -cd , <<<"$1," | wc -c
}

# alone ENGINE OPERATION EXPECT COMMAND...: COMMAND has the hook do what is
# expected, writes all of the container's data and nothing of the neighbour's.
alone() {
	local EXPECT=$3
	measure "$1" "$2" "${@:4}"
	[ "$DID" = "$EXPECT" ]
	[ "$OWN" = 0 ]
	[ "$OTHER" = $NEIGHBOUR_PAGES ]
	[[ $DID != *synced* ]] || [ "$KIB" -ge $((WAS * 4)) ]
	[ "$KIB" -lt $((${#DATA[@]} * OWN_KIB + SLACK_KIB)) ]
}

# for_each_runtime NAME FUNCTION: a test of it for crun and for runc, or $RUNTIMES.
for_each_runtime() {
	local runtime
	for runtime in ${RUNTIMES:-crun runc}; do
		bats_test_function --description "$runtime: $1" -- with_runtime "$runtime" "$2"
	done
}

with_runtime() {
	export RUNTIME=$1
	"$2" "$1"
}
