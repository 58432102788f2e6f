# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# How long a checkpoint freezes A, which has "own" dirty, beside B with 256 MiB.
# CRIU's action script is the hook: it makes the container durable while it is frozen
# (post-dump); with pre-dump=yes also before, so that little is left for then.

# action_script: the hook, but for pre-dump=no; what it has recorded is kept.
action_script() {
	rm -f /run/records
	cat >/run/action <<-SCRIPT
		#!/bin/sh
		[ ${cell[pre-dump]} = yes ] || [ "\$CRTOOLS_SCRIPT_ACTION" != pre-dump ] || exit 0
		exec $PWD/oci-syncfs-hook criu --timeout 3600 2>>/run/records
	SCRIPT
	chmod +x /run/action
	mkdir -p /etc/criu
	echo 'action-script /run/action' >/etc/criu/default.conf
}

# synced_at STAGE: what the hook has recorded says so.
synced_at() {
	grep -q " stage=$1 .* result=synced" /run/records
}

question_7() {
	local upper big times frozen mib
	make_image
	warm_engine
	action_script
	container b 'dd if=/dev/zero of=/big bs=1M count=256 2>/dev/null'
	container a "dd if=/dev/zero of=/data bs=1M count=${cell[own]%M} 2>/dev/null"
	upper=$(folder_of a Upper)
	big=$(folder_of b Upper)/big
	need_dirty "$upper/data" "${cell[own]}"
	need_dirty "$big" 256M
	times=$(engine container checkpoint --print-stats a)
	mib=$(dirty_mib "$big")
	synced_at post-dump || complain "the hook did not sync at post-dump: $(cat /run/records)"
	case ${cell[pre-dump]} in
	yes) synced_at pre-dump ;;
	no) ! synced_at pre-dump ;;
	esac || complain "pre-dump=${cell[pre-dump]}, but: $(cat /run/records)"
	durable "$upper/data"
	frozen=$(jq '.container_statistics[0].criu_statistics.frozen_time / 1e6' <<<"$times")
	result '{}' frozen_seconds="$frozen" neighbour_mib="$mib"
	remove_all
}
