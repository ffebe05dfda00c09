#!/bin/bash
# The program eif, its ramdisks: canonical form, hard links, layers, what is refused.
. "$(dirname "$0")/eif_common.bash"

plant() { # FOLDER NAME...: one tree, whose entries are made in the order given
	local folder=$1 name
	shift
	mkdir "$folder" && mkdir -p "$folder/etc" "$folder/usr/bin" "$folder/usr-local" || return 1
	for name in "$@"; do
		case $name in
		link)
			ln "$folder/usr/bin/tool" "$folder/usr/bin/alias" &&
				ln "$folder/usr/bin/tool" "$folder/a-link"
			;;
		symlink) ln -s ../usr/bin/tool "$folder/etc/tool" ;;
		fifo) mkfifo "$folder/etc/pipe" ;;
		empty) : >"$folder/etc/empty" ;;
		*) echo "content of $name" >"$folder/$name" ;;
		esac || return 1
	done
	chmod 755 "$folder" "$folder/etc" "$folder/usr" "$folder/usr/bin" && chmod 1777 \
		"$folder/usr-local" && find "$folder" -type f -exec chmod 640 {} + && chmod 4755 \
		"$folder/usr/bin/tool" && chmod 644 "$folder/etc/pipe"
}
canonical() { "$eif" ramdisk --output "$1" "${@:2}" && python3 "$here/eif_newc.py" "$1" >list; }
test_canonical() {
	(umask 077 && plant t1 usr/bin/tool link etc/b etc/a symlink fifo empty usr-local/x) ||
		return 1
	(umask 000 && plant t2 usr-local/x empty fifo etc/a symlink etc/b usr/bin/tool link) ||
		return 1
	touch -h -d 2001-01-01 t2/etc/* t2/usr t2
	canonical 1.cpio t1 && (umask 027 && canonical 2.cpio t2) && cmp 1.cpio 2.cpio
}
ok 'the same tree is the same ramdisk, whatever order, times and umask' test_canonical
test_list() {
	same "$(cat "$data/tree.list")" "$(cat list)"
}
ok 'a ramdisk is canonical and holds what it should' test_list
test_readers() {
	bsdtar -tvf 1.cpio >listed && contains listed 'usr/bin/alias link to a-link' || return 1
	cpio -itv --quiet <1.cpio >listed 2>/dev/null && same "$(find t1 -mindepth 1 | wc -l)" \
		"$(wc -l <listed)"
}
ok 'bsdtar and GNU cpio read it, and see the hard links' test_readers
compare_trees() {
	for tree in "$1" "$2"; do
		(cd "$tree" && find . -mindepth 1 -printf '%P %y %m %n %l\n' | sort) >"list.$tree"
	done
	diff "list.$1" "list.$2" && (cd "$1" && find . -type f) | while read -r file; do
		cmp "$1/$file" "$2/$file" || return 1
	done
}
test_unpack() {
	rm -rf u1 && mkdir u1 && bsdtar -xpf 1.cpio -C u1 && compare_trees t1 u1 &&
		same "$(stat -c %i u1/a-link)" "$(stat -c %i u1/usr/bin/tool)" || return 1
	rm -rf u2 && mkdir u2 && (cd u2 && cpio -idm --quiet <../1.cpio) && compare_trees t1 u2
}
ok 'what bsdtar and cpio unpack is the tree that was packed' test_unpack
test_on_the_fly() {
	"$eif" build --kernel "$data/kernel" --cmdline c --ramdisk t1 --ramdisk "$data/ramdisk1" \
		--ramdisk t2 --output fly.eif >fly.json && "$eif" extract --force fly.eif fly &&
		cmp fly/ramdisk0 1.cpio && cmp fly/ramdisk2 1.cpio || return 1
	"$eif" build --kernel "$data/kernel" --cmdline c --ramdisk 1.cpio --ramdisk \
		"$data/ramdisk1" --ramdisk 2.cpio --output file.eif >file.json &&
		cmp fly.eif file.eif && cmp fly.json file.json
}
ok 'build packs a directory to the same bytes' test_on_the_fly
test_epoch() {
	SOURCE_DATE_EPOCH=1700000000 canonical 3.cpio t1 &&
		same 1700000000 "$(cut -d' ' -f6 list | sort -u)" &&
		SOURCE_DATE_EPOCH=9999999999 canonical 3.cpio t1 &&
		same 4294967295 "$(cut -d' ' -f6 list | sort -u)"
}
ok 'times are SOURCE_DATE_EPOCH, at most 32 bits of it' test_epoch
test_prefix() {
	canonical 3.cpio --prefix ./rootfs//app/ t1 || return 1
	same "$( (printf 'rootfs\nrootfs/app\n' && cd t1 && find . -mindepth 1 -printf \
		'rootfs/app/%P\n') | sort)" "$(cut -d' ' -f9 list | sort)"
}
ok 'a prefix is put in front, with its directories' test_prefix
test_tars() {
	(cd t1 && bsdtar --uid 0 --gid 0 --format pax -cf ../b.tar .) &&
		tar --owner=0 --group=0 --format=gnu -C t1 -czf g.tar.gz . &&
		(cd t1 && bsdtar --uid 0 --gid 0 --format ustar -cJf ../u.tar.xz usr-local usr etc \
			a-link) || return 1
	for archive in b.tar g.tar.gz u.tar.xz; do
		canonical 3.cpio $archive && cmp 1.cpio 3.cpio || return 1
	done
	! ls -A | grep '^\.eif-'
}
ok 'tar archives of bsdtar and GNU tar give the same ramdisk, hard links too' test_tars
test_owners() {
	(cd t1 && bsdtar --uid 7 --gid 70000 -cf ../o.tar etc/a) && canonical 3.cpio o.tar &&
		contains list '7 70000 1 0 17 0,0 etc/a' &&
		contains list '40755 0 0 2 0 0 0,0 etc -'
}
ok 'owners are as in the archive, missing parents are 0755 of 0:0' test_owners
make_tar() { python3 - "$@" <<'PY'
import io, sys, tarfile
kinds = {"f": tarfile.REGTYPE, "d": tarfile.DIRTYPE, "l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE,
         "c": tarfile.CHRTYPE, "b": tarfile.BLKTYPE, "p": tarfile.FIFOTYPE}
with tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT) as tar:
    for word in sys.argv[2:]:
        kind, name, *rest = word.split(":")
        info = tarfile.TarInfo(name)
        info.type, info.mode = kinds[kind], 0o644
        data = rest[0].encode() if kind == "f" and rest else b""
        info.size = len(data)
        if kind in "lh":
            info.linkname = rest[0]
        if kind in "cb":
            info.devmajor, info.devminor = map(int, rest)
        if kind == "f" and len(rest) > 1:
            info.pax_headers = {"SCHILY.xattr.user.x": rest[1]}
        tar.addfile(info, io.BytesIO(data))
PY
}
test_devices() {
	make_tar d.tar c:dev/console:5:1 b:dev/big:259:70000 p:dev/fifo h:dev/other:dev/console &&
		canonical 3.cpio d.tar && contains list '20644 0 0 1 0 0 5,1 dev/console' &&
		contains list '60644 0 0 1 0 0 259,70000 dev/big' && contains list \
		'20644 0 0 1 0 0 5,1 dev/other' && contains list '10644 0 0 1 0 0 0,0 dev/fifo'
}
ok 'device nodes and fifos are kept' test_devices
test_layers() {
	make_tar l1.tar f:a:old f:b:kept h:c:a d:dir f:dir/x:1 &&
		make_tar l2.tar f:./a:newer d:/dir/ f:/dir/y:2 &&
		canonical 3.cpio l1.tar l2.tar || return 1
	same 'a b c dir dir/x dir/y' "$(cut -d' ' -f9 list | xargs)" && contains list ' 5 0,0 a ' &&
		contains list ' 3 0,0 c ' && contains list '100644 0 0 1 0 3 0,0 c'
}
ok 'a later layer replaces a path, and other links keep the old content' test_layers
test_conflicts() {
	make_tar c1.tar f:a:1 && make_tar c2.tar d:a && make_tar c3.tar f:a/b:1 &&
		make_tar c4.tar l:a:usr f:a/b:1 || return 1
	ends 65 conflict ramdisk --output 4.cpio c1.tar c2.tar &&
		ends 65 conflict ramdisk --output 4.cpio c2.tar c1.tar &&
		ends 65 conflict ramdisk --output 4.cpio c1.tar c3.tar &&
		ends 65 conflict ramdisk --output 4.cpio c4.tar && [ ! -e 4.cpio ]
}
ok 'a file and a directory of one name are refused' test_conflicts
test_names() {
	make_tar n1.tar f:../x:1 && make_tar n2.tar f:a/../x:1 &&
		make_tar n3.tar 'f:TRAILER!!!:1' &&
		make_tar n4.tar "f:$(printf 'd%.0s/' $(seq 2048))x:1" && make_tar n5.tar h:a:none &&
		make_tar n6.tar f:ok:1 h:a:../ok && make_tar n7.tar f://a//./b:1 || return 1
	for archive in n1 n2 n3 n4 n6; do
		ends 65 name ramdisk --output 4.cpio $archive.tar || return 1
	done
	ends 65 name ramdisk --prefix a/../b --output 4.cpio t1 &&
		ends 65 archive ramdisk --output 4.cpio n5.tar && [ ! -e 4.cpio ] &&
		canonical 3.cpio n7.tar &&
		same 'a a/b' "$(cut -d' ' -f9 list | xargs)"
}
ok 'names with .., too long names and the trailer are refused' test_names
test_bad_archives() {
	head -c 700 b.tar >cut.tar && echo 'no archive at all' >text && ends 65 archive ramdisk \
		--output 4.cpio cut.tar && ends 65 archive ramdisk --output 4.cpio text &&
		ends 66 input ramdisk --output 4.cpio none && [ ! -e 4.cpio ] &&
		! ls -A | grep '^\.eif-'
}
ok 'what is no archive is refused' test_bad_archives
test_large() {
	mkdir large && truncate -s 4294967296 large/file && ends 65 too-large ramdisk --output \
		4.cpio large && truncate -s 4294967295 large/file && rm -rf large
}
ok 'a file of 4 GiB is refused' test_large
test_warnings() {
	make_tar w.tar f:a:1:value && ends 0 - ramdisk --output 4.cpio w.tar &&
		contains err 'warning: 1 members had extended attributes' || return 1
	mkdir sock && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock/s")' &&
		echo x >sock/file && ends 0 - ramdisk --output 4.cpio sock &&
		contains err 'warning: 1 sockets' && python3 "$here/eif_newc.py" 4.cpio >list &&
		same file "$(cut -d' ' -f9 list)"
}
ok 'what newc can not hold is said once' test_warnings
test_empty() {
	mkdir -p nothing && canonical 3.cpio nothing && same 0 "$(wc -l <list)" &&
		same 512 "$(stat -c %s 3.cpio)"
}
ok 'an empty directory is a ramdisk of a trailer' test_empty
test_many() {
	mkdir many && (cd many && seq -f 'file%05g' 5000 | xargs touch) && canonical 3.cpio many &&
		same 5000 "$(wc -l <list)"
}
ok '5000 files' test_many

finish
