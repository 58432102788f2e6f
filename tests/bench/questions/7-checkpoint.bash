# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# How long a checkpoint freezes A, which has "own" dirty, beside B with 256 MiB.
# CRIU's action script makes the container durable while it is frozen (post-dump);
# with pre-dump=yes also before, so that little is left for then.

# action_script: what the hook does at these points.
action_script() {
	cat >/run/action <<-SCRIPT
		#!/bin/sh
		case \$CRTOOLS_SCRIPT_ACTION in
		pre-dump) [ ${cell[pre-dump]} = no ] || sync -f /proc/\$CRTOOLS_INIT_PID/root/ ;;
		post-dump) sync -f /proc/\$CRTOOLS_INIT_PID/root/ ;;
		esac
	SCRIPT
	chmod +x /run/action
	mkdir -p /etc/criu
	echo 'action-script /run/action' >/etc/criu/default.conf
}

question_7() {
	local upper times
	make_image
	action_script
	container b 'dd if=/dev/zero of=/big bs=1M count=256 2>/dev/null'
	container a "dd if=/dev/zero of=/data bs=1M count=${cell[own]%M} 2>/dev/null"
	upper=$(upper_of a)
	until [ -e "$upper/ready" ]; do sleep 0.1; done
	upper=$(upper_of b)
	until [ -e "$upper/ready" ]; do sleep 0.1; done
	times=$(engine container checkpoint --print-stats a)
	result '{}' frozen_seconds="$(jq '.container_statistics[0].criu_statistics.frozen_time / 1e6' <<<"$times")" \
		neighbour_mib="$(dirty_mib "$upper/big")"
	engine rm -fa -t 0 >/dev/null
}
