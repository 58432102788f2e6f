#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Blocks that files come to share: xfs and btrfs.

# power-cut knows one device.
# bats file_tags=not-xfs-extlog

load ../paths

# It fails if no extent is shared with another file.
shared='sh filefrag -v g | grep -q shared'

path "FICLONE" 'open f r f' 'open g rwc g' 'clone g f' 'close g' 'sh cmp f g' "$shared"
path "FICLONE of a dirty file over a dirty file" \
	'open f rw f' 'write f 0 256K' 'open g rwc g' 'write g 0 256K' 'clone g f' \
	'close g' 'close f' 'sh cmp f g' "$shared"
path "FICLONE of a lower file" 'open l r l' 'open g rwc g' 'clone g l' 'close g' 'sh cmp l g'
path "a write to what FICLONE has shared" 'open f r f' 'open g rwc g' 'clone g f' 'close g' \
	synced 'open g rw g' 'write g 64K 64K' 'close g' 'sh cmp -n 65536 f g'
path "FICLONERANGE" 'open f rw f' 'open g rwc g' 'write g 0 256K' \
	'clonerange g 64K f 0 128K' 'close g' 'sh cmp -n 131072 f g 0 65536' "$shared"
path "FIDEDUPERANGE of dirty files" 'open f rw f' 'write f 0 256K' 'open g rwc g' \
	'sendfile g f 256K' 'dedupe g 0 f 0 256K' 'close g' 'close f' 'sh cmp f g' "$shared"
