#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest: run a container that changes its root file system and then rests;
# leave on the terminal what is there; checkpoint it; cut the power at once.
#
#   checkpoint.sh ENGINE HOW
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. crash/lib.sh

# A file of each kind, changes of what the image has, and one that is open.
# shellcheck disable=SC2016  # expanded in the container
script='dd if=/dev/urandom of=/data bs=1M count=4
mkdir -p /folder/in/it; for i in $(seq 200); do echo $i >/folder/in/it/$i; done
rm /image/1; chmod 600 /image/2; echo more >>/image/3; mv /image/4 /renamed; rm -r /gone
ln -s /data /link; ln /data /hard; mkfifo /fifo; echo x >/tmp/file
exec 3>/open; echo line >&3
: >/ready
while :; do sleep 1; done'

quiet_flusher
make_fs "$DISK1"
mkfs.ext4 -q "$DISK2"
mount_disks
mkdir -p /up/lower/{bin,proc,dev,sys,tmp,image,gone}
cp /usr/bin/busybox /up/lower/bin/busybox
ln -s busybox /up/lower/bin/sh
for i in 1 2 3 4; do echo "$i" >/up/lower/image/$i; done
echo x >/up/lower/gone/file

mkdir -p /etc/criu
[ "$how" = none ] || echo "action-script $PWD/oci-syncfs-hook" >/etc/criu/default.conf
[ "$how" != stock-walk ] || echo '{"fallback":"walk"}' >/etc/oci-syncfs-hook.json

run_in_bundle() {
	mkdir -p $B/{upper,work,rootfs}
	runc spec -b $B
	jq --arg script "$script" '.process.terminal = false | .root.readonly = false |
		.process.args = ["/bin/sh", "-c", $script]' $B/config.json >$B/config.new
	mv $B/config.new $B/config.json
	mount_overlay
	# All but what the container does.
	sync
	"$engine" --log /dev/null run -d -b $B c >/dev/null 2>&1
	upper=$B/upper
}

run_by_podman() {
	tar -C /up/lower -c . | pod import - localhost/image
	pod create --name c --network none localhost/image sh -c "$script"
	upper=$(pod inspect --format '{{.GraphDriver.Data.UpperDir}}' c)
	sync
	pod start c
	# For verify.sh, which has no podman to ask: its database may be lost.
	echo "$upper" >/images/upper
}

case $engine in
podman) run_by_podman ;;
*) run_in_bundle ;;
esac
for ((i = 0; i < 600; i++)); do
	[ ! -e "$upper/ready" ] || break
	sleep 0.1
done
rootfs "$upper" | sed 's/^/manifest: /'
case $engine in
podman) pod container checkpoint --leave-running c ;;
runc) runc checkpoint --image-path /images/c c ;;
crun) crun checkpoint --image-path /images/c --leave-running c ;;
esac
sync -f /images
exec guest-reset
