#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# oci-config against the rules of its readers: hooks.d schema 1.0.0
# (oci-hooks(5)) and the hooks of the OCI runtime specification.
#
# shellcheck disable=SC2016  # the variables are jq's

setup() {
	bats_require_minimum_version 1.5.0
	C=$BATS_TEST_DIRNAME/../../../oci-config
	HOOK_PATH=/usr/libexec/oci/hooks.d/oci-syncfs-hook
}

# each FILTER FILE...: that it holds for every one; jq's own status is the last's.
each() {
	local filter=$1 f
	shift
	for f; do
		jq -e --arg p "$HOOK_PATH" --argjson d "${DEFAULT:-null}" "$filter" "$f" ||
			{ echo "not so: $f"; return 1; }
	done
}

@test "hooks.d: version, members and types are those of schema 1.0.0" {
	local f
	for f in "$C"/{podman,crio}/*.json; do
		echo "$f"
		jq -e '
			(keys - ["version", "hook", "when", "stages"] == []) and
			.version == "1.0.0" and
			(.hook | keys - ["path", "args", "env", "timeout"] == []) and
			(.hook.path | type == "string" and startswith("/")) and
			(.hook.args | type == "array" and all(type == "string")) and
			(.hook.timeout | type == "number" and . > 0 and . == floor) and
			(.when | keys - ["always", "annotations", "commands", "hasBindMounts", "or"] == []) and
			(.when.annotations | type == "object" and length > 0) and
			(.stages | type == "array" and length > 0)
		' "$f"
	done
}

@test "hooks.d: only stages that readers know, and that the hook knows" {
	each '.stages | all(IN("prestart", "poststop"))' "$C"/{podman,crio}/*.json
	# What the hook is told is what it is registered for.
	each '.stages == [.hook.args[(.hook.args | index("--stage")) + 1]]' \
		"$C"/{podman,crio}/*.json
}

@test "hooks.d: the patterns are anchored and mean one annotation" {
	local f
	for f in "$C"/{podman,crio}/*.json; do
		jq -e '.when.annotations | to_entries | all(
			(.key | startswith("^") and endswith("$")) and
			(.value | startswith("^") and endswith("$")))' "$f"
		# matches NAME VALUE, as the readers decide it.
		matches() {
			jq -e --arg k "$1" --arg v "$2" '.when.annotations |
				to_entries | all(.key as $kr | .value as $vr |
					($k | test($kr)) and ($v | test($vr)))' "$f"
		}
		matches io.overlay-syncfs.enable true
		run -1 matches io.overlay-syncfs.enable false
		run -1 matches io.overlay-syncfs.enable untrue
		run -1 matches io.overlay-syncfs.enabled true
		run -1 matches x.io.overlay-syncfs.enable true
		run -1 matches ioXoverlay-syncfsXenable true
	done
}

@test "the same hook under the same file name, or it would run twice" {
	# podman and CRI-O read the same folders; a file of the same name in a
	# later folder replaces one in an earlier.
	[ "$(basename -a "$C"/{podman,crio}/*.json | sort -u)" = overlay-syncfs.json ]
	each '.hook.path == $p' "$C"/{podman,crio}/*.json
	each '[.hooks[][].path] == [$p]' "$C"/{runc,crun}/*.json
	[ "$(sed '/^#/d' "$C/criu/default.conf")" = "action-script $HOOK_PATH" ]
	# And that is where make install puts it.
	MAKEFLAGS='' make -n -C "$C/../hook" install DESTDIR= |
		grep -q "[[:space:]]$HOOK_PATH\$"
}

@test "runtime fragments: known stages, absolute paths, a first argument" {
	local f
	for f in "$C"/{runc,crun}/*.json; do
		jq -e '
			(keys == ["hooks"]) and
			(.hooks | keys - ["prestart", "createRuntime", "createContainer",
				"startContainer", "poststart", "poststop"] == []) and
			# These two run inside the container.
			(.hooks | has("createContainer") or has("startContainer") | not) and
			([.hooks[][]] | all(
				(keys - ["path", "args", "env", "timeout"] == []) and
				(.path | startswith("/")) and
				(.args[0] == (.path | split("/") | last)) and
				(.timeout > 0)))
		' "$f"
	done
}

@test "the engine's time limit leaves room for the hook's own" {
	DEFAULT=$(sed -n 's/^#define TIMEOUT_DEFAULT //p' "$C/../hook/src/policy.h")
	each '.hook.timeout > $d' "$C"/{podman,crio}/*.json
	each '[.hooks[][].timeout] | all(. > $d)' "$C"/{runc,crun}/*.json
}

@test "the README's one-liner adds to the hooks that are there" {
	local fragment line
	line=$(grep "jq --slurpfile.*config.json" "$C/README.md")
	[ -n "$line" ]
	cd "$BATS_TEST_TMPDIR"
	for fragment in "$C"/{runc,crun}/hooks.json; do
		echo '{"ociVersion":"1.0.0","hooks":{"poststop":[{"path":"/first"}],"prestart":[{"path":"/p"}]}}' >config.json
		cp "$fragment" hooks.json
		eval "$line"
		jq -e '.ociVersion == "1.0.0" and .hooks.prestart == [{path: "/p"}] and
			(.hooks.poststop | length == 2 and .[0].path == "/first")' config.json
		echo '{"ociVersion":"1.0.0"}' >config.json
		eval "$line"
		jq -e '.hooks.poststop | length == 1' config.json
	done
}
