# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
#
# Does the harness do what run --help says, and does it see all trouble?
#
#   packaging/suite/buildroot bats tests/guest/selftest.bats
#
# Needs the patched module and the headers that it was built with (make kernel)
# and the guest's image (tests/guest/run --prepare).

bats_require_minimum_version 1.5.0

setup_file() {
	GUEST=$BATS_TEST_DIRNAME
	PATCHED=$GUEST/../../build/kernel/6.12/overlay.ko
	T=$BATS_FILE_TMPDIR
	export GUEST PATCHED T
	[ -e "$PATCHED" ] || {
		echo "there is no $PATCHED; run first: make kernel"
		return 1
	}
	eval "$("$GUEST/kernel" 6.12)"
	mkdir "$T/trouble"
	cp "$GUEST"/trouble/* "$T/trouble"
	make -s -C "/lib/modules/$RELEASE/build" M="$T/trouble" modules
	dd if=/dev/urandom of="$T/kept" bs=64K count=1 status=none
	mkdir -p "$T/folder/sub"
	echo "from the host" >"$T/folder/sub/file"
	truncate -s 256M "$T/disk"
	first_run
}

# guest [OPTION]... COMMAND: 60 s are much more than any of these takes.
guest() {
	"$GUEST/run" --timeout 60 "$@"
}

# One run that many tests look at.
first_run() {
	local status=0
	# shellcheck disable=SC2016  # expanded in the guest
	guest --module stock --verbose --disk 64M --disk 128M \
		--put "$T/folder" --put "$T/kept" --out "$T/out" --console "$T/console" \
		-- bash -c '
			echo "to stdout"
			echo "to stderr" >&2
			echo "by its name" >/dev/stderr
			echo "DISK1=$DISK1 DISK2=$DISK2"
			cp -r folder kept "$OUT"
			cat /sys/block/${DISK1##*/}/queue/write_cache
			cat /sys/block/${DISK2##*/}/size
			mkfs.ext4 -q "$DISK1" && mount "$DISK1" /mnt
			before=$(awk "{ print \$16 }" /sys/block/${DISK1##*/}/stat)
			dd if=/dev/zero of=/mnt/file bs=4K count=1 conv=fsync status=none
			after=$(awk "{ print \$16 }" /sys/block/${DISK1##*/}/stat)
			echo "flushes: $((after - before))"
			od -An -tx1 /sys/module/overlay/notes/.note.gnu.build-id >"$OUT/build-id"
			mkdir -p c/rootfs/bin && cd c && cp /usr/bin/busybox rootfs/bin/sh
			runc spec
			jq ".process.terminal = false | .process.args =
				[\"sh\", \"-c\", \"echo in a container\"]" config.json >new
			mv new config.json
			runc run one && crun run two
			exit 7
		' >"$T/first.out" 2>"$T/first.err" || status=$?
	echo "$status" >"$T/first.status"
}

@test "the command's exit status is that of run" {
	cat "$T/first.err"
	[ "$(<"$T/first.status")" = 7 ]
}

@test "output arrives: stdout, stderr, and what is opened by name" {
	grep -x "to stdout" "$T/first.out"
	grep -x "to stderr" "$T/first.out"
	grep -x "by its name" "$T/first.out"
}

@test "--put and --out bring files and folders there and back" {
	cmp "$T/kept" "$T/out/kept"
	grep -x "from the host" "$T/out/folder/sub/file"
}

@test "data disks are named in order and count flushes" {
	grep -x "DISK1=/dev/vda DISK2=/dev/vdb" "$T/first.out"
	grep -x "write back" "$T/first.out"
	grep -x 262144 "$T/first.out"
	grep -E '^flushes: [1-9]' "$T/first.out"
}

@test "--console keeps the whole console" {
	grep "Linux version" "$T/console"
	grep "guest: end" "$T/console"
}

@test "the first command runs less than 15 s after power-on" {
	local seconds
	seconds=$(sed -n 's/^guest: \([0-9]*\)\.[0-9]* s from power-on to the first command$/\1/p' "$T/first.err")
	cat "$T/first.err"
	[ "$seconds" -lt 15 ]
}

@test "runc and crun run a container" {
	[ "$(grep -cx "in a container" "$T/first.out")" = 2 ]
}

@test "--module loads the given one, also when the kernel asks for it; disks are pristine" {
	# shellcheck disable=SC2016  # expanded in the guest
	run -0 guest --module "$PATCHED" --disk 64M bash -c '
		cmp -n 67108864 "$DISK1" /dev/zero || exit 1
		id() { od -An -tx1 /sys/module/overlay/notes/.note.gnu.build-id; }
		id
		rmmod overlay && ! lsmod | grep -w overlay
		mkdir /tmp/{l,u,w,m}
		mount -t overlay -o lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w o /tmp/m
		id'
	local given
	objcopy -O binary --only-section=.note.gnu.build-id "$PATCHED" "$T/note"
	given=$(od -An -tx1 "$T/note")
	[ "$output" = "$given"$'\n'"$given" ]
	[ "$given" != "$(<"$T/out/build-id")" ]
}

@test "a reset loses what was not synced and keeps what was; --throttle slows a disk down" {
	# shellcheck disable=SC2016  # expanded in the guest
	run -0 guest --module stock --reset --disk-file "$T/disk" --put "$T/kept" bash -c '
		mkfs.ext4 -q "$DISK1" && mount "$DISK1" /mnt
		cp kept /mnt && sync && cp kept /mnt/lost
		for i in $(seq 2000); do echo "line $i"; done
		guest-reset'
	[ "${lines[-1]}" = "line 2000" ]
	# shellcheck disable=SC2016  # expanded in the guest
	run -195 --separate-stderr guest --module stock --throttle 20 \
		--disk-file "$T/disk" --put "$T/kept" bash -c '
		mount "$DISK1" /mnt
		cmp kept /mnt/kept && echo "kept" && cmp kept /mnt/lost || echo "lost"
		start=${EPOCHREALTIME/./}
		dd if=/dev/zero of="$DISK1" bs=1M count=20 oflag=direct status=none
		echo "$((${EPOCHREALTIME/./} - start)) us"
		guest-reset'
	[[ $output == *kept*lost* ]]
	[ "${lines[-1]% us}" -gt 800000 ]
	# shellcheck disable=SC2154  # set by run --separate-stderr
	[[ $stderr == *"run was not given --reset"* ]]
}

@test "other ends than the one asked for fail: no reset, switched off, no module" {
	local status
	guest --module stock --reset true >"$T/no-reset" 2>&1 &
	guest --module stock bash -c 'echo o >/proc/sysrq-trigger; sleep 20' >"$T/off" 2>&1 &
	status=0
	wait "$!" || status=$?
	cat "$T/off"
	[ "$status" = 195 ]
	grep "without an exit status" "$T/off"
	status=0
	wait %1 || status=$?
	cat "$T/no-reset"
	[ "$status" = 195 ]
	grep "ended with exit status 0" "$T/no-reset"
	run -192 guest --module "$T/trouble/trouble.ko" true
	[[ $output == *"did not get as far as the command: broken: cannot load overlay:"* ]]
}

@test "two hangs at once: a sleeping command, a kernel with interrupts off" {
	local status
	"$GUEST/run" --module stock --timeout 4 sleep 1000 >"$T/sleep" 2>&1 &
	status=0
	"$GUEST/run" --module stock --timeout 4 --put "$T/trouble/trouble.ko" \
		insmod trouble.ko kind=dead >"$T/dead" 2>&1 || status=$?
	cat "$T/dead"
	[ "$status" = 193 ]
	# Nothing but an NMI can make such a kernel speak.
	grep "NMI: Not continuing" "$T/dead"
	status=0
	wait "$!" || status=$?
	cat "$T/sleep"
	[ "$status" = 193 ]
	grep "Show Blocked State" "$T/sleep"
}

@test "a panic fails the run and shows the console" {
	run -194 guest --module stock bash -c 'echo c >/proc/sysrq-trigger; sleep 20'
	[[ $output == *"the guest's kernel reported:"*"Kernel panic - not syncing: sysrq triggered crash"* ]]
	[[ $output == *"  | "*"sysrq_handle_crash"* ]]
}

@test "a BUG ends the run at once" {
	run -194 guest --module stock --put "$T/trouble/trouble.ko" \
		bash -c 'insmod trouble.ko kind=list; sleep 50'
	[[ $output == *"reported:"*"list_del corruption"*"kernel BUG at"* ]]
}

@test "a WARNING, a stall and a blocked task fail the run though the command returns 0" {
	# shellcheck disable=SC2016  # expanded in the guest
	run -194 --separate-stderr guest --module stock --disk 64M \
		--put "$T/trouble/trouble.ko" bash -c '
		insmod trouble.ko kind=warn && rmmod trouble
		echo 3 >/proc/sys/kernel/hung_task_timeout_secs
		echo 1 >/proc/sys/kernel/watchdog_thresh
		mkfs.ext4 -q "$DISK1" && mount "$DISK1" /mnt
		fsfreeze -f /mnt
		touch /mnt/file &
		# Each of these reports puts the next one off.
		until dmesg | grep -q "blocked for more than"; do sleep 1; done
		echo 0 >/proc/sys/kernel/hung_task_timeout_secs
		insmod trouble.ko kind=stall && rmmod trouble
		echo 0 >/proc/sys/kernel/soft_watchdog
		echo 3 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
		insmod trouble.ko kind=stall
		echo "all done"'
	[ "$output" = "all done" ]
	local reported=${stderr##*kernel reported:}
	[[ $reported == *"WARNING: CPU: "*" at "*trouble_init* ]]
	[[ $reported == *"INFO: task touch:"*"blocked for more than"* ]]
	[[ $reported == *"soft lockup - CPU#"* ]]
	[[ $reported == *"rcu: INFO: "*"stall"* ]]
}

@test "every kind of report is found in a console, and no harmless line" {
	local line found
	while IFS= read -r line; do
		found=$(printf 'before\n%s\nafter\n' "${line:1}" | "$GUEST/reports")
		case $line in
		+*) [ "$found" = "2:${line:1}" ] || { echo "missed: $line" && return 1; } ;;
		-*) [ -z "$found" ] || { echo "wrongly found: $line" && return 1; } ;;
		esac
	done < <(grep '^[+-]' "$GUEST/samples")
}

@test "of KCSAN's reports those of the overlay module are found, and no others" {
	run -0 diff <(sed -n 's/^= //p' "$GUEST/samples-kcsan") \
		<("$GUEST/kcsan" <"$GUEST/samples-kcsan" | cut -f1,3 | tr '\t' ' ')
	run -0 diff <(sed -n '/^= overlay/,/^\[.*BUG/s/^\[.*\(BUG: KCSAN\)/\1/p' "$GUEST/samples-kcsan") \
		<("$GUEST/reports" <"$GUEST/samples-kcsan" | sed 's/.*\(BUG: KCSAN\)/\1/')
}

# qemu_of PID: sets qemu to the /proc folder of the QEMU that this run started.
qemu_of() {
	local children child
	qemu=
	until [ -n "$qemu" ]; do
		sleep 0.2
		read -ra children <"/proc/$1/task/$1/children" || true
		for child in "${children[@]}"; do
			! grep -qs '^qemu' "/proc/$child/comm" || qemu=/proc/$child
		done
	done
}

@test "an interrupted run leaves no QEMU and no files" {
	local signal pid qemu dir
	for signal in TERM KILL; do
		"$GUEST/run" --module stock sleep 1000 >/dev/null 2>&1 &
		pid=$!
		qemu_of "$pid"
		dir=$(tr '\0' '\n' <"$qemu/cmdline" | sed -n 's/.*path=\(.*\)\/console,.*/\1/p')
		[ -d "$dir" ]
		kill "-$signal" "$pid"
		wait "$pid" || true
		sleep 0.5
		# A zombie that nobody reaps has no command line.
		run ! grep -s . "$qemu/cmdline"
		[ "$signal" = KILL ] || [ ! -e "$dir" ]
		rm -rf "$dir"
	done
}

@test "--icount: the clock counts instructions, and the same loop takes the same" {
	local once third
	# An interrupt takes some thousands, of hundreds of millions; a worker of the
	# kernel's, in one or two of five, more. Without --icount two are as alike, three not.
	# shellcheck disable=SC2016  # expanded in the guest
	run -0 guest --module stock --icount -- bash -c '
		loop() { local i; for ((i = 0; i < 20000; i++)); do :; done; }
		loop
		for _ in 1 2 3 4 5; do
			start=${EPOCHREALTIME/./}
			loop
			echo "ns $((${EPOCHREALTIME/./} - start))000"
		done
		nproc'
	read -r once _ third _ < <(sed -n 's/^ns //p' <<<"$output" | sort -n | xargs)
	[ "$once" -gt 1000000 ]
	[ $(((third - once) * 1000 / once)) -le 2 ]
	[ "${lines[-1]}" = 1 ]
}

@test "wrong usage and missing parts are named" {
	run -190 "$GUEST/run" --nonsense true
	[[ $output == *"unknown option --nonsense"*"--help"* ]]
	run -190 "$GUEST/run"
	[[ $output == *"no command"* ]]
	run -190 "$GUEST/run" --disk huge true
	run -190 "$GUEST/run" --disk-file "$T/none" true
	run -190 "$GUEST/run" --put "$T/none" true
	run -190 "$GUEST/run" --module "$T/none" true
	run -190 "$GUEST/run" --icount --cpus 2 true
	run -190 "$GUEST/run" --image none --module stock true
	[[ $output == *"no image profile 'none'"* ]]
	echo "vermagic=1.2.3 SMP" >"$T/old.ko"
	run -191 "$GUEST/run" --module "$T/old.ko" true
	[[ $output == *"was built for '1.2.3'"* ]]
	mkdir "$T/modules" && touch "$T/modules/modules.builtin"
	run -191 "$GUEST/run" --kernel none --kernel-image "$T/old.ko" --modules-dir "$T/modules" true
	[[ $output == *"make kernel"* ]]
	run -0 "$GUEST/run" --help
}

@test "--root keeps the root file system for the next run, and the image is not changed" {
	run -0 guest --module stock --root "$T/root" -- bash -c 'echo kept >/root/kept; sync'
	run -0 guest --module stock --root "$T/root" -- cat /root/kept
	[ "$output" = kept ]
	run -1 guest --module stock -- test -e /root/kept
	run -190 guest --module stock --root "$T" true
}

@test "an int3 of the emulator's before init is no verdict on the first boot; it is on the second, and later" {
	# shellcheck disable=SC2016  # expanded in the guest
	run -0 guest --module stock --root "$T/slips" --put "$T/trouble/trouble.ko" -- bash -c '
		cp trouble.ko /root
		cat >/root/slips <<-"END"
			#!/bin/sh
			mount -o remount,rw /
			echo >>/root/boots
			[ $(wc -l </root/boots) -gt $(cat /root/slipping) ] && exec /usr/lib/guest/init
			sync
			insmod /root/trouble.ko kind=int3
		END
		chmod +x /root/slips; echo 1 >/root/slipping; sync'
	local slips=(guest --module stock --accel tcg --root "$T/slips" --cmdline init=/root/slips)
	# shellcheck disable=SC2016  # expanded in the guest
	run -0 --separate-stderr "${slips[@]}" -- bash -c '
		wc -l </root/boots; echo 4 >/root/slipping; sync'
	[ "$output" = 2 ]
	[[ $stderr == *"before init: once more"* ]]
	run -194 "${slips[@]}" true
	[[ $output == *"once more"*"the guest's kernel reported:"*"int3: 0000 [#1]"* ]]
	run -194 guest --module stock --accel tcg --put "$T/trouble/trouble.ko" \
		bash -c 'insmod trouble.ko kind=int3; sleep 50'
	[[ $output != *"once more"* ]]
}
