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

# --- Operators' keys ------------------------------------------------------------------------------

keys_of() { # IMAGE: who may enter it, as the enclave will read it
	rm -rf "$folder/sections" && "$BIN/eif" extract "$1" "$folder/sections" &&
		bsdtar -xOf "$folder/sections/ramdisk1" rootfs/etc/cloister/authorized_keys >"$folder/keys"
}
keyed() { # OPTION...: builds, and keeps what was said
	image "$folder/a/app" "$folder/keyed.eif" "$@" >"$folder/said" 2>&1 || { cat "$folder/said"; return 1; }
}
unkeyed() { # OPTION...: does not build
	rm -f "$folder/keyed.eif"
	! keyed "$@" && [ ! -e "$folder/keyed.eif" ]
}
says_nobody() { keyed && grep -q "no operator's key is in the image" "$folder/said" && ! keys_of "$folder/keyed.eif"; }
takes_keys() {
	"$BIN/pipeline" --quiet keygen -o "$folder/alice.key" --comment 'alice, laptop' &&
		"$BIN/pipeline" --quiet keygen --type p256 -o "$folder/bob.key" &&
		keyed --key "$folder/alice.key.pub" --key "$folder/bob.key.pub" && keys_of "$folder/keyed.eif" &&
		grep -qx '# alice, laptop' "$folder/keys" &&
		"$BIN/pipeline" permit "$folder/keys" "$folder/alice.key.pub" exec /bin/sh -c id &&
		"$BIN/pipeline" permit "$folder/keys" bob put /etc/passwd &&
		python3 -c 'import sys, tomllib; assert [k["name"] for k in
			tomllib.load(open(sys.argv[1], "rb"))["key"]] == ["alice", "bob"]' "$folder/keys"
}
measures_keys() { # the same key gives the same image, and another key another one
	jq -r .Measurements.PCR0 "$folder/keyed.pcr.json" >"$folder/two" &&
		keyed --key "$folder/alice.key.pub" && cp "$folder/keyed.eif" "$folder/one.eif" &&
		keyed --key "$folder/alice.key.pub" && cmp "$folder/one.eif" "$folder/keyed.eif" &&
		! jq -r .Measurements.PCR0 "$folder/keyed.pcr.json" | cmp -s - "$folder/two"
}
limited() { # a file of keys, in place of the application's, and one key more
	{ echo '[[key]]' && echo 'name = "bob"' && echo 'verbs = ["attest"]' &&
		echo "public = \"$(openssl pkey -pubin -in "$folder/bob.key.pub" -outform DER | base64 -w 0)\""
	} >"$folder/limited" && keyed --keys "$folder/limited" --key "$folder/alice.key.pub" &&
		keys_of "$folder/keyed.eif" && "$BIN/pipeline" permit "$folder/keys" bob attest &&
		! "$BIN/pipeline" permit "$folder/keys" bob exec id
}
of_the_application() {
	mkdir -p "$folder/a/app/root/etc/cloister" &&
		cp "$folder/limited" "$folder/a/app/root/etc/cloister/authorized_keys" && keyed &&
		keys_of "$folder/keyed.eif" && cmp "$folder/keys" "$folder/limited"
	local status=$?
	rm -r "$folder/a/app/root/etc/cloister"
	return $status
}
wrong_keys() { echo 'verb = 1' >>"$folder/limited" && unkeyed --keys "$folder/limited" && grep -q 'line 5:1' "$folder/said"; }
private_key() { unkeyed --key "$folder/alice.key" && grep -q 'is a private key' "$folder/said"; }
no_key() { unkeyed --key "$folder/a/app/cloister.toml" && grep -q 'no public key' "$folder/said"; }

mkdir "$folder/a"
application "$folder/a/app"
ok 'a folder becomes an image' image "$folder/a/app" "$folder/a/image.eif"
ok 'its measurements stand beside it' measured
ok 'its root has what was asked for, with the modes of the page' right_members
ok 'it says that it is unverified, and of which sources it is' says_unverified
ok 'another folder, umask and time give the same bytes' same_elsewhere
ok 'without a key it says that nobody may enter' says_nobody
ok 'keys of keygen are measured in' takes_keys
ok 'they are part of what is measured, and nothing else is' measures_keys
ok 'a file of keys has limits' limited
ok 'the application may bring it' of_the_application
ok 'a mistake in it ends the build, with its place' wrong_keys
ok 'a private key is refused' private_key
ok 'and what is no key' no_key
ok 'an unknown key is refused' refused "unknown key 'nmae'" 's/^name/nmae/'
ok 'a name with a slash is refused' refused "'name' is needed" 's/"small"/"a\/b"/'
ok 'a value of another type is refused' refused "'programs' must be" 's/\["slc"\]/"slc"/'
ok 'a program that is not there is refused' refused 'no .*/none' 's/"slc"/"none"/'
ok 'what is no TOML is refused' refused 'cloister.toml' 's/^version/=/'
ok 'a folder that is not there is refused' no_folder
ok 'a folder without cloister.toml is refused' no_manifest

finish
