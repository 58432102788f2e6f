#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: three containers write without an end, and are stopped one after the
# other, each in another way; the power is cut around the second or third stop.
#
#   stop.sh ENGINE HOW SEED
#
# Leaves on the terminal, in the order in which it comes to pass:
#
#   container NAME ID UPPER WAY   with its upper directory, and how it will be stopped
#   cut NAME WHEN                 the power will be cut then
#   stopping NAME
#   synced ID N                   so the hook has reported, or umount has returned; the
#                                 container had done step N before it ended
set -euo pipefail
# shellcheck source-path=SCRIPTDIR/.. source=lib.sh
. crash/lib.sh
# Small ones that follow each other begin alike.
RANDOM=$(($3 * 9973))
HOOK=/usr/libexec/oci/hooks.d/oci-syncfs-hook
# Of other things than the overlay under test
P=/run/progress

# At what is reported of it; or, for every second seed, after so many thousandths of
# what the stop before it took. Without a sync, umount is soon to do what the hook did not.
victim=$((1 + RANDOM % 2)) thousandths=$((RANDOM % 1500)) cut=record
[ $(($3 % 2)) = 1 ] || [ "$how" = no-sync ] || cut='time'
case $engine in
podman) ways=(stop kill rm) ;;
*) ways=(kill delete umount) ;;
esac
for i in 2 1; do
	j=$((RANDOM % (i + 1))) way=${ways[i]}
	ways[i]=${ways[j]} ways[j]=$way
done
[ "$how" != no-sync ] || ways=("${ways[@]/umount/kill}")

# The hook itself, but that its syncfs does nothing
install_hook() {
	install -D oci-syncfs-hook "$HOOK"
	[ "$how" = no-sync ] || return 0
	mv "$HOOK" /usr/libexec/oci-syncfs-hook
	cat >"$HOOK" <<-SH
		#!/bin/sh
		exec /usr/bin/strace -f -qqq -o /dev/null -e trace=syncfs -e inject=syncfs:retval=0 \\
			/usr/libexec/oci-syncfs-hook "\$@"
	SH
	chmod +x "$HOOK"
}

lower_layer() {
	mkdir -p /up/lower/{bin,proc,dev,sys,tmp,data}
	cp /usr/bin/busybox /up/lower/bin/busybox
	ln -s busybox /up/lower/bin/sh
	cp crash/stop/steps.sh /up/lower/steps.sh
	: >/up/lower/progress
	head -c 64K /dev/zero >/up/lower/data/image
}

# bundle ID WAY: what umount is to sync has no hook.
bundle() {
	local B=/up/$1 hooks=oci-config/$engine/hooks.json
	mkdir -p "$B"/{upper,work,rootfs}
	[ "$2" != umount ] || hooks=/dev/null
	runc spec -b "$B"
	jq --arg id "$1" --arg progress "$P/$1" --slurpfile hooks "$hooks" '
		.process.terminal = false | .root.readonly = false |
		.process.args = ["/bin/sh", "/steps.sh", $id, "/data", "/progress"] |
		.mounts += [{ destination: "/progress", type: "bind", source: $progress, options: ["bind"] }] |
		. * ($hooks[0] // {})' "$B/config.json" >"$B/config.new"
	mv "$B/config.new" "$B/config.json"
	mount_overlay
	ids+=("$1")
	echo "container $1 $1 $B/upper $2"
}

# of_podman NAME WAY
of_podman() {
	local id upper
	id=$(pod create --name "$1" --network none --annotation io.overlay-syncfs.enable=true \
		-v "$P/$1:/progress" localhost/image sh /steps.sh "$1" /data /progress)
	ln -s "$1" "$P/$id"
	upper=$(pod inspect --format '{{.GraphDriver.Data.UpperDir}}' "$id")
	ids+=("$id")
	echo "container $1 $id $upper $2"
}

# create NAME WAY
create() {
	echo 0 >"$P/$1"
	case $engine in
	podman) of_podman "$@" ;;
	*) bundle "$@" ;;
	esac
}

# start NAME
start() {
	case $engine in
	podman) pod start "$1" >/dev/null ;;
	*) "$engine" --log /dev/null run -d -b "/up/$1" "$1" >/dev/null 2>&1 ;;
	esac
}

# has_done ID STEPS
has_done() {
	local i n
	for ((i = 0; i < 1200; i++)); do
		read -r n <"$P/$1"
		[ "$n" -lt "$2" ] || return 0
		sleep 0.1
	done
	return 1
}

# report ID: that it is synced. Nothing that takes time, as the engine goes on.
report() {
	local n
	read -r n <"$P/$1"
	echo "synced $1 $n"
	[ "$1 $cut" != "${ids[victim]} record" ] || exec guest-reset
}

# records: what the hook logs
records() {
	local line id
	while read -r line; do
		id=${line##* container=} id=${id%% *}
		case $line in
		*' stage=poststop '*' mode=per-overlay '*' result=synced'*) report "$id" ;;
		*' container='*) echo "record $line" ;;
		esac
	done
}

# stop ID WAY
stop() {
	case $2 in
	stop) pod stop -t 0 "$1" ;;
	rm) pod rm -f -t 0 "$1" ;;
	delete) "$engine" delete -f "$1" ;;
	umount)
		"$engine" delete -f "$1"
		umount "/up/$1/rootfs"
		report "$1"
		;;
	kill)
		if [ "$engine" = podman ]; then
			# What it leaves to be done comes by itself.
			pod kill "$1"
			return
		fi
		"$engine" kill "$1" KILL
		until [ "$("$engine" state "$1" | jq -r .status)" = stopped ]; do :; done
		"$engine" delete "$1"
		;;
	esac
}

quiet_flusher
make_fs "$DISK1"
mkdir -p /up $P
mount_fs "$DISK1" /up
lower_layer
install_hook
if [ "$engine" = podman ]; then
	install -D -m 644 oci-config/podman/overlay-syncfs.json \
		/usr/share/containers/oci/hooks.d/overlay-syncfs.json
	tar -C /up/lower -c . | pod import - localhost/image
fi
ids=()
for i in 0 1 2; do create c$i "${ways[i]}"; done
# All but what the containers do
sync
for i in 0 1 2; do start c$i; done
busybox syslogd -n -O - </dev/null > >(records) &
until [ -S /dev/log ]; do sleep 0.1; done
for i in 0 1 2; do has_done c$i 200; done
took=0
for i in 0 1 2; do
	if [ "$i $cut" = "$victim time" ]; then
		us=$((took * thousandths / 1000))
		echo "cut c$i after $us us, $thousandths/1000 of the last"
		(sleep "$((us / 1000000)).$(printf %06d $((us % 1000000)))" && exec guest-reset) &
	elif [ "$i" = $victim ]; then
		echo "cut c$i at its record"
	fi
	began=${EPOCHREALTIME/./}
	echo "stopping c$i"
	stop c$i "${ways[i]}"
	took=$((${EPOCHREALTIME/./} - began))
done
# It may be still to come.
sleep 30
exec guest-reset
