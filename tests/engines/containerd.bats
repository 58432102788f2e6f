#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hook under containerd: with `ctr` and the base runtime spec as it is, and by way
# of CRI as a kubelet has it, with what the DaemonSet's image installs on a node. In
# the guest, with the image that has containerd; build/cri is of engines/cri-interface:
#   tests/guest/run --image engines --disk 2G --put build/hook/static \
#       --put build/hook/oci-syncfs-hook --put build/cri --put tests/hook \
#       --put tests/engines --put oci-config -- bats engines/containerd.bats
#
# Seen failing: those by way of CRI with containerd/config.toml alone, without
# default-runtime.toml, which is how that came to be; the comparison with
# containerd's own specification for its cgroup's name.

setup_file() {
	load ../hook/lib
	HOOK=$(hook_binary)
	data_disk
	# Nor because there is much of it.
	echo 80 >/proc/sys/vm/dirty_ratio
	echo 70 >/proc/sys/vm/dirty_background_ratio
	start_syslog
	export HOOK D LOG SYSLOGD
	export CONTAINERD_ADDRESS=/run/containerd/containerd.sock CONTAINERD_NAMESPACE=k8s.io
	CONFIG=$PWD/oci-config CRI_TOOL=$PWD/engines/cri
	export CONFIG CRI_TOOL
	protoc -I cri -I cri/github.com/gogo/protobuf/protobuf --include_imports \
		--descriptor_set_out=engines/cri.desc k8s.io/cri-api/pkg/apis/runtime/v1/api.proto
	images
	install_on_node >"$BATS_FILE_TMPDIR/install" || { cat "$BATS_FILE_TMPDIR/install"; return 1; }
	start_containerd
	ctr images import "$D/busybox.tar" >&2
	# One that nobody syncs.
	overlay neighbour
	dd if=/dev/zero of="$D/neighbour/rootfs/data" bs=1M count=64 2>/dev/null
}

teardown_file() {
	load ../hook/lib
	kill "$CONTAINERD" || true
	stop_syslog
	umount -l "$D/neighbour/rootfs" "$D"
}

setup() {
	load ../hook/lib
	NAME=c$BATS_TEST_NUMBER
}

teardown() {
	[ -z "$BATS_TEST_COMPLETED" ] || return 0
	tail -n 20 "$D/containerd.log"
	# bats waits for whoever has its output, a shim that goes on for one.
	[ -z "${POD:-}" ] || stop_pod || true
}

pod() {
	podman --root "$D/containers" --runroot "$D/run" --storage-driver overlay \
		--cgroup-manager cgroupfs --events-backend none --runtime crun "$@" 3>&-
}

# images: one to run, also as a pod's own container, and the DaemonSet's.
images() {
	tar -C "$D/lower" -c . | pod import -q --change 'CMD ["/bin/sh", "-c", "while :; do sleep 1000; done"]' \
		- localhost/busybox:latest >&2
	pod save -q --format oci-archive -o "$D/busybox.tar" localhost/busybox:latest >&2
	mkdir -p "$D/context/build/hook"
	cp -r "$CONFIG" "$D/context/oci-config"
	cp -r static "$D/context/build/hook/static"
	pod build -q --build-arg BASE=localhost/busybox:latest \
		-f "$CONFIG/kubernetes/Containerfile" -t localhost/overlay-syncfs "$D/context" >&2
}

# install_on_node: as the DaemonSet's init container has it.
install_on_node() {
	local folder volumes=()
	mkdir -p /etc/containerd
	for folder in $(yaml_host_paths); do
		mkdir -p "$folder"
		volumes+=(-v "$folder:/host$folder")
	done
	[ ${#volumes[@]} = 6 ]
	pod run --rm --network none --cap-drop all --read-only "${volumes[@]}" \
		localhost/overlay-syncfs /overlay-syncfs/install /host
}

yaml_host_paths() {
	awk '/hostPath:/ { getline; print $2 }' "$CONFIG/kubernetes/daemonset.yaml"
}

# start_containerd: on the disk that is looked at, with Debian's configuration, the
# runtime that was installed, and CDI and NRI, which are off in 1.7.
start_containerd() {
	local i
	sed -i 's|^  \[plugins."io.containerd.grpc.v1.cri"\]|&\n    sandbox_image = "localhost/busybox:latest"\n    enable_cdi = true|' \
		/etc/containerd/config.toml
	cat "$CONFIG/containerd/nri.toml" >>/etc/containerd/config.toml
	install -D -m 644 -t /etc/cdi "$CONFIG/cdi/overlay-syncfs.json"
	touch /etc/resolv.conf /etc/hosts
	containerd --root "$D/containerd" >"$D/containerd.log" 2>&1 3>&- &
	export CONTAINERD=$!
	for ((i = 0; i < 300; i++)); do
		! ctr version >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	tail -n 30 "$D/containerd.log"
	return 1
}

sectors() {
	awk '{ print $7 }' "/sys/class/block/${DISK1##*/}/stat"
}

# alone COMMAND...: that it writes the container's 4 MiB, and leaves the neighbour's 64
# where they are; and ends within the 10 s that containerd has for it, by containerd's
# word: the time here is that of an emulated processor, and of starting a client.
alone() {
	local written began=$SECONDS
	run ! on_disk "$D/neighbour/upper/data"
	written=$(sectors)
	"$@"
	written=$((($(sectors) - written) / 2048))
	echo "# $BATS_TEST_DESCRIPTION: $written MiB written in $((SECONDS - began)) s" >&3
	run ! grep -i 'deadline exceeded' "$D/containerd.log"
	[ "$written" -ge 4 ]
	[ "$written" -lt 24 ]
	run ! on_disk "$D/neighbour/upper/data"
}

# synced ID: one record, a good one.
synced() {
	wait_record "$1"
	[ "$(records "$1" | wc -l)" = 1 ]
	records "$1" | grep -q 'stage=poststop .*mode=per-overlay .*duration=[0-7]\..*result=synced$'
}

# wait_for COMMAND...
wait_for() {
	local i
	for ((i = 0; i < 150; i++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	echo "not in time: $*"
	return 1
}

WRITES='dd if=/dev/zero of=/data bs=1M count=4 2>/dev/null; : >/ready; while :; do sleep 1; done'

# pod_of HANDLER ANNOTATIONS CONTAINER: a pod of one container that writes, and
# stays; CONTAINER is what its configuration has besides. Sets POD, ID and UPPER.
pod_of() {
	local sandbox container
	sandbox=$(jq -nc --arg n "$NAME" --argjson a "$2" '{
		metadata: {name: $n, uid: $n, namespace: "default"}, annotations: $a,
		linux: {security_context: {namespace_options: {network: "NODE"}}}}')
	container=$(jq -nc --arg w "$WRITES" --argjson c "$3" '{
		metadata: {name: "main"}, image: {image: "localhost/busybox:latest"},
		command: ["/bin/sh", "-c", $w], linux: {}} + $c')
	POD=$("$CRI_TOOL" RunPodSandbox "$(jq -nc --arg h "$1" --argjson s "$sandbox" \
		'{config: $s, runtime_handler: $h}')" | jq -er .pod_sandbox_id)
	ID=$("$CRI_TOOL" CreateContainer "$(jq -nc --arg p "$POD" --argjson c "$container" \
		--argjson s "$sandbox" '{pod_sandbox_id: $p, config: $c, sandbox_config: $s}')" |
		jq -er .container_id)
	"$CRI_TOOL" StartContainer "{\"container_id\": \"$ID\"}"
	UPPER=$(sed -n "s|.* /run/containerd/io.containerd.runtime.v2.task/k8s.io/$ID/rootfs .*upperdir=\([^, ]*\).*|\1|p" \
		/proc/self/mountinfo)
	[ -n "$UPPER" ]
	wait_for [ -e "$UPPER/ready" ]
	run ! on_disk "$UPPER/data"
}

stop_container() {
	"$CRI_TOOL" StopContainer "{\"container_id\": \"$ID\", \"timeout\": 1}"
	wait_record "$ID"
}

stop_pod() {
	"$CRI_TOOL" StopPodSandbox "{\"pod_sandbox_id\": \"$POD\"}"
}

remove_pod() {
	"$CRI_TOOL" RemoveContainer "{\"container_id\": \"$ID\"}"
	stop_pod
	"$CRI_TOOL" RemovePodSandbox "{\"pod_sandbox_id\": \"$POD\"}"
	# The container is gone, and so is what it was mounted at.
	run ! ctr containers info "$ID"
	run ! grep -q "$ID" /proc/self/mountinfo
}

@test "the DaemonSet's container has installed hook and configuration" {
	cat "$BATS_FILE_TMPDIR/install"
	cmp static/oci-syncfs-hook /usr/libexec/oci/hooks.d/oci-syncfs-hook
	/usr/libexec/oci/hooks.d/oci-syncfs-hook --version
	cmp "$CONFIG/crio/overlay-syncfs.json" /etc/containers/oci/hooks.d/overlay-syncfs.json
	cmp "$CONFIG/containerd/base-spec.json" /etc/containerd/overlay-syncfs.json
	containerd config dump | grep -A1 'runtimes.overlay-syncfs\]' |
		grep -q 'base_runtime_spec = "/etc/containerd/overlay-syncfs.json"'
}

@test "containerd takes the configuration: CRI and NRI are up" {
	ctr plugins ls -d id==cri id==nri
	[ "$(ctr plugins ls | awk '$2 == "cri" { print $NF }')" = ok ]
	[ "$(ctr plugins ls | awk '$2 == "nri" { print $NF }')" = ok ]
	containerd config dump | grep -A2 'nri.v1.nri"\]' | grep -q 'disable = false'
}

@test "the base runtime spec is containerd's own, and the hook" {
	diff <(jq -S 'del(.hooks)' "$CONFIG/containerd/base-spec.json") <(ctr -n default oci spec | jq -S .)
	diff <(jq -S .hooks "$CONFIG/containerd/base-spec.json") <(jq -S .hooks "$CONFIG/runc/hooks.json")
}

@test "ctr: a container with the base runtime spec" {
	overlay "$NAME"
	jq --arg r "$B/rootfs" --arg w "$WRITES" '.root = {path: $r} | .process.args = ["/bin/sh", "-c", $w]' \
		"$CONFIG/containerd/base-spec.json" >"$B/spec.json"
	ctr run -d --config "$B/spec.json" "$NAME" >&2 3>&-
	wait_for [ -e "$B/rootfs/ready" ]
	run ! on_disk "$B/upper/data"
	stops() {
		ctr task kill -s KILL "$NAME"
		wait_for sh -c "ctr task ls | grep '$NAME.*STOPPED'"
		ctr task delete "$NAME" || true
		wait_record "$NAME"
	}
	alone stops
	synced "$NAME"
	on_disk "$B/upper/data"
	ctr containers delete "$NAME"
	run ! ctr containers info "$NAME"
	umount "$B/rootfs"
}

@test "CRI: a pod of the runtime overlay-syncfs, by the base runtime spec" {
	pod_of overlay-syncfs '{}' '{}'
	alone stop_container
	synced "$ID"
	on_disk "$UPPER/data"
	remove_pod
}

@test "CRI: the pod's annotations reach the hook" {
	pod_of overlay-syncfs '{"io.overlay-syncfs.enable": "false"}' '{}'
	stop_container
	# Whether its data is written is the shim's umount's to say, which comes next.
	records "$ID" | grep -q 'result=skipped: disabled by '
	remove_pod
}

@test "CRI: the device of the CDI specification" {
	pod_of '' '{}' '{"CDI_devices": [{"name": "overlay-syncfs.io/hook=poststop"}]}'
	alone stop_container
	synced "$ID"
	on_disk "$UPPER/data"
	remove_pod
}

@test "CRI: another pod has no hook" {
	pod_of '' '{"io.overlay-syncfs.enable": "true"}' '{}'
	"$CRI_TOOL" StopContainer "{\"container_id\": \"$ID\", \"timeout\": 1}"
	sleep 2
	[ -z "$(records "$ID")" ]
	remove_pod
}
