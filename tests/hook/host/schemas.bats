#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# oci-config against the schemas of those who define the formats (the OCI's runtime
# specification, CDI), and TOML and CRIU's files against their readers' rules. What
# the schemas leave open is in config.bats.
#
# Seen failing: with hooks that are an object, a hook without a path, a timeout in
# quotes, a kind without a vendor; each of the last tests with the line that it is
# about taken out or misspelt.

setup() {
	bats_require_minimum_version 1.5.0
	C=$BATS_TEST_DIRNAME/../../../oci-config
	GO=/usr/share/gocode/src
	OCI=$GO/github.com/opencontainers/runtime-spec/schema/config-schema.json
	CDI=$GO/tags.cncf.io/container-device-interface/schema/schema.json
	HOOK_PATH=/usr/libexec/oci/hooks.d/oci-syncfs-hook
}

# toml FILE: as JSON.
toml() {
	python3 -c 'import json, sys, tomllib; json.dump(tomllib.load(sys.stdin.buffer), sys.stdout)' <"$1"
}

# merged FRAGMENT: it in the smallest config.json that the schema takes.
merged() {
	jq '{ociVersion: "1.2.0", root: {path: "rootfs"}} + .' "$1" >"$BATS_TEST_TMPDIR/config.json"
	jv "$OCI" "$BATS_TEST_TMPDIR/config.json"
}

@test "the OCI's schema takes runc's and crun's hooks, and the base runtime spec" {
	merged "$C/runc/hooks.json"
	merged "$C/crun/hooks.json"
	jv "$OCI" "$C/containerd/base-spec.json"
	# And it does look at them.
	jq 'del(.hooks.poststop[0].path)' "$C/runc/hooks.json" >"$BATS_TEST_TMPDIR/bad"
	run ! merged "$BATS_TEST_TMPDIR/bad"
	jq '.hooks.poststop[0].timeout = "10"' "$C/runc/hooks.json" >"$BATS_TEST_TMPDIR/bad"
	run ! merged "$BATS_TEST_TMPDIR/bad"
}

@test "the base runtime spec has the hook of the fragments, and mounts no root of its own" {
	diff <(jq -S .hooks "$C/runc/hooks.json") <(jq -S .hooks "$C/containerd/base-spec.json")
	diff "$C/runc/hooks.json" "$C/crun/hooks.json"
	jq -e '.root.path == "rootfs" and .ociVersion != null and (.linux.namespaces | length > 0)' \
		"$C/containerd/base-spec.json"
}

@test "CDI's schema takes the device" {
	jv "$CDI" "$C/cdi/overlay-syncfs.json"
	jq 'del(.devices[0].containerEdits.hooks[0].hookName)' "$C/cdi/overlay-syncfs.json" >"$BATS_TEST_TMPDIR/bad"
	run ! jv "$CDI" "$BATS_TEST_TMPDIR/bad"
}

@test "CDI: the names and the hook are as its specification has them" {
	# A kind is VENDOR/CLASS, a vendor a domain; its rules for names.
	jq -e '(keys - ["cdiVersion", "kind", "annotations", "devices", "containerEdits"] == []) and
		(.cdiVersion | IN("0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0")) and
		(.kind | test("^[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?/[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?$")) and
		(.devices | all(.name | test("^[A-Za-z]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$")))' "$C/cdi/overlay-syncfs.json"
	# The same hook as everywhere, under CDI's name for the stage.
	diff <(jq -S '[.hooks | to_entries[] | .key as $k | .value[] | {hookName: $k} + .]' "$C/runc/hooks.json") \
		<(jq -S '.devices[0].containerEdits.hooks' "$C/cdi/overlay-syncfs.json")
}

@test "containers.conf: TOML, with tables and members that podman has, of its types" {
	toml "$C/podman/containers.conf" >"$BATS_TEST_TMPDIR/json"
	jq -e '(keys - ["containers", "engine"] == []) and
		(.containers | keys == ["annotations"]) and
		(.containers.annotations == ["io.overlay-syncfs.enable=true", {append: true}]) and
		(.engine | keys == ["hooks_dir"]) and
		(.engine.hooks_dir | all(startswith("/")))' "$BATS_TEST_TMPDIR/json"
	# What it sets is what the file for hooks.d asks for.
	jq -e --slurpfile h "$C/podman/overlay-syncfs.json" '(.containers.annotations[0] / "=") as [$k, $v] |
		$h[0].when.annotations | to_entries | all(.key as $kr | .value as $vr |
			($k | test($kr)) and ($v | test($vr)))' "$BATS_TEST_TMPDIR/json"
}

@test "containerd: TOML; the runtime names the file that the README and the installer make" {
	toml "$C/containerd/config.toml" >"$BATS_TEST_TMPDIR/json"
	jq -e '.plugins["io.containerd.grpc.v1.cri"].containerd.runtimes | keys == ["overlay-syncfs"]' \
		"$BATS_TEST_TMPDIR/json"
	jq -e '.plugins["io.containerd.grpc.v1.cri"].containerd.runtimes["overlay-syncfs"] |
		(keys - ["runtime_type", "base_runtime_spec", "pod_annotations", "options"] == []) and
		.base_runtime_spec == "/etc/containerd/overlay-syncfs.json" and
		.pod_annotations == ["io.overlay-syncfs.*"] and
		(.options.SystemdCgroup | type == "boolean")' "$BATS_TEST_TMPDIR/json"
	grep -q '/etc/containerd/overlay-syncfs.json' "$C/README.md"
	# It can be appended to Debian's own configuration, and that says where the rest is.
	{
		printf 'version = 2\n[plugins]\n  [plugins."io.containerd.grpc.v1.cri"]\n    x = 1\n'
		cat "$C"/containerd/{default-runtime,config,nri}.toml
	} >"$BATS_TEST_TMPDIR/all.toml"
	toml "$BATS_TEST_TMPDIR/all.toml" | jq -e '.plugins["io.containerd.grpc.v1.cri"].x == 1 and
		.plugins["io.containerd.nri.v1.nri"].disable == false and
		(.plugins["io.containerd.nri.v1.nri"].plugin_path | startswith("/"))'
}

@test "CRIU: each file is its action script alone, by its path" {
	local f
	for f in "$C"/criu/*.conf; do
		[ "$(sed 's/#.*//; /^$/d' "$f")" = "action-script $HOOK_PATH" ]
	done
}

@test "every file says, or its README does, where it goes and how to see that it works" {
	local f
	while read -r f; do
		echo "$f"
		case $f in
		*.json) grep -q "\`$f\`" "$C/README.md" ;;
		*/README.md | */install | */Containerfile) ;;
		kubernetes/*) grep -q 'To see that it works:' "$C/$f" ;;
		*)
			grep -q '^# Goes to: ' "$C/$f"
			grep -q 'To see that it works: ' "$C/$f"
			;;
		esac
	done < <(cd "$C" && find . -mindepth 2 -type f -printf '%P\n')
}
