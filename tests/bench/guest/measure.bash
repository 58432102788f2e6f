# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced in the guest: what questions measure with. Whatever of it fails ends the
# guest, so its output is put into a variable first: in an argument it would not.

# result JSON [KEY=NUMBER]...: an object of it all, for the host.
result() {
	local json=$1 pair
	shift
	[[ $json = \{*\} ]] || complain "not a JSON object: $json"
	for pair; do
		[[ $pair =~ ^[a-z_]+=[0-9.]+$ ]] || complain "not KEY=NUMBER: $pair"
		[ "$json" = '{}' ] || json=${json%\}},\}
		json=${json%\}}\"${pair%%=*}\":${pair#*=}\}
	done
	echo "result $id $json"
}

complain() {
	echo "bench: error: cell $id: $*" >&2
	exit 1
}

# measured COMMAND...: commands of ovlio's, the last of which is measured, on a disk
# that has no burst left; prints JSON.
measured() {
	local last=${!#}
	ovlio "${@:1:$#-1}" "drain /dev/$disk" "measure $disk $last"
}

# timed COMMAND: the same, as long as the processor takes: what a small sync sends
# passes the disk at once.
timed() {
	ovlio "measure $disk $1"
}

# file_of PATH SIZE: written, not synced.
file_of() {
	ovlio "open f rwc $1" "write f 0 $2"
}

# dirty_mib FILE: of the upper's.
dirty_mib() {
	local pages
	pages=$(ovlio "pages $1")
	echo $((pages / 256))
}

# mib_of SIZE: 256M
mib_of() {
	case $1 in
	*G) echo $((${1%G} * 1024)) ;;
	*M) echo "${1%M}" ;;
	*) complain "not so many MiB: $1" ;;
	esac
}

# is_share MIB SIZE [PERCENT]: whether so many MiB are that much (98) of it.
is_share() {
	local want
	want=$(mib_of "$2")
	[ $(($1 * 100)) -ge $((want * ${3:-98})) ]
}

# enough_dirty FILE MIB SIZE [PERCENT]: so many MiB of it are, or what is measured is
# something else.
enough_dirty() {
	is_share "${@:2}" || complain "of $(mib_of "$3") MiB of $1 only $2 are dirty"
}

# need_dirty FILE SIZE: of the upper's.
need_dirty() {
	local has
	has=$(dirty_mib "$1")
	enough_dirty "$1" "$has" "$2"
}

# durable FILE...: of the upper's. Who does not even write them syncs nothing.
durable() {
	case $contender in
	volatile | none) ;;
	*) ovlio "${@/#/clean }" || complain "not synced" ;;
	esac
}

# warm_up: the same sync of something small. Under emulation a code path takes ten times
# as long when it is first run, and the module may just have been loaded.
warm_up() {
	# shellcheck disable=SC2034  # by sync_command
	local data=data0 json
	[ "$contender" != none ] || return 0
	file_of "$(own_folder)/data0" 4K
	json=$(measured "$(sync_command)")
	again
	rm -f "$(own_folder)/data0"
	sync -f /up
	[ -n "$json" ]
}

# again: A is mounted, if the sync was its umount, and has nothing to write; the
# neighbours' stays dirty.
again() {
	[ "${cell[action]:-}" = umount ] || return 0
	mount_overlay a
	ovlio 'syncfs /mnt/a'
}
