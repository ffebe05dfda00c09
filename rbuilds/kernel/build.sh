#!/bin/sh
# The enclave's kernel, from Debian's source as rbuilds/lock.txt pins it, with our patches and the
# options of rbuilds/kernel/config: the same bytes wherever it is built with the same compiler, once
# a machine. spec/kernel.md. usage: rbuilds/kernel/build.sh [--cached]
# The folder with bzImage and config is the last line. --cached builds nothing: it says the folder if
# this very kernel lies there, and ends with 1 if it does not.
set -eu
cd "$(dirname "$0")/../.."

fail() { # STATUS TEXT
	echo "kernel: $2" >&2
	exit "$1"
}
. rbuilds/cache.sh

unpack() { # FOLDER: the source, patched
	mkdir "$1/deb" "$1/linux"
	dpkg-deb --extract "$package" "$1/deb"
	tar -xJf "$1"/deb/usr/src/linux-source-*.tar.xz -C "$1/linux" --strip-components=1
	rm -r "$1/deb"
	for patch in rbuilds/kernel/*.patch; do
		patch -s -d "$1/linux" -p1 <"$patch" || fail 1 "$patch does not apply to this source"
	done
}
kernel_make() { # ARGUMENT...: with nothing of who builds, where and when
	env -i PATH="$PATH" HOME="$work" LC_ALL=C TZ=UTC make -C "$work/linux" ARCH=x86_64 \
		KBUILD_BUILD_USER=cloister KBUILD_BUILD_HOST=cloister KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_TIMESTAMP="$stamp" LOCALVERSION= "$@"
}
lost() { # options of ours that the kernel's own rules have overruled
	grep -E '^(CONFIG_|# CONFIG_)' "$work/asked" | while read -r line; do
		option=${line#\# }
		option=${option%%[ =]*}
		found=$(grep "^$option=" "$work/linux/.config") || found="# $option is not set"
		[ "$found" = "$line" ] || echo "  asked for '$line', got '$found'"
	done
}
make_kernel() { # FOLDER
	target=$1
	work=$target/work
	mkdir "$work"
	echo '  UNPACK linux' >&2
	unpack "$work"
	stamp=$(date -u -r "$work/linux/Makefile" '+%Y-%m-%d %H:%M:%S')
	cp rbuilds/kernel/config "$work/asked"
	kernel_make -s KCONFIG_ALLCONFIG=../asked allnoconfig >&2
	overruled=$(lost)
	[ -z "$overruled" ] || fail 1 "its configuration is not ours:
$overruled"
	{ kernel_make -j "${JOBS:-$(nproc)}" bzImage || : >"$work/failed"; } 2>&1 | tee "$work/log" |
		awk 'NR % 100 == 0 { print "  LINUX " NR ":" $0; fflush() }' >&2
	[ ! -e "$work/failed" ] || {
		tail -n 30 "$work/log" >&2
		fail 1 'it does not compile: the lines above are its last'
	}
	install -m 644 "$work/linux/arch/x86/boot/bzImage" "$target/bzImage"
	install -m 644 "$work/linux/.config" "$target/config"
	[ "$(wc -c <"$target/bzImage")" -le 3145728 ] || fail 1 'bzImage is larger than 3 MiB'
	rm -rf "$work"
}

name=$(key rbuilds/kernel/build.sh rbuilds/kernel/config rbuilds/kernel/*.patch \
	"$(pinned linux-source-6.12)")
case ${1:-} in
--into) # FOLDER, which is empty
	package=$(rbuilds/fetch.sh linux-source-6.12)
	umask 022
	make_kernel "$2"
	exit
	;;
--cached)
	[ -d "$cache/kernel-$name" ] || exit 1
	;;
*)
	built kernel "$name" rbuilds/kernel/build.sh --into
	;;
esac
echo "$cache/kernel-$name"
