#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hook under the real runtimes. In the guest:
#   tests/guest/run --disk 1G --put build/hook/oci-syncfs-hook \
#       --put tests/hook -- bats hook

setup_file() {
	load lib
	HOOK=$(hook_binary)
	data_disk
	start_syslog
	export HOOK D LOG SYSLOGD
}

teardown_file() {
	load lib
	stop_syslog
	umount "$D"
}

setup() {
	load lib
}

teardown() {
	local name
	for name in "$D"/*/rootfs; do
		name=$(basename "$(dirname "$name")")
		runc delete -f "$name" 2>/dev/null || true
		crun delete -f "$name" 2>/dev/null || true
		umount "$D/$name/rootfs" 2>/dev/null || true
	done
}

WRITE='dd if=/dev/zero of=/data bs=1M count=4 2>/dev/null'

# The container's data reaches the disk by the hook, and not without it.
syncs_at_delete() {
	local runtime=$1 name=$1-sync
	overlay "$name"
	bundle "$name" "$WRITE"
	add_hook "$name" poststop "$HOOK"
	run_to_end "$runtime" "$name"
	run ! on_disk "$D/$name/upper/data"
	"$runtime" delete "$name"
	wait_record "$name"
	[ "$(records "$name" | wc -l)" = 1 ]
	records "$name" | grep -Eq \
		'stage=poststop mount=[^ ]+ upper=ext4 mode=per-overlay duration=[0-9]+\.[0-9]{6}s errno=- result=synced$'
	on_disk "$D/$name/upper/data"
}

@test "runc: the data of a stopped container is down after delete" {
	syncs_at_delete runc
}

@test "crun: the data of a stopped container is down after delete" {
	syncs_at_delete crun
}

@test "without the hook it is not" {
	overlay control
	bundle control "$WRITE"
	run_to_end runc control
	runc delete control
	run ! on_disk "$D/control/upper/data"
}

# createRuntime is what prestart is called now; both stages in one run.
prestart_and_poststop() {
	local runtime=$1 name=$1-both
	overlay "$name"
	bundle "$name" 'echo ran >/ran'
	echo early >"$D/$name/rootfs/early"
	add_hook "$name" createRuntime "$HOOK"
	add_hook "$name" poststop "$HOOK"
	run_to_end "$runtime" "$name"
	"$runtime" delete "$name"
	[ -s "$D/$name/upper/ran" ]
	records "$name"
	[ "$(records "$name" | wc -l)" = 2 ]
	records "$name" | sed -n 1p | grep -q 'stage=prestart .*result=synced$'
	records "$name" | sed -n 2p | grep -q 'stage=poststop .*result=synced$'
}

@test "runc: the stage is told from the state" {
	prestart_and_poststop runc
}

@test "crun: the stage is told from the state" {
	prestart_and_poststop crun
}

# A rootfs that is no overlay, and what a failure at prestart does.
blocks_at_prestart() {
	local runtime=$1 name=$1-plain
	bundle "$name" 'echo ran >/ran'
	cp -a "$D/lower/." "$D/$name/rootfs/"
	add_hook "$name" createRuntime "$HOOK" --stage prestart --strict
	run ! run_to_end "$runtime" "$name"
	[ ! -e "$D/$name/rootfs/ran" ]
	records "$name" | grep -q 'stage=prestart .*result=skipped: not an overlay: rootfs "rootfs" is ext4'
}

@test "runc: a failing prestart keeps the container from starting" {
	blocks_at_prestart runc
}

@test "crun: a failing prestart keeps the container from starting" {
	blocks_at_prestart crun
}

# poststop_error RUNTIME NAME [OPTION]: our hook fails, the next one leaves a
# mark if it is run.
poststop_error() {
	local runtime=$1 name=$2
	shift 2
	bundle "$name" 'true'
	cp -a "$D/lower/." "$D/$name/rootfs/"
	add_hook "$name" poststop "$HOOK" "$@"
	add_hook "$name" poststop /bin/touch "$D/$name/mark"
	run_to_end "$runtime" "$name"
	"$runtime" delete "$name"
	records "$name" | grep -q 'stage=poststop .*result=skipped: not an overlay: rootfs "rootfs" is ext4'
}

@test "runc: a failure at poststop does not get in the way of the next hook" {
	poststop_error runc runc-lax
	[ -e "$D/runc-lax/mark" ]
}

@test "crun: a failure at poststop does not get in the way of the next hook" {
	poststop_error crun crun-lax
	[ -e "$D/crun-lax/mark" ]
}

@test "runc: --strict lets it: the next hook is not run" {
	poststop_error runc runc-strict --strict
	[ ! -e "$D/runc-strict/mark" ]
}

@test "a volatile overlay is skipped, and said to be" {
	overlay vol volatile
	bundle vol "$WRITE"
	add_hook vol poststop "$HOOK" --strict
	run_to_end crun vol
	crun delete vol
	records vol | grep -q 'stage=poststop .*result=skipped: volatile$'
	run ! on_disk "$D/vol/upper/data"
}

@test "a rootfs that was unmounted before is not synced in place of itself" {
	overlay early
	bundle early "$WRITE"
	add_hook early poststop "$HOOK"
	run_to_end runc early
	umount "$D/early/rootfs"
	dd if=/dev/zero of="$D/neighbour" bs=1M count=4 2>/dev/null
	run ! on_disk "$D/neighbour"
	runc delete early
	records early | grep -q 'result=skipped: not an overlay: rootfs "rootfs" is ext4 (unmounted already?)'
	run ! on_disk "$D/neighbour"
}

@test "a directory in somebody else's overlay is not synced either" {
	overlay outer
	mkdir -p "$D/outer/rootfs/in/rootfs"
	printf '{"root":{"path":"rootfs"}}' >"$D/outer/rootfs/in/config.json"
	dd if=/dev/zero of="$D/outer/rootfs/file" bs=1M count=1 2>/dev/null
	run -1 "$HOOK" --strict <<<"{\"id\":\"in\",\"status\":\"stopped\",\"bundle\":\"$D/outer/rootfs/in\"}"
	[[ $output == *"is inside an overlay but none is mounted there"* ]]
	run ! on_disk "$D/outer/upper/file"
}

@test "a symlink to another container's overlay is refused" {
	overlay victim
	mkdir "$D/attacker"
	ln -s ../victim/rootfs "$D/attacker/rootfs"
	dd if=/dev/zero of="$D/victim/rootfs/file" bs=1M count=1 2>/dev/null
	local path
	for path in rootfs rootfs/ "$D/attacker/rootfs" ../victim/rootfs; do
		printf '{"root":{"path":"%s"}}' "$path" >"$D/attacker/config.json"
		run -1 "$HOOK" --strict <<<"{\"id\":\"a\",\"status\":\"stopped\",\"bundle\":\"$D/attacker\"}"
		[[ $output == *"result=error: rootfs \"$path\""* ]]
	done
	run ! on_disk "$D/victim/upper/file"
}

@test "works without environment, output, PATH, and in another directory" {
	overlay bare
	printf '{"root":{"path":"rootfs"}}' >"$D/bare/config.json"
	echo x >"$D/bare/rootfs/data"
	local state="{\"id\":\"bare\",\"status\":\"stopped\",\"bundle\":\"$D/bare\"}"
	(
		cd /proc/self
		printf %s "$state" | env -i "$HOOK" --strict >&- 2>&-
	)
	records bare | grep -q 'result=synced$'
	on_disk "$D/bare/upper/data"
}

@test "an engine that does not read the hook's output does not stop it" {
	overlay unread
	printf '{"root":{"path":"rootfs"}}' >"$D/unread/config.json"
	local state="{\"id\":\"unread\",\"status\":\"stopped\",\"bundle\":\"$D/unread\"}"
	# A pipe whose reader is gone: SIGPIPE, if it were not ignored.
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	: <"$BATS_TEST_TMPDIR/pipe" &
	printf %s "$state" | "$HOOK" --strict 2>"$BATS_TEST_TMPDIR/pipe"
	records unread | grep -q 'result=synced$'
}

@test "the fragments in oci-config merge into a bundle and work" {
	[ -d oci-config ] || [ -d "$BATS_TEST_DIRNAME/../../oci-config" ]
	local dir=oci-config
	[ -d $dir ] || dir=$BATS_TEST_DIRNAME/../../oci-config
	install -D "$HOOK" /usr/libexec/oci/hooks.d/oci-syncfs-hook
	local runtime
	for runtime in runc crun; do
		local name=$runtime-fragment
		overlay "$name"
		bundle "$name" "$WRITE"
		(
			cd "$D/$name"
			# As oci-config/README.md has it.
			jq --slurpfile f "$OLDPWD/$dir/$runtime/hooks.json" '.hooks.poststop += $f[0].hooks.poststop' config.json >new
			mv new config.json
		)
		run_to_end $runtime "$name"
		$runtime delete "$name"
		records "$name" | grep -q 'stage=poststop .*result=synced$'
	done
	rm /usr/libexec/oci/hooks.d/oci-syncfs-hook
}
