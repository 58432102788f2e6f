# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by run: the virtual machine, from its command line to its end. Uses
# run's options and files; sets timed_out, qemu_status and console_size.
# shellcheck disable=SC2154,SC2034  # run's and verdict.sh's variables

# Seconds. A guest that has not started its command by then never will.
boot_limit=120

# by_descriptor FILE MODE: sets REPLY to a name that is good in the build root
# too, wherever FILE is.
by_descriptor() {
	local fd
	case $2 in
	rw) exec {fd}<>"$1" ;;
	ro) exec {fd}<"$1" ;;
	esac
	REPLY=/dev/fd/$fd
}

# disk_arguments: the data disks in order, the job last.
disk_arguments() {
	local n=0 disk drive serial
	for disk in "${disks[@]}" job; do
		n=$((n + 1)) serial=disk$n
		case $disk in
		new:*)
			REPLY=$work/disk$n
			truncate -s "${disk#new:}" "$REPLY"
			;;
		file:*) by_descriptor "${disk#file:}" rw ;;
		job) REPLY=$work/job.tar serial=job ;;
		esac
		drive="if=none,id=$serial,format=raw,file=$REPLY"
		if [ "$serial" = job ]; then
			drive+=,readonly=on
		else
			# The guest sees a volatile write cache and flushes it; the host's
			# disk need not take part: a reset does not lose the host's memory.
			drive+=,cache=unsafe,discard=unmap
			[ -z "$throttle" ] || drive+=$(throttle_options)
		fi
		qemu+=(-drive "$drive" -device "virtio-blk-pci,drive=$serial,serial=$serial")
	done
}

throttle_options() {
	printf ',throttling.bps-total=%d000000' "${throttle%,*}"
	case $throttle in
	*,*) printf ',throttling.iops-total=%d' "${throttle#*,}" ;;
	esac
}

# port_arguments NUMBER FILE: a virtio-serial port, /dev/vport0pNUMBER.
port_arguments() {
	: >"$2"
	qemu+=(-chardev "file,id=port$1,path=$2"
		-device "virtserialport,chardev=port$1,nr=$1")
}

qemu_arguments() {
	local words=(root=/dev/nvme0n1 rootwait rw init=/usr/lib/guest/init
		console=ttyS0 ignore_loglevel oops=panic panic=-1 unknown_nmi_panic
		sysrq_always_enabled random.trust_cpu=on net.ifnames=0
		# A busy host may keep the timer from ticking while that is tested.
		no_timer_check)
	local drive
	qemu=(qemu-system-x86_64 -nodefaults -no-user-config -no-reboot
		-display none -machine pc -m "$memory" -smp "$cpus")
	case $accel in
	# Without 5-level page tables: a longer walk for nothing, and an interrupt
	# while a KASAN kernel looks at its processor is reported as a wild access.
	tcg)
		qemu+=(-cpu "max,la57=off")
		if [ -n "$icount" ]; then
			qemu+=(-accel "tcg,thread=single" -icount shift=0)
		else
			qemu+=(-accel "tcg,thread=multi")
		fi
		;;
	kvm) qemu+=(-accel kvm -cpu host) ;;
	esac
	by_descriptor "$BZIMAGE" ro
	qemu+=(-kernel "$REPLY" -append "${words[*]}$cmdline")
	# The monitor and the console's input are for ask_machine. Held open here,
	# as QEMU's opening a pipe waits for the other end.
	mkfifo "$work/monitor.in" "$work/monitor.out" "$work/keys"
	exec {monitor}<>"$work/monitor.in" {keys}<>"$work/keys"
	: >"$work/console"
	qemu+=(-chardev "pipe,id=monitor,path=$work/monitor" -mon chardev=monitor
		-chardev "file,id=console,path=$work/console,input-path=$work/keys"
		-serial "chardev:console" -device virtio-serial-pci)
	port_arguments 1 "$work/output"
	port_arguments 2 "$work/status"
	port_arguments 3 "$work/files"
	if [ -n "$root_file" ]; then
		by_descriptor "$root_file" rw
		drive="if=none,id=root,format=raw,file=$REPLY,cache=unsafe"
	else
		drive="if=none,id=root,format=raw,file=$image,snapshot=on,cache=unsafe"
	fi
	qemu+=(-drive "$drive"
		-device "nvme,drive=root,serial=root")
	disk_arguments
}

start_machine() {
	qemu_arguments
	started=${EPOCHREALTIME/./}
	# The build root is entered by exec only, so $! is QEMU itself, and in the
	# current folder, which it might not have. QEMU must not outlive this shell,
	# however that ends. TMPDIR takes root's snapshot.
	{
		cd "$work" && TMPDIR=$work exec setpriv --pdeathsig KILL "$BUILDROOT" "${qemu[@]}"
	} </dev/null >"$work/qemu" 2>&1 &
	qemu_pid=$!
	tail -c +1 -f -s 0.1 --pid="$qemu_pid" "$work/output" 2>/dev/null &
	tail_pid=$!
}

# elapsed: seconds since power-on.
elapsed() {
	local us=$((${EPOCHREALTIME/./} - started))
	printf '%d.%02d' $((us / 1000000)) $((us / 10000 % 100))
}

# note_progress: what --verbose says, when it happens; gives the command its time.
note_progress() {
	local lines
	[ "$noted" -lt 2 ] || return 0
	mapfile -t lines <"$work/status"
	while [ "$noted" -lt ${#lines[@]} ]; do
		case ${lines[noted]} in
		up) verbosely "$(elapsed) s from power-on to init" ;;
		command)
			verbosely "$(elapsed) s from power-on to the first command"
			deadline=$((${EPOCHREALTIME/./} + timeout * 1000000))
			;;
		esac
		noted=$((noted + 1))
	done
}

# ask_machine: before a hung guest is killed, make it show what is blocked and
# where its processors are; by NMI if it does not even answer the serial port.
ask_machine() {
	local key size
	[ "$console_size" != 0 ] || return 0
	for key in w l; do
		size=$(stat -c %s "$work/console")
		echo 'chardev-send-break console' >&"$monitor"
		sleep 0.3
		printf %s "$key" >&"$keys"
		sleep 0.7
	done
	[ "$(stat -c %s "$work/console")" = "$size" ] || return 0
	echo nmi >&"$monitor"
	timeout 10 tail -f -s 0.1 --pid="$qemu_pid" /dev/null || true
}

# follow_machine: until the guest has ended or its time is up.
follow_machine() {
	local tick noted=0 deadline=$((started + boot_limit * 1000000))
	timed_out='' qemu_status=0
	# A pipe nobody writes to: a pause without a process.
	exec {tick}<> <(:)
	while kill -0 "$qemu_pid" 2>/dev/null; do
		read -rt 0.05 -u "$tick" || true
		note_progress
		[ "${EPOCHREALTIME/./}" -gt "$deadline" ] || continue
		timed_out=$([ "$noted" -lt 2 ] && echo boot || echo command)
		# What is asked for now is no report of the kernel's own.
		console_size=$(stat -c %s "$work/console")
		ask_machine
		kill -KILL "$qemu_pid" 2>/dev/null || true
		break
	done
	wait "$qemu_pid" 2>/dev/null || qemu_status=$?
	qemu_pid=''
	wait "$tail_pid" 2>/dev/null || true
	tail_pid=''
	[ -n "$timed_out" ] || console_size=$(stat -c %s "$work/console")
	verbosely "$(elapsed) s from power-on to the end ($accel)"
}
