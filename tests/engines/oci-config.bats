#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The files of oci-config in the programs that read them: CRI-O's by the library that
# CRI-O reads it with, which is podman's; containers.conf, CDI; CRIU's, and which of
# them runc and crun have CRIU read. containerd's: containerd.bats. In the guest:
#   tests/guest/run --image engines --disk 2G --put build/hook/oci-syncfs-hook \
#       --put tests/hook --put tests/engines --put oci-config -- bats engines/oci-config.bats

setup_file() {
	load ../hook/lib
	HOOK=$(hook_binary)
	data_disk
	start_syslog
	install -D "$HOOK" /usr/libexec/oci/hooks.d/oci-syncfs-hook
	export HOOK D LOG SYSLOGD CONFIG=$PWD/oci-config
	tar -C "$D/lower" -c . | pod import -q - localhost/busybox >&2
	mkdir -p /etc/criu /etc/cdi /etc/containers/containers.conf.d
}

teardown_file() {
	load ../hook/lib
	stop_syslog
	umount -l "$D"
}

setup() {
	load ../hook/lib
	NAME=c$BATS_TEST_NUMBER
	rm -f /etc/criu/*.conf /etc/cdi/* /etc/containers/containers.conf.d/*
}

teardown() {
	pod rm -f -t 0 "$NAME" 2>/dev/null || true
	runc delete -f "$NAME" 2>/dev/null || true
	crun delete -f "$NAME" 2>/dev/null || true
	! mountpoint -q "$D/$NAME/rootfs" || umount -l "$D/$NAME/rootfs"
}

pod() {
	podman "${GLOBAL[@]}" --root "$D/containers" --runroot "$D/run" --storage-driver overlay \
		--cgroup-manager cgroupfs --events-backend none --runtime crun "$@" 3>&-
}

# runs [OPTION...]: a container that writes, and ends. Sets ID.
runs() {
	pod run --name "$NAME" --network none "$@" localhost/busybox sh -c 'echo x >/data' || return
	ID=$(pod inspect --format '{{.ID}}' "$NAME")
}

synced() {
	wait_record "$ID"
	[ "$(records "$ID" | grep -c 'stage=poststop .*mode=per-overlay .*result=synced$')" = 1 ]
	[ "$(records "$ID" | wc -l)" = 1 ]
}

@test "CRI-O's file, by the library that reads it: the annotation and no other" {
	GLOBAL=(--hooks-dir "$CONFIG/crio")
	runs --annotation io.overlay-syncfs.enable=true
	synced
	pod rm "$NAME"
	runs --annotation io.overlay-syncfs.enabled=true --annotation ioXoverlay-syncfsXenable=true
	[ -z "$(records "$ID")" ]
}

@test "the library does look at the file: a bad expression, stage, version; none" {
	local edit
	GLOBAL=(--hooks-dir "$BATS_TEST_TMPDIR")
	for edit in '.when.annotations = {"(": "^true$"}' '.stages = ["poststopped"]' \
		'.version = "2.0.0"' 'del(.stages)' 'del(.hook.path)'; do
		echo "$edit"
		jq "$edit" "$CONFIG/crio/overlay-syncfs.json" >"$BATS_TEST_TMPDIR/overlay-syncfs.json"
		run ! runs --annotation io.overlay-syncfs.enable=true
		[[ $output == *"setting up OCI Hooks"* ]]
		pod rm -f -t 0 "$NAME"
	done
}

@test "containers.conf: every container has the annotation, and what others add stays" {
	install -D -m 644 "$CONFIG/podman/containers.conf" /etc/containers/containers.conf.d/overlay-syncfs.conf
	printf '[containers]\nannotations = ["x.y=z"]\n' >/etc/containers/containers.conf.d/a.conf
	# A folder that podman reads only because this file says so.
	install -D -m 644 -t /etc/containers/oci/hooks.d "$CONFIG/podman/overlay-syncfs.json"
	runs
	synced
	[ "$(pod inspect "$NAME" | jq -c '.[0].Config.Annotations | [."x.y", ."io.overlay-syncfs.enable"]')" = '["z","true"]' ]
	rm -r /etc/containers/oci
}

@test "CDI: the device is the hook" {
	install -D -m 644 -t /etc/cdi "$CONFIG/cdi/overlay-syncfs.json"
	runs --device overlay-syncfs.io/hook=poststop
	synced
}

# checkpoint RUNTIME: of a container that is running, which goes on.
checkpoint() {
	local i
	"$1" --log "$B/out" run -d -b "$B" "$NAME" >/dev/null 2>&1 </dev/null 3>&-
	for ((i = 0; i < 300; i++)); do
		[ ! -e "$B/rootfs/ready" ] || break
		sleep 0.1
	done
	PID=$("$1" state "$NAME" | jq .pid)
	"$1" checkpoint --image-path "$B/images" --leave-running "$NAME" >"$B/out" 2>&1 ||
		{ cat "$B/out"; tail -n 20 "$B/images/dump.log"; return 1; }
	"$1" delete -f "$NAME"
}

# scripted: how often CRIU ran the script at pre-dump and at post-dump.
scripted() {
	local stage
	for stage in pre-dump post-dump; do
		grep -c "stage=$stage mount=/proc/$PID/root .*result=synced$" "$LOG" || true
	done | xargs
}

criu_bundle() {
	overlay "$NAME"
	bundle "$NAME" ': >/ready; while :; do sleep 1; done'
}

@test "CRIU: default.conf, under runc and under crun: once for each action" {
	install -m 644 -t /etc/criu "$CONFIG/criu/default.conf"
	criu_bundle
	checkpoint runc
	[ "$(scripted)" = "1 1" ]
	rm -r "$B/images" "$B/rootfs/ready"
	checkpoint crun
	[ "$(scripted)" = "1 1" ]
}

@test "CRIU: runc.conf: twice under runc, not at all under crun" {
	install -m 644 -t /etc/criu "$CONFIG/criu/runc.conf"
	criu_bundle
	checkpoint runc
	[ "$(scripted)" = "2 2" ]
	rm -r "$B/images" "$B/rootfs/ready"
	checkpoint crun
	[ "$(scripted)" = "0 0" ]
}

@test "CRIU: the annotation org.criu.config, instead of runc.conf; not by crun" {
	criu_bundle
	jq --arg f "$CONFIG/criu/default.conf" '.annotations["org.criu.config"] = $f' \
		"$B/config.json" >"$B/config.new"
	mv "$B/config.new" "$B/config.json"
	install -m 644 -t /etc/criu "$CONFIG/criu/runc.conf"
	checkpoint runc
	[ "$(scripted)" = "2 2" ]
	rm -r "$B/images" "$B/rootfs/ready"
	checkpoint crun
	[ "$(scripted)" = "0 0" ]
	# Named nothing, runc.conf is not read either.
	jq '.annotations["org.criu.config"] = ""' "$B/config.json" >"$B/config.new"
	mv "$B/config.new" "$B/config.json"
	rm -r "$B/images" "$B/rootfs/ready"
	checkpoint runc
	[ "$(scripted)" = "0 0" ]
}
