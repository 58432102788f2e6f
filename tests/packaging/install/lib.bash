# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Loaded by the phases, in the guest.

load ../hook/lib

export PARAMETER=/sys/module/overlay/parameters/sync_upper_inodes
export DEBIAN_FRONTEND=noninteractive

# apt REPOSITORY COMMAND...: with nothing but that repository.
apt() {
	local repository=$1
	shift
	mkdir -p /srv/repository
	cp -r "$BATS_TEST_DIRNAME/../repository/." /srv/repository
	echo "deb [trusted=yes] file:/srv/repository/$repository ./" >/etc/apt/local.list
	apt-get -q -y -o Dir::Etc::sourcelist=/etc/apt/local.list \
		-o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root update
	apt-get -q -y -o Dir::Etc::sourcelist=/etc/apt/local.list \
		-o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root "$@"
}

# installed PACKAGE: its version, if it is.
installed() {
	dpkg-query -W -f '${db:Status-Abbrev} ${Version}' "$1" 2>/dev/null | sed -n 's/^ii *//p'
}

# in_initramfs: which overlay modules the running kernel's initramfs has.
in_initramfs() {
	lsinitramfs "/boot/initrd.img-$(uname -r)" | grep '/overlay\.ko'
}

# storage: podman's, on a disk of its own; an image of busybox; nothing is written
# unless somebody asks for it.
storage() {
	mkfs.ext4 -q -F "$DISK1"
	mkdir -p /var/lib/containers /etc/containers/containers.conf.d
	mount "$DISK1" /var/lib/containers
	printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' \
		>/etc/containers/containers.conf.d/guest.conf
	mkdir -p "$BATS_FILE_TMPDIR/box/bin"
	cp /usr/bin/busybox "$BATS_FILE_TMPDIR/box/bin"
	ln -s busybox "$BATS_FILE_TMPDIR/box/bin/sh"
	tar -C "$BATS_FILE_TMPDIR/box" -c . | podman import - box
	sysctl -q vm.dirty_writeback_centisecs=0 vm.dirty_expire_centisecs=360000
	sysctl -q vm.dirty_background_bytes=1000000000 vm.dirty_bytes=1500000000
}

# start NAME MIB [OPTION...]: a container that has written so much.
start() {
	local name=$1 mib=$2 i
	shift 2
	podman run -d --network none --name "$name" "$@" box \
		sh -c "busybox dd if=/dev/zero of=/data bs=1M count=$mib; busybox touch /ready; exec busybox sleep 3600" 3>&-
	upper=$(podman inspect -f '{{.GraphDriver.Data.UpperDir}}' "$name")
	for ((i = 0; i < 300; i++)); do
		[ ! -e "$upper/ready" ] || return 0
		sleep 0.1
	done
	return 1
}

# dirty FILE: MiB of it.
dirty() {
	echo $(($(fincore -b -n -o DIRTY "$1") >> 20))
}

# written: MiB that the disk has been sent.
written() {
	awk '{ print int($7 / 2048) }' "/sys/block/${DISK1##*/}/stat"
}

# stop_beside: container a, with 4 MiB dirty and the annotation, is stopped beside b,
# with 64 MiB. Sets what was written meanwhile, what was and is dirty, and a's id.
stop_beside() {
	local a b before
	# b after a: with the kernel's own module, a start may sync everything too.
	start a 4 --annotation io.overlay-syncfs.enable=true
	a=$upper
	start b 64
	b=$upper
	export stopped stop_written dirty_a_before dirty_a dirty_b
	stopped=$(podman inspect -f '{{.Id}}' a)
	dirty_a_before=$(dirty "$a/data")
	[ "$(dirty "$b/data")" -ge 60 ]
	before=$(written)
	podman stop -t 0 a
	stop_written=$(($(written) - before)) dirty_a=$(dirty "$a/data") dirty_b=$(dirty "$b/data")
	echo "# written: $stop_written MiB; dirty: a $dirty_a_before, then $dirty_a, b $dirty_b MiB" >&3
	podman rm -f -t 0 a b
}
