# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The load: containers under runc and crun with the hook at poststop, and bare
# overlays, all over one upper. Each of the functions that are jobs goes on until
# $BATS_FILE_TMPDIR/enough is there.

enough() {
	[ -e "$BATS_FILE_TMPDIR/enough" ]
}

# seed [N]: of the N-th of its kind in this round.
seed() {
	echo $((SOAK_SEED + ROUND * 1000 + ${1:-0}))
}

# container_image: a lower layer with the programs that make the load, and what
# they are linked with.
container_image() {
	local program library
	lower_layer
	for program in churn flood; do
		cp "$(command -v $program)" "$D/lower/bin"
		ldd "$D/lower/bin/$program" | grep -o '/[^ ]*' | while read -r library; do
			mkdir -p "$D/lower${library%/*}"
			cp -L "$library" "$D/lower$library"
		done
	done
	mkdir -p "$D/lower/data/"{0..3}
	seq 3000 | tee "$D/lower/data/"{0..3}/{0..20} >/dev/null
}

# resident NAME RUNTIME: a container that stays. In each round it is told how long
# to churn, and tells when it has.
resident() {
	overlay "$1"
	mkfifo "$B"/rootfs/{told,done}
	# shellcheck disable=SC2016  # expanded in the container
	bundle "$1" 'while read -r seconds seed </told; do
		churn /data $seconds 1 $seed >/dev/null; echo $? >/done; done'
	add_hook "$1" poststop "$HOOK"
	"$2" run -d -b "$B" "$1" >/dev/null 2>&1 </dev/null 3>&-
}

# Nobody syncs the first but rest(): what it writes is the flusher's and the
# reaper's. The second is synced all the time.
residents() {
	resident resident-1 runc
	resident resident-2 crun
}

tell_residents() {
	local name
	for name in resident-{1,2}; do
		echo "$BUSY $(seed)" >"$D/$name/rootfs/told"
	done
}

hear_residents() {
	local name status
	for name in resident-{1,2}; do
		read -r -t 120 status <>"$D/$name/rootfs/done"
		[ "$status" = 0 ] || return
	done
}

# What a container does before it is stopped, by turns.
# shellcheck disable=SC2016  # expanded in the container
loads=(
	'churn /data 2 1 $seed >/dev/null'
	'dd if=/dev/zero of=/big bs=64k count=32; dd if=/dev/zero of=/big bs=64k count=8 conv=notrunc; dd if=/dev/zero of=/gone bs=64k count=16; rm /gone'
	'mkdir /f /g; flood /f 200 cwC; flood /f 100 ou; flood /g 100 cwCu'
	'mkdir /f /g; flood /f 60 cmsnC; flood /g 60 cmsCnu'
)

# passing_bundle: what the next is told is in its /load.
passing_bundle() {
	bundle passing '. /load; echo >/ready; exec busybox sleep 1000'
	add_hook passing poststop "$HOOK"
}

# passer_by RUNTIME N: a container from its overlay to the removal of its upper
# directory. It is stopped when it has made its load.
passer_by() {
	local runtime=$1 name=$1-$ROUND-$2 began
	overlay "$name"
	cp "$D/passing/config.json" "$B"
	echo "seed=$(seed "$2"); ${loads[$2 % ${#loads[@]}]}" >"$B/rootfs/load"
	"$runtime" run -d -b "$B" "$name" >/dev/null 2>&1 </dev/null 3>&-
	eventually 60 [ -e "$B/upper/ready" ]
	began=${EPOCHREALTIME/./}
	"$runtime" delete -f "$name" >/dev/null 2>&1 3>&-
	row stop "${runtime}_stop_ms" $(((${EPOCHREALTIME/./} - began) / 1000))
	echo "$name" >>"$BATS_FILE_TMPDIR/stopped"
	[ $(($2 % 3)) != 0 ] || ovlio "remount $B/rootfs ro"
	umount "$B/rootfs"
	rm -rf "$B"
}

# passers_by RUNTIME FIRST
passers_by() {
	local i
	for ((i = $2; ; i++)); do
		enough && break
		passer_by "$1" "$i"
	done
}

passers_by_runc() {
	passers_by runc 0
}

passers_by_crun() {
	passers_by crun 2
}

# mounter: a bare overlay that comes and goes; what it holds is synced by umount.
mounter() {
	local i
	for ((i = 0; ; i++)); do
		enough && break
		overlay bare
		mkdir "$B/rootfs/"{f,g}
		flood "$B/rootfs/f" 40 cwC
		flood "$B/rootfs/g" 40 cmsnCu
		churn "$B/rootfs/data" 1 1 "$(seed $i)" >/dev/null
		umount "$B/rootfs"
		rm -rf "$B"
		sleep 1
	done
}

syncer() {
	until enough; do
		sync -f "$D/resident-2/rootfs"
		sleep 1
		echo >"$D/idle/rootfs/file"
		ovlio "remount $D/idle/rootfs ro" "remount $D/idle/rootfs rw"
		sleep 1
	done
}

# evictor: once, so that what comes after it is the reaper's.
evictor() {
	sleep $((BUSY / 2))
	echo 2 >/proc/sys/vm/drop_caches
}

# all_were_synced: the hook has told so of each container that was stopped in
# this round.
all_were_synced() {
	local name
	while read -r name; do
		records "$name" | grep -q 'mode=per-overlay .* result=synced$' || {
			records "$name" >&2
			echo "$name was stopped, and its hook has not said that it was synced" >&2
			return 1
		}
	done <"$BATS_FILE_TMPDIR/stopped"
	rm "$BATS_FILE_TMPDIR/stopped"
	: >"$LOG"
}

end_containers() {
	local name
	for name in $(runc list -q 2>/dev/null); do
		runc delete -f "$name"
	done
	for name in $(crun list -q 2>/dev/null); do
		crun delete -f "$name"
	done
	awk '$3 == "overlay" { print $2 }' /proc/mounts | xargs -rn1 umount
}
