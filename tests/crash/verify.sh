#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest, after the power cut: is overlay a as the manifest says?
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. ./lib.sh

mount_upper
mount_overlay a
manifest /mnt/a >/tmp/manifest
diff manifest /tmp/manifest
