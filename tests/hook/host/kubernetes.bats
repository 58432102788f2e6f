#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# oci-config/kubernetes: the manifests against Kubernetes' own API, and the script
# that puts things on a node, on folders.
#
# Seen failing: each manifest with a member misspelt, one that is required taken out,
# a number in quotes; the installer's tests with the line that each is about taken out.

setup() {
	bats_require_minimum_version 1.5.0
	C=$BATS_TEST_DIRNAME/../../../oci-config
	K=$C/kubernetes
	HOST=$BATS_TEST_TMPDIR/host
	IMAGE=$BATS_TEST_TMPDIR/image
}

manifests() {
	"$BATS_TEST_DIRNAME/kubernetes-types" "$@"
}

@test "the manifests are objects of Kubernetes' API" {
	run -0 manifests "$K"/*.yaml
	[ "$output" = "apps/v1 DaemonSet overlay-syncfs
v1 Pod synced-by-containerd
v1 Pod synced-by-crio
node.k8s.io/v1 RuntimeClass overlay-syncfs" ]
}

@test "the check of the manifests sees what is misspelt, missing, or of another type" {
	# bad WHAT SED
	bad() {
		sed "$2" "$K/daemonset.yaml" >"$BATS_TEST_TMPDIR/bad.yaml"
		run ! cmp "$K/daemonset.yaml" "$BATS_TEST_TMPDIR/bad.yaml"
		run -1 manifests "$BATS_TEST_TMPDIR/bad.yaml"
		echo "$output"
		[[ $output == *"$1"* ]]
	}
	bad initContainer 's/initContainers:/initContainer:/'
	bad tolerations 's/- operator: Exists/operator: Exists/'
	bad selector '/^  selector:/,/name:/d'
	bad hostPath 's/path: \/etc\/containerd$/paths: \/etc\/containerd/'
	bad runAsUser 's/runAsUser: 0/runAsUser: "0"/'
	bad kind 's/^kind: .*/kind: DaemonSets/'
}

@test "the DaemonSet: what it selects, mounts and may do" {
	python3 - "$K/daemonset.yaml" <<-'END' >"$BATS_TEST_TMPDIR/json"
		import json, sys, yaml
		print(json.dumps(yaml.safe_load(open(sys.argv[1]))))
	END
	jq -e '.spec as $s | $s.selector.matchLabels == $s.template.metadata.labels' "$BATS_TEST_TMPDIR/json"
	jq -e '.spec.template.spec | (.volumes | map(.name)) as $v |
		([.initContainers[], .containers[]] | all(.volumeMounts // [] | all(.name | IN($v[])))) and
		# A folder of the node is where install looks for it: below /host, by its own path.
		([.initContainers[0].volumeMounts[] | .mountPath] ==
			[.volumes[] | "/host" + .hostPath.path])' "$BATS_TEST_TMPDIR/json"
	# No more of the node than these folders, and no privileges.
	jq -e '.spec.template.spec | (.hostPID or .hostNetwork or .hostIPC | not) and
		.automountServiceAccountToken == false and
		([.initContainers[], .containers[]] | all(.securityContext |
			.privileged != true and .allowPrivilegeEscalation == false and
			.capabilities.drop == ["ALL"]))' "$BATS_TEST_TMPDIR/json"
}

@test "the RuntimeClass, the pod and containerd's configuration name one handler" {
	grep -q '^handler: overlay-syncfs$' "$K/runtimeclass.yaml"
	grep -q 'runtimeClassName: overlay-syncfs$' "$K/pods.yaml"
	grep -q 'containerd.runtimes.overlay-syncfs\]$' "$C/containerd/config.toml"
}

# image: the folder that the Containerfile makes; a shell script is the hook.
image() {
	local f
	mkdir -p "$IMAGE" "$HOST"
	printf '#!/bin/sh\necho hook\n' >"$IMAGE/oci-syncfs-hook"
	while read -r f; do
		cp "$C/../$f" "$IMAGE"
	done < <(grep -o '^	oci-config/[^ ]*' "$K/Containerfile" | tr -d '\t')
	[ -x "$IMAGE/install" ]
}

@test "install: on a node with CRI-O" {
	image
	run -0 "$IMAGE/install" "$HOST"
	echo "$output"
	cmp "$IMAGE/oci-syncfs-hook" "$HOST/usr/libexec/oci/hooks.d/oci-syncfs-hook"
	[ "$(stat -c %a "$HOST/usr/libexec/oci/hooks.d/oci-syncfs-hook")" = 755 ]
	cmp "$C/crio/overlay-syncfs.json" "$HOST/etc/containers/oci/hooks.d/overlay-syncfs.json"
	[ "$(stat -c %a "$HOST/etc/containers/oci/hooks.d/overlay-syncfs.json")" = 644 ]
	[ ! -e "$HOST/etc/containerd" ]
	# The program first: what names it is read at any time.
	[[ $output == *"installed /usr/libexec/"*"installed /etc/containers/"* ]]
}

@test "install: on a node with containerd; again; an update" {
	image
	mkdir -p "$HOST/etc/containerd"
	printf 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\nx = 1\n' >"$HOST/etc/containerd/config.toml"
	run -0 "$IMAGE/install" "$HOST"
	[[ $output == *"systemctl restart containerd"* ]]
	cmp "$C/containerd/base-spec.json" "$HOST/etc/containerd/overlay-syncfs.json"
	python3 - "$HOST/etc/containerd/config.toml" <<-'END'
		import sys, tomllib
		cri = tomllib.load(open(sys.argv[1], "rb"))["plugins"]["io.containerd.grpc.v1.cri"]
		assert cri["x"] == 1, cri
		# As the others: they do not say that systemd makes their cgroups.
		runtimes = cri["containerd"]["runtimes"]
		assert runtimes["overlay-syncfs"]["options"]["SystemdCgroup"] is False, cri
		# The default one must be named, once another is.
		assert set(runtimes) == {"overlay-syncfs", "runc"}, runtimes
	END
	cp "$HOST/etc/containerd/config.toml" "$BATS_TEST_TMPDIR/before"
	echo '# new' >>"$IMAGE/oci-syncfs-hook"
	run -0 "$IMAGE/install" "$HOST"
	[[ $output == *"installed /usr/libexec"*"overlay-syncfs.json is up to date"* ]]
	[[ $output != *"restart containerd"* ]]
	cmp "$HOST/etc/containerd/config.toml" "$BATS_TEST_TMPDIR/before"
	grep -q '# new' "$HOST/usr/libexec/oci/hooks.d/oci-syncfs-hook"
	run find "$HOST" -name '*.new'
	[ -z "$output" ]
}

@test "install: cgroups by systemd where the node's other containers have them so" {
	image
	mkdir -p "$HOST/etc/containerd"
	cat >"$HOST/etc/containerd/config.toml" <<-'END'
		version = 2
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
		  SystemdCgroup = true
	END
	"$IMAGE/install" "$HOST"
	[ "$(grep -c 'SystemdCgroup = true' "$HOST/etc/containerd/config.toml")" = 2 ]
	# It has named its own.
	run ! grep -q 'runtimes.runc\]' "$HOST/etc/containerd/config.toml"
}

@test "install: a runtime that is there already, however it is quoted, is not added again" {
	local q
	image
	mkdir -p "$HOST/etc/containerd"
	for q in '' '"' "'"; do
		printf 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.%soverlay-syncfs%s]\nx = 1\n' \
			"$q" "$q" >"$HOST/etc/containerd/config.toml"
		run -0 "$IMAGE/install" "$HOST"
		[[ $output == *"config.toml has the runtime overlay-syncfs" ]]
	done
	# One that is commented out is not there, nor is the default one, nor what it says.
	printf '%s\n' 'version = 2' '# [plugins.cri.containerd.runtimes.overlay-syncfs]' \
		'# SystemdCgroup = true' >"$HOST/etc/containerd/config.toml"
	run -0 "$IMAGE/install" "$HOST"
	[[ $output == *"added the runtime overlay-syncfs"* ]]
	grep -q '^[^#]*runtimes.runc\]' "$HOST/etc/containerd/config.toml"
	run ! grep -q '^[^#]*SystemdCgroup = true' "$HOST/etc/containerd/config.toml"
}

@test "install: a configuration that it does not know is left alone, and told" {
	image
	mkdir -p "$HOST/etc/containerd"
	echo 'version = 3' >"$HOST/etc/containerd/config.toml"
	run -1 "$IMAGE/install" "$HOST"
	[[ $output == *"error: /etc/containerd/config.toml is not of version 2; add the runtime"* ]]
	[ "$(cat "$HOST/etc/containerd/config.toml")" = 'version = 3' ]
	# What was done by hand is enough.
	sed 's/grpc.v1.cri/cri.v1.runtime/' "$C/containerd/config.toml" >>"$HOST/etc/containerd/config.toml"
	run -0 "$IMAGE/install" "$HOST"
}
