
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel/probe.mk, which kernel/apply adds to overlayfs' own Makefile: what
# compat.h asks of the headers that the module is built with, whoever builds it.
filechk_probe = sh $(src)/../probe $(srctree)

$(obj)/compat_probed.h: FORCE
	$(call filechk,probe)

$(addprefix $(obj)/,$(overlay-objs)): $(obj)/compat_probed.h
clean-files += compat_probed.h
