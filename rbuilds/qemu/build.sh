#!/bin/sh
# A QEMU that has the machine `nitro-enclave`, and its path as the last line: the distribution's if
# it has it, otherwise one built from Debian's source as rbuilds/lock.txt pins it, once a machine.
# spec/qemu-build.md says why. usage: rbuilds/qemu/build.sh (from anywhere)
set -eu
cd "$(dirname "$0")/../.."

fail() { # STATUS TEXT
	echo "qemu: $2" >&2
	exit "$1"
}
. rbuilds/cache.sh

has_machine() { "$1" -M help 2>/dev/null | grep -q '^nitro-enclave '; }

# Only what an enclave's machine needs: TCG and KVM, vhost-user for vsock, CBOR and hashes for the NSM.
OPTIONS='--target-list=x86_64-softmmu --without-default-features --without-default-devices
	--with-devices-x86_64=nitro --enable-system --enable-tcg --enable-kvm --enable-vhost-user
	--enable-libcbor --enable-gnutls --enable-seccomp --enable-fdt=system --disable-docs --disable-werror
	--disable-install-blobs --disable-download'

unpack() { # FOLDER: the source with Debian's mends and ours, and the tools that configure it
	tar -xJf "$source" -C "$1" --strip-components=1
	tar -xJf "$mends" -C "$1"
	while read -r name; do
		case $name in '' | '#'*) continue ;; esac
		patch -s -d "$1" -p1 <"$1/debian/patches/$name" ||
			fail 1 "Debian's patch $name does not apply"
	done <"$1/debian/patches/series"
	for patch in rbuilds/qemu/*.patch; do
		patch -s -d "$1" -p1 <"$patch" || fail 1 "$patch does not apply to this source"
	done
	dpkg-deb --extract "$meson" "$1/tools"
	cp rbuilds/qemu/nitro.mak "$1/configs/devices/x86_64-softmmu/nitro.mak"
}
make_qemu() { # FOLDER
	target=$1
	work=$target/work
	mkdir "$work"
	echo '  UNPACK qemu' >&2
	unpack "$work"
	echo '  CONFIGURE qemu' >&2
	# shellcheck disable=SC2086
	(cd "$work" && PYTHONPATH="$PWD/tools/usr/lib/python3/dist-packages" ./configure \
		--python=/usr/bin/python3 $OPTIONS >configure.log 2>&1) || {
		tail -n 20 "$work/configure.log" >&2
		fail 1 "its configuration failed: the lines above are its last"
	}
	(cd "$work" && PYTHONPATH="$PWD/tools/usr/lib/python3/dist-packages" NINJA_STATUS='  QEMU %f/%t ' \
		ninja -C build qemu-system-x86_64) >&2 || fail 1 'it does not compile: see above'
	mkdir -p "$target/bin" "$target/share/qemu"
	install -s -m 755 "$work/build/qemu-system-x86_64" "$target/bin/qemu-system-x86_64"
	dpkg-deb --extract "$data" "$work/data"
	for blob in qboot.rom linuxboot_dma.bin; do
		install -m 644 "$work/data/usr/share/qemu/$blob" "$target/share/qemu/$blob"
	done
	rm -rf "$work"
	has_machine "$target/bin/qemu-system-x86_64" ||
		fail 1 'it was built, and has no machine nitro-enclave all the same'
}

if [ "${1:-}" = --into ]; then
	source=$(rbuilds/fetch.sh qemu:orig)
	mends=$(rbuilds/fetch.sh qemu:debian)
	meson=$(rbuilds/fetch.sh meson)
	data=$(rbuilds/fetch.sh qemu-system-data)
	make_qemu "$2"
	exit
fi
if has_machine qemu-system-x86_64; then
	command -v qemu-system-x86_64
	exit
fi
built qemu "$(key rbuilds/qemu/build.sh rbuilds/qemu/nitro.mak rbuilds/qemu/*.patch \
	"$(pinned qemu:orig qemu:debian qemu-system-data meson)")" rbuilds/qemu/build.sh --into
echo "$cache/qemu/bin/qemu-system-x86_64"
