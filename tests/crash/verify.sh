#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the guest, after the power cut: are the layers, before anybody mounts them,
# and overlay a as the manifest says?
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. ./lib.sh

mount_upper
manifest /up/a >/tmp/manifest
mount_overlay a
manifest /mnt/a >>/tmp/manifest
diff manifest /tmp/manifest
