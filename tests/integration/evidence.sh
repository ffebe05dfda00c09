#!/bin/bash
# eif evidence: what an image says was shown of its sources, read out of its ramdisks, and compared
# with a source tree. Images are made by hand; rbuilds/evidence.py says what a tree's hash is.
. "$(dirname "$0")/eif_common.bash"

tree_hash() { # FOLDER TREE: as rbuilds/evidence.py has it
	(cd "$1" && PYTHONPATH=$repository/rbuilds python3 -c \
		'import sys, evidence; print(evidence.tree_digest(sys.argv[1]))' "$2")
}
list_hash() { # FOLDER TREE: as the page says that anybody can find it
	(cd "$1" && find "$2" -type f ! -name '*.md' ! -name '*.pcr.json' ! -path '*/.*' \
		! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum |
		cut -d' ' -f1)
}
trees='GNUmakefile fsm fuzz gen host rbuilds runtime services verify'

sources() { # FOLDER: a small source tree, with names whose order is easily mistaken
	mkdir -p "$1"
	for tree in $trees; do
		if [ "$tree" = GNUmakefile ]; then echo all: >"$1/$tree"; else
			mkdir -p "$1/$tree/a/b" "$1/$tree/__pycache__" "$1/$tree/.hidden"
			echo "$tree" >"$1/$tree/a/b/c"
			echo dot >"$1/$tree/a.c"
			echo space >"$1/$tree/a b"
			printf 'high' >"$1/$tree/$(printf '\303\251')"
			head -c 200000 /dev/zero >"$1/$tree/long"
			ln -s a.c "$1/$tree/link"
			for left_out in page.md demo.pcr.json .hidden/x __pycache__/x.pyc; do
				echo "$tree" >"$1/$tree/$left_out"
			done
		fi
	done
}
evidence_of() { # FOLDER VERIFIED: its text
	local tree
	for tree in $trees; do
		printf '{"%s": "%s"}\n' "$tree" "$(tree_hash "$1" "$tree")"
	done | jq -s --argjson verified "$2" '{format: "1", verified: $verified,
		summary: {goals: "7/7"}, tools: {z3: "4.8.12"}, trees: add}'
}
image() { # OUTPUT FILE-OR-NOTHING [ARGUMENT...]: with the file as its evidence
	local output=$1 file=$2
	shift 2
	rm -rf stage && mkdir -p stage/etc/cloister && echo x >stage/etc/other
	[ -z "$file" ] || cp "$file" stage/etc/cloister/evidence.json
	"$plain" ramdisk --prefix rootfs --output root.cpio stage &&
		"$plain" build --kernel "$data/kernel" --cmdline x --ramdisk boot.cpio \
			--ramdisk root.cpio --output "$output" "$@" >/dev/null
}

mkdir boot && echo init >boot/init && "$plain" ramdisk --output boot.cpio boot
sources tree
evidence_of tree true >good.json
same_hashes() {
	for tree in $trees; do
		same "$(list_hash tree "$tree")" "$(jq -r ".trees[\"$tree\"]" good.json)" || return 1
	done
}
ok 'the hash of a tree is what find, sort and sha256sum say' same_hashes
test_good() {
	image good.eif good.json && ends 0 - evidence good.eif --tree tree &&
		contains out 'verified: all has passed' && contains out 'goals       7/7' &&
		contains out 'built of the sources in tree' &&
		contains out "measured as sha256 $(sha256sum <good.json | cut -d' ' -f1)"
}
ok 'evidence is printed, and is that of its sources' test_good
test_json() {
	ends 0 - evidence good.eif --tree=tree --json && jq -e '.Verified and .Measured.summary.goals ==
		"7/7" and ([.SameTrees[]] | all and length == 9)' out
}
ok '--json says the same' test_json
test_gzip() {
	rm -rf stage && mkdir -p stage/etc/cloister && cp good.json stage/etc/cloister/evidence.json
	"$plain" ramdisk --prefix rootfs --output root.cpio stage && gzip -nf root.cpio &&
		"$plain" build --kernel "$data/kernel" --cmdline x --ramdisk boot.cpio \
			--ramdisk root.cpio.gz --output gzip.eif >/dev/null && ends 0 - evidence gzip.eif
}
ok 'compressed ramdisks are read' test_gzip

differs() { # TREE COMMAND...: done in a copy
	local tree=$1
	shift
	rm -rf other && cp -a tree other && (cd other && "$@") &&
		ends 76 tree evidence good.eif --tree other &&
		contains out "not built of the sources in other: $tree" && contains err "$tree is not"
}
ok 'a byte in a file is seen' differs gen sh -c 'echo >>gen/a/b/c'
ok 'a new file is seen' differs host touch host/new
ok 'a file that is gone is seen' differs verify rm verify/a.c
ok 'another name is seen' differs rbuilds mv rbuilds/a.c rbuilds/b.c
ok 'the makefile counts' differs GNUmakefile sh -c 'echo >>GNUmakefile'
test_left_out() {
	rm -rf other && cp -a tree other && find other \( -name '*.md' -o -name '*.pcr.json' -o -name \
		'*.pyc' -o -path '*/.hidden/x' \) -exec sh -c 'echo more >>"$1"' - {} \; &&
		ends 0 - evidence good.eif --tree other
}
ok 'pages, measurements, and what tools leave do not count' test_left_out
test_no_tree() { mkdir -p empty && ends 66 input evidence good.eif --tree empty; }
ok 'a folder that is no source tree is refused' test_no_tree

test_unverified() {
	evidence_of tree false >un.json && image un.eif un.json &&
		ends 76 unverified evidence un.eif && contains out UNVERIFIED
}
ok 'an unverified image is shown, and is a failure' test_unverified
test_metadata() {
	echo '{"cloister": {"commit": "abc", "evidence": "0"}}' >meta.json &&
		image meta.eif good.json --metadata meta.json &&
		ends 76 metadata-digest evidence meta.eif && contains out 'commit abc'
}
ok 'metadata that means another evidence is a failure' test_metadata
test_metadata_good() {
	printf '{"cloister": {"evidence": "%s"}}' "$(sha256sum <good.json | cut -d' ' -f1)" >meta.json &&
		image meta.eif good.json --metadata meta.json && ends 0 - evidence meta.eif
}
ok 'metadata that means this one is none' test_metadata_good

test_none() { image none.eif '' && ends 65 no-evidence evidence none.eif; }
ok 'an image without evidence is refused' test_none
refused() { # WORD JQ-PROGRAM
	jq "$2" good.json >bad.json && image bad.eif bad.json && ends 65 "$1" evidence bad.eif
}
ok 'another format is refused' refused evidence '.format = "2"'
ok 'a verdict that is none is refused' refused evidence '.verified = "yes"'
ok 'a summary that is none is refused' refused evidence '.summary = []'
ok 'a hash that is a number is refused' refused evidence '.trees.fsm = 1'
test_no_json() { echo '{' >bad.json && image bad.eif bad.json && ends 65 json evidence bad.eif; }
ok 'what is no JSON is refused' test_no_json
test_large() {
	head -c 1048577 /dev/zero >bad.json && image bad.eif bad.json &&
		ends 65 evidence evidence bad.eif
}
ok 'more than a limit is refused' test_large
test_twice() {
	image good.eif good.json && "$plain" build --kernel "$data/kernel" --cmdline x --ramdisk \
		root.cpio --ramdisk root.cpio --output twice.eif >/dev/null &&
		ends 65 evidence evidence twice.eif
}
ok 'two of them are refused' test_twice
ok 'no file is wrong usage' ends 2 usage evidence
test_help() { ends 0 - evidence --help && contains out 'usage: eif evidence'; }
ok '--help tells how' test_help
finish
