#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is in the Debian packages, as `make deb` left them.

load lib

setup_file() {
	unpack overlay-syncfs-dkms
	unpack oci-syncfs-hook
}

files() {
	(cd "$P" && find . -path ./DEBIAN -prune -o ! -type d -print | sort)
}

@test "the packages are two, of one version that names every kernel of kernel/patches" {
	local kernel version
	run -0 bash -c "cd '$TOP/build/deb' && ls -- *.deb | wc -l"
	[ "$output" = 2 ]
	P=$BATS_FILE_TMPDIR/overlay-syncfs-dkms
	version=$(field Version)
	for kernel in "$TOP"/kernel/patches/*; do
		[[ $version == *"+${kernel##*/}."* ]]
	done
	P=$BATS_FILE_TMPDIR/oci-syncfs-hook
	[ "$(field Version)" = "$version" ]
}

@test "dkms: one complete tree for each kernel, with the engine in it" {
	local kernel trees tree
	P=$BATS_FILE_TMPDIR/overlay-syncfs-dkms
	trees=$P/usr/src/overlay-syncfs-$(field Version)/trees
	for kernel in "$TOP"/kernel/patches/*; do
		tree=("$trees/${kernel##*/}".*)
		[ ${#tree[@]} = 1 ]
		cmp "$TOP/kernel/overlayfs/sync.c" "${tree[0]}/fs/overlayfs/sync.c"
		# As patched: what the kernel calls comes from the engine.
		grep -q 'ovl_suspect_add' "${tree[0]}/fs/overlayfs/copy_up.c" "${tree[0]}/fs/overlayfs/file.c"
		[ -e "${tree[0]}/fs/internal.h" ]
	done
	run -0 bash -c "ls '$trees' | wc -l"
	[ "$output" = "$(find "$TOP/kernel/patches" -mindepth 1 -maxdepth 1 | wc -l)" ]
	# Nothing else is in the source than C, and what builds it; nothing of headers that
	# are not those of the kernel that dkms builds for.
	run -0 find "$trees" -type f ! -name '*.[ch]' ! -name Makefile ! -name Kconfig ! -path '*/fs/probe'
	[ -z "$output" ]
	run -0 find "$trees" -name compat_probed.h
	[ -z "$output" ]
}

@test "dkms: the kernels' source packages are named, as their license asks for" {
	local tree
	P=$BATS_FILE_TMPDIR/overlay-syncfs-dkms
	for tree in "$P"/usr/src/*/trees/*; do
		[[ $(field Built-Using) == *"linux (= ${tree##*/})"* ]]
	done
}

@test "dkms: depends on dkms and what that signs with, has the initramfs made anew" {
	P=$BATS_FILE_TMPDIR/overlay-syncfs-dkms
	[[ $(field Depends) == *dkms* ]]
	[[ $(field Depends) == *openssl* ]]
	[ "$(field Architecture)" = all ]
	grep -qx 'activate-noawait update-initramfs' "$P/DEBIAN/triggers"
	[ -x "$P/usr/share/overlay-syncfs-dkms/report" ]
	[ -s "$P/usr/share/doc/overlay-syncfs-dkms/README.Debian" ]
}

@test "hook: exactly these files" {
	P=$BATS_FILE_TMPDIR/oci-syncfs-hook
	diff <(files) - <<-'END'
		./usr/bin/oci-syncfs-hook
		./usr/libexec/oci/hooks.d/oci-syncfs-hook
		./usr/share/bash-completion/completions/oci-syncfs-hook
		./usr/share/containers/oci/hooks.d/overlay-syncfs.json
		./usr/share/doc/oci-syncfs-hook/changelog.gz
		./usr/share/doc/oci-syncfs-hook/copyright
		./usr/share/doc/oci-syncfs-hook/examples/README.md
		./usr/share/doc/oci-syncfs-hook/examples/cdi/overlay-syncfs.json
		./usr/share/doc/oci-syncfs-hook/examples/containerd/base-spec.json
		./usr/share/doc/oci-syncfs-hook/examples/containerd/config.toml
		./usr/share/doc/oci-syncfs-hook/examples/containerd/default-runtime.toml
		./usr/share/doc/oci-syncfs-hook/examples/containerd/nri.toml
		./usr/share/doc/oci-syncfs-hook/examples/crio/overlay-syncfs.json
		./usr/share/doc/oci-syncfs-hook/examples/criu/default.conf
		./usr/share/doc/oci-syncfs-hook/examples/criu/runc.conf
		./usr/share/doc/oci-syncfs-hook/examples/crun/hooks.json
		./usr/share/doc/oci-syncfs-hook/examples/kubernetes/Containerfile
		./usr/share/doc/oci-syncfs-hook/examples/kubernetes/README.md
		./usr/share/doc/oci-syncfs-hook/examples/kubernetes/daemonset.yaml
		./usr/share/doc/oci-syncfs-hook/examples/kubernetes/install
		./usr/share/doc/oci-syncfs-hook/examples/kubernetes/pods.yaml
		./usr/share/doc/oci-syncfs-hook/examples/kubernetes/runtimeclass.yaml
		./usr/share/doc/oci-syncfs-hook/examples/podman/containers.conf
		./usr/share/doc/oci-syncfs-hook/examples/podman/overlay-syncfs.json
		./usr/share/doc/oci-syncfs-hook/examples/runc/hooks.json
		./usr/share/man/man1/oci-syncfs-hook.1.gz
		./usr/share/man/man5/oci-syncfs-hook.json.5.gz
		./usr/share/man/man8/oci-syncfs-hook.8.gz
	END
	# Installing it must not give any container a hook: only the annotation does.
	jq -e '.when | keys == ["annotations"]' "$P/usr/share/containers/oci/hooks.d/overlay-syncfs.json"
	[ "$(jq -r .hook.path "$P/usr/share/containers/oci/hooks.d/overlay-syncfs.json")" = \
		/usr/libexec/oci/hooks.d/oci-syncfs-hook ]
}

@test "hook: it is found by its name, and is the one that engines start" {
	P=$BATS_FILE_TMPDIR/oci-syncfs-hook
	run -0 readlink -m "$P/usr/bin/oci-syncfs-hook"
	[ "$output" = "$(readlink -m "$P")/usr/libexec/oci/hooks.d/oci-syncfs-hook" ]
	# Relative, or it would lead out of a chroot.
	[[ $(readlink "$P/usr/bin/oci-syncfs-hook") != /* ]]
}

@test "hook: the program runs, and needs the libraries that the package depends on" {
	P=$BATS_FILE_TMPDIR/oci-syncfs-hook
	run -0 "$P/usr/libexec/oci/hooks.d/oci-syncfs-hook" --version
	[[ $output == "oci-syncfs-hook "* ]]
	[[ $(field Depends) == *libjson-c5*libseccomp2* ]]
	# Built as a distribution builds: PIE, and nothing to be relocated late.
	readelf -hd "$P/usr/libexec/oci/hooks.d/oci-syncfs-hook" >"$BATS_TEST_TMPDIR/elf"
	grep -q 'Type:.*DYN' "$BATS_TEST_TMPDIR/elf"
	grep -q 'FLAGS.*BIND_NOW\|FLAGS_1.*NOW' "$BATS_TEST_TMPDIR/elf"
}

@test "maintainer scripts are clean under shellcheck" {
	local script
	for script in "$BATS_FILE_TMPDIR"/*/DEBIAN/{preinst,postinst,prerm,postrm}; do
		[ -e "$script" ] || continue
		# What dh_dkms writes is its own: unquoted words, $? and so on.
		sed '/^# Automatically added by/,/^# End automatically/d' "$script" |
			shellcheck -s sh -
	done
	shellcheck "$BATS_FILE_TMPDIR/overlay-syncfs-dkms/usr/share/overlay-syncfs-dkms/report"
	shellcheck "$BATS_FILE_TMPDIR"/overlay-syncfs-dkms/usr/src/*/dkms.conf
}
