#!/bin/bash
# An application's folder becomes an image: rbuilds/image.py, without the network.
. "$(dirname "$0")/tap.bash"
folder=$scratch
cd "$repository" || exit 1

application() { # FOLDER: a small one, with all that a folder can have
	mkdir -p "$1/root/srv/empty" "$1/root/etc" "$1/units"
	echo kernel >"$1/bzImage"
	printf '#\n#\n# Linux/x86 6.1.0 Kernel Configuration\n' >"$1/config"
	cat >"$1/cloister.toml" <<-END
		name = "small"
		version = "2.0"
		kernel = "bzImage"
		command_line = "console=ttyS0"
		programs = ["slc"]
	END
	printf '#!/bin/sh\necho run\n' >"$1/root/srv/run"
	chmod 755 "$1/root/srv/run"
	echo text >"$1/root/srv/text"
	echo mine >"$1/root/etc/hosts"
	ln -s text "$1/root/srv/link"
	echo 'ExecStart = "/srv/run"' >"$1/units/run.service"
}
image() { python3 rbuilds/image.py "$@"; }
measured() { jq -e '.Measurements.PCR0 | length == 96' "$folder/a/image.pcr.json"; }

members() { # the paths of the second ramdisk, with their modes
	"$BIN/eif" extract "$folder/a/image.eif" "$folder/sections" &&
		bsdtar -tvf "$folder/sections/ramdisk1" | awk '{ print $1, $9 }'
}
has() { grep -qxF -- "$1" "$folder/members"; }
right_members() {
	members >"$folder/members" || return
	has '-rwxr-xr-x rootfs/srv/run' && has '-rw-r--r-- rootfs/srv/text' &&
		has 'drwxr-xr-x rootfs/srv/empty' && has 'drwxrwxrwt rootfs/tmp' &&
		has '-rwxr-xr-x rootfs/usr/bin/slc' && has '-rw-r--r-- rootfs/etc/cloister/units/run.service' &&
		grep -q 'rootfs/lib.*/libcrypto.so' "$folder/members" &&
		grep -q '^lrwxrwxrwx rootfs/srv/link' "$folder/members"
}
says_unverified() {
	"$BIN/eif" evidence "$folder/a/image.eif" --tree . --json >"$folder/evidence.json"
	[ $? -eq 76 ] && jq -e '(.Verified or .Measured.verified | not) and (.NotMeasured.verified | not)
		and ([.SameTrees[]] | all) and (.Measured.summary.goals | startswith("0/"))' \
		"$folder/evidence.json" &&
		jq -e '.predicate.verified == false' "$folder/a/image.intoto.json" &&
		"$BIN/eif" describe "$folder/a/image.eif" | jq -e '.ImageName == "small-unverified"'
}
same_elsewhere() { # another folder, another umask, other times
	mkdir -p "$folder/b" && (umask 077 && cp -r "$folder/a/app" "$folder/b/other") &&
		chmod 700 "$folder/b/other/root/srv/run" && (umask 077 && image "$folder/b/other" "$folder/b/image.eif") &&
		cmp "$folder/a/image.eif" "$folder/b/image.eif"
}
refused() { # PATTERN SED-SCRIPT: of cloister.toml
	rm -rf "$folder/bad" && cp -r "$folder/a/app" "$folder/bad" &&
		sed -i "$2" "$folder/bad/cloister.toml" &&
		! image "$folder/bad" "$folder/bad.eif" >"$folder/refusal" 2>&1 &&
		cat "$folder/refusal" && grep -q "$1" "$folder/refusal" && [ ! -e "$folder/bad.eif" ]
}
no_folder() { ! image "$folder/none" "$folder/bad.eif" && [ ! -e "$folder/bad.eif" ]; }
no_manifest() { mkdir "$folder/bare" && ! image "$folder/bare" "$folder/bad.eif"; }

mkdir "$folder/a"
application "$folder/a/app"
ok 'a folder becomes an image' image "$folder/a/app" "$folder/a/image.eif"
ok 'its measurements stand beside it' measured
ok 'its root has what was asked for, with the modes of the page' right_members
ok 'it says that it is unverified, and of which sources it is' says_unverified
ok 'another folder, umask and time give the same bytes' same_elsewhere
ok 'an unknown key is refused' refused "unknown key 'nmae'" 's/^name/nmae/'
ok 'a name with a slash is refused' refused "'name' is needed" 's/"small"/"a\/b"/'
ok 'a value of another type is refused' refused "'programs' must be" 's/\["slc"\]/"slc"/'
ok 'a program that is not there is refused' refused 'no .*/none' 's/"slc"/"none"/'
ok 'what is no TOML is refused' refused 'cloister.toml' 's/^version/=/'
ok 'a folder that is not there is refused' no_folder
ok 'a folder without cloister.toml is refused' no_manifest

finish
