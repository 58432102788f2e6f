#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The spec, as far as Debian's rpm can tell.

load lib

setup_file() {
	local tarball=("$TOP"/build/deb/overlay-syncfs_*.tar.xz)
	[ -e "${tarball[0]}" ] || {
		echo "there is no source package in build/deb; run first: make deb" >&2
		return 1
	}
	export T=$BATS_FILE_TMPDIR/rpm
	mkdir -p "$T"
	tar -xf "${tarball[0]}" -C "$T" --strip-components=1 --wildcards '*/trees'
	rpmbuild --define "_topdir $T" --define 'debug_package %{nil}' --nodeps \
		--define "kernel_source $(kernel_source)" --define 'kernel_series 6.12' \
		--define 'kernel_id 6.12.5-200.fc99' -ta "${tarball[0]}" >"$T/log" 2>&1 ||
		{ tail -n 30 "$T/log" && return 1; }
}

# kernel_source: a kernel's source as it was before our patches, which are those of
# the series 6.12.
kernel_source() {
	local trees=("$T"/trees/6.12.*)
	echo "$OVERLAY_SYNCFS_CACHE/source/${trees[0]##*/}"
}

contents() {
	rpm -qpl "$T"/RPMS/*/"$1"-[0-9]*.rpm
}

@test "rpmlint has nothing to say about the spec and the packages" {
	local rc=0
	rpmlint -c "$TOP/packaging/rpm/rpmlint.toml" "$TOP/packaging/rpm/overlay-syncfs.spec" \
		"$T"/{S,}RPMS/{*/,}*.rpm >"$T/rpmlint" || rc=$?
	cat "$T/rpmlint"
	[ $rc = 0 ]
	grep -q ' 0 errors, 0 warnings' "$T/rpmlint"
}

@test "the source package has the spec and the sources, of the Debian package's version" {
	run -0 rpm -qp --qf '%{name} %{version}\n' "$T"/SRPMS/*.src.rpm
	[ "$output" = "overlay-syncfs $(dpkg-deb -f "$TOP"/build/deb/oci-syncfs-hook_*.deb Version)" ]
}

@test "the hook has the same files as on Debian" {
	local f
	run -0 contents oci-syncfs-hook
	for f in bin/oci-syncfs-hook libexec/oci/hooks.d/oci-syncfs-hook share/containers/oci/hooks.d/overlay-syncfs.json \
		share/bash-completion/completions/oci-syncfs-hook share/man/man1/oci-syncfs-hook.1 \
		share/man/man5/oci-syncfs-hook.json.5 share/man/man8/oci-syncfs-hook.8; do
		[[ $output == *"/usr/$f"* ]]
	done
}

@test "the module's package has the tree of the kernel that was given, and no other" {
	run -0 contents overlay-syncfs-dkms
	[[ $output == */trees/6.12.5-200.fc99/fs/overlayfs/sync.c* ]]
	[[ $output == */trees/6.12.5-200.fc99/fs/internal.h* ]]
	[ "$(grep -c '/trees/[^/]*$' <<<"$output")" = 1 ]
	mkdir "$T/x"
	(cd "$T/x" && rpm2cpio "$T"/RPMS/noarch/*.rpm | cpio -id --quiet)
	# As Debian's, of the same source.
	diff -r "$T"/trees/6.12.* "$T"/x/usr/src/*/trees/6.12.5-200.fc99
	# Its kernel is known by its name, and dkms.conf has a version.
	run -0 env kernelver=6.12.5-200.fc99.x86_64 arch=x86_64 kernel_source_dir=/none dkms_tree=/ \
		bash -c ". $T/x/usr/src/*/dkms.conf; echo \"\$BUILD_EXCLUSIVE_KERNEL \$PACKAGE_VERSION\""
	[ "$output" = " $(rpm -qp --qf '%{version}' "$T"/RPMS/noarch/*.rpm)" ]
	run -0 env kernelver=6.12.6-200.fc99.x86_64 arch=x86_64 kernel_source_dir=/none dkms_tree=/ \
		bash -c ". $T/x/usr/src/*/dkms.conf; echo \"\$BUILD_EXCLUSIVE_KERNEL\""
	[ "$output" = "^none$" ]
}

@test "the module's scriptlets are clean under shellcheck" {
	rpm -qp --scripts "$T"/RPMS/noarch/*.rpm | sed 's/^[a-z]* scriptlet.*//' >"$T/scripts"
	grep -q 'dkms remove' "$T/scripts"
	shellcheck -s sh "$T/scripts"
}

@test "without a kernel's source there is the hook alone" {
	run -0 rpmspec -q --qf '%{name}\n' "$TOP/packaging/rpm/overlay-syncfs.spec"
	[[ $output == *oci-syncfs-hook* ]]
	[[ $output != *-dkms* ]]
}

@test "a kernel's source without its series and ID, or of another series, is refused" {
	run ! rpmspec -q --define 'kernel_source /none' --define 'kernel_series 6.12' \
		"$TOP/packaging/rpm/overlay-syncfs.spec"
	[[ $output == *"without kernel_series and kernel_id"* ]]
	run ! "$TOP/kernel/apply" "$(kernel_source)" 5.10 "$BATS_TEST_TMPDIR/tree"
	[[ $output == *"no patches for kernel 5.10; supported:"*6.12* ]]
}
