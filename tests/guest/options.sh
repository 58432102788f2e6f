# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by run: its options. Sets the variables below, and command.
# shellcheck disable=SC2034  # they are read by run's other parts

usage() {
	cat <<'END'
Usage: tests/guest/run [OPTION]... [--] COMMAND [ARGUMENT]...
       tests/guest/run [OPTION]... --prepare

Boots a guest with a distribution kernel and the stock or the patched
overlay.ko, runs COMMAND in it as root, prints what it prints, and ends with
its exit status. Nothing is kept from one run to the next, unless asked for.

What runs:
  --kernel VERSION      distribution kernel: a folder's name in
                        kernel/patches (6.12); or VERSION-debug, of the same
                        source with all checkers: it is given twice the
                        memory and four times the time
  --kernel-image FILE   a kernel of one's own instead: its bzImage ...
  --modules-dir DIR     ... and its /lib/modules/RELEASE folder
  --module WHICH        overlay module: stock, patched, or a file (patched:
                        build/kernel/VERSION/overlay.ko)
  --image PROFILE       what is installed: a file in tests/guest/packages
                        (base)
  --root FILE           use FILE as the root file system and keep it, made from
                        the image if it does not exist: another run with it
                        is a reboot
  --put PATH            copy a file or folder into the command's working
                        directory, under its own name; repeatable
  --out DIR             where to put what COMMAND leaves in $OUT
  --prepare             only make what a run with these options needs

The machine:
  --cpus N              processors (2)
  --memory MIB          memory (1024)
  --disk SIZE           a pristine disk for this run (512M, 4G); repeatable
  --disk-file FILE      an existing raw image, written to and kept; repeatable
                        In the guest $DISK1, $DISK2, ... in the order given.
  --throttle MB[,IOPS]  model disks of so many 10^6 bytes and, if given, so
                        many requests a second; each disk on its own
  --accel WHICH         tcg, kvm, or auto: KVM only if a trial boot on this
                        machine showed that it works (auto)
  --icount              the guest's clock counts instructions: one each
                        nanosecond (and tick of the time stamp counter), plus
                        what it is idle; one processor, emulated
  --cmdline STRING      appended to the kernel's command line; repeatable

How it ends:
  --timeout SECONDS     for COMMAND (300); the boot has a limit of its own
  --reset               COMMAND must end the guest by guest-reset, which cuts
                        the power: no sync, no umount; $OUT is lost
  --console FILE        keep the kernel's console there
  --verbose             say how long each part took
  --help                this text

Exit status: COMMAND's own (0 after an expected reset), or
  190  wrong usage
  191  something that is needed to run the guest is missing or failed
  192  the guest did not get as far as running COMMAND
  193  --timeout exceeded: COMMAND or the guest hangs
  194  the kernel reported a panic, oops, BUG, WARNING, blocked task, stall,
       or one of its debug checkers did; even if COMMAND returned 0
  195  the guest ended otherwise than asked for: without an exit status, or
       with one where --reset was given
Of 190 to 195, a line on stderr says what happened, from 192 on with the end
of the console.

In the guest: COMMAND's working directory holds what was --put there (on
tmpfs); stdin is /dev/null; stdout and stderr come out on stdout; $OUT, $DISK1
and so on are set. The end of a run is a power cut: what a --disk-file or a --root
is to keep, COMMAND syncs or unmounts itself.
END
}

bad_usage() {
	fail "$ST_USAGE" "$*; see tests/guest/run --help"
}

# is_number NAME VALUE
is_number() {
	[[ $2 =~ ^[1-9][0-9]*$ ]] || bad_usage "$1 needs a number above 0, not '$2'"
}

kernel=6.12 kernel_image='' modules_dir='' module=patched profile=base
root_file='' puts=() out='' prepare='' cpus=2 memory=1024 disks=() throttle=''
accel=auto icount='' cmdline='' timeout=300 reset='' console='' verbose=''

set_option() {
	case $1 in
	--kernel) kernel=$2 ;;
	--kernel-image) kernel_image=$2 ;;
	--modules-dir) modules_dir=$2 ;;
	--module) module=$2 ;;
	--image) profile=$2 ;;
	--root)
		if [ -e "$2" ] && { [ ! -f "$2" ] || [ ! -w "$2" ]; }; then
			bad_usage "--root $2: not a writable file"
		fi
		root_file=$2
		;;
	--put)
		[ -e "$2" ] || bad_usage "--put $2: there is no such file"
		puts+=("$2")
		;;
	--out) out=$2 ;;
	--cpus) is_number "$1" "$2" && cpus=$2 ;;
	--memory) is_number "$1" "$2" && memory=$2 ;;
	--disk)
		[[ $2 =~ ^[1-9][0-9]*[KMGT]?$ ]] ||
			bad_usage "--disk needs a size such as 512M, not '$2'"
		disks+=("new:$2")
		;;
	--disk-file)
		if [ ! -f "$2" ] || [ ! -w "$2" ]; then
			bad_usage "--disk-file $2: not a writable file; make one with: truncate -s 1G $2"
		fi
		disks+=("file:$(realpath "$2")")
		;;
	--throttle)
		[[ $2 =~ ^[1-9][0-9]*(,[1-9][0-9]*)?$ ]] ||
			bad_usage "--throttle needs MB[,IOPS], not '$2'"
		throttle=$2
		;;
	--accel)
		[[ $2 =~ ^(auto|tcg|kvm)$ ]] || bad_usage "--accel is auto, tcg or kvm, not '$2'"
		accel=$2
		;;
	--cmdline) cmdline+=" $2" ;;
	--timeout) is_number "$1" "$2" && timeout=$2 ;;
	--console) console=$2 ;;
	esac
}

parse_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel | --kernel-image | --modules-dir | --module | --image | \
			--root | --put | --out | --cpus | --memory | --disk | --disk-file | \
			--throttle | --accel | --cmdline | --timeout | --console)
			[ $# -ge 2 ] || bad_usage "$1 needs an argument"
			set_option "$1" "$2"
			shift 2
			;;
		--icount) icount=yes accel=tcg cpus=1 && shift ;;
		--reset) reset=yes && shift ;;
		--prepare) prepare=yes && shift ;;
		--verbose) verbose=yes && shift ;;
		--help) usage && exit 0 ;;
		--) shift && break ;;
		-*) bad_usage "unknown option $1" ;;
		*) break ;;
		esac
	done
	command=("$@")
	[ -z "$icount" ] || [ "$accel/$cpus" = tcg/1 ] ||
		bad_usage "--icount is with one processor, emulated"
	# A debug kernel's checkers take several times the time, and memory.
	case $kernel in
	*-debug)
		timeout=$((timeout * 4)) boot_limit=$((boot_limit * 4))
		memory=$((memory * 2))
		;;
	esac
	[ -n "$prepare" ] || [ $# -gt 0 ] || bad_usage "no command"
}
