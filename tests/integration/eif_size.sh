#!/bin/bash
# How much memory an image wants, and PCR values: of `eif` and of the launcher, which say the same.
. "$(dirname "$0")/eif_common.bash"
enclave=$(dirname "$eif")/enclave

build() { # OUTPUT RAMDISK...
	local output=$1 arguments=()
	shift
	for ramdisk in "$@"; do arguments+=(--ramdisk "$ramdisk"); done
	"$eif" build --kernel "$data/kernel" --cmdline x "${arguments[@]}" --output "$output" >/dev/null
}
launcher() { # CODE WORD ARGUMENT...: as `ends`, of the launcher
	local eif=$enclave
	ends "$@"
}

truncate -s $((10 << 20)) ten
truncate -s 1 one
head -c 3000000 /dev/zero | gzip -n >packed
build ten.eif ten one && build small.eif one && build packed.eif packed || exit 1

test_json() {
	ends 0 - size ten.eif --json && same \
		"$(stat -c %s ten.eif) 10485761 false 41 64 85" \
		"$(jq -r '[.[]] | map(tostring) | join(" ")' out)" &&
		same 'EifSize RamdiskSize Compressed DemandedMiB RunTimeMiB AdvisedMiB' \
			"$(jq -r 'keys_unsorted | join(" ")' out)" &&
		cp out first && launcher 0 - size --json ten.eif && cmp first out
}
ok 'demanded is 4 times the image, advised twice the ramdisks and room to run' test_json
test_demanded() {
	ends 0 - size --run-time 1 ten.eif --json && same '41 41' \
		"$(jq -r '"\(.DemandedMiB) \(.AdvisedMiB)"' out)" &&
		ends 0 - size --run-time=0 small.eif --json && same '1 1' \
		"$(jq -r '"\(.DemandedMiB) \(.AdvisedMiB)"' out)" &&
		ends 0 - size --run-time 16777216 small.eif --json &&
		same 16777217 "$(jq .AdvisedMiB out)"
}
ok 'no less is advised than is demanded' test_demanded
test_edge() { # the last image that 4 MiB hold 4 times, and the next
	local header
	header=$(($(stat -c %s small.eif) - 1))
	truncate -s $(((1 << 20) - header)) edge && build edge.eif edge &&
		same $((1 << 20)) "$(stat -c %s edge.eif)" &&
		ends 0 - size edge.eif --json && same 4 "$(jq .DemandedMiB out)" &&
		truncate -s +1 edge && build edge.eif edge &&
		ends 0 - size edge.eif --json && same 5 "$(jq .DemandedMiB out)"
}
ok 'a MiB that is begun counts whole' test_edge
test_text() {
	ends 0 - size ten.eif && contains out '41 MiB' && contains out '85 MiB' &&
		! grep compressed out && ends 0 - size packed.eif && contains out compressed &&
		ends 0 - size packed.eif --json && same true "$(jq .Compressed out)"
}
ok 'people are told, and that a compressed ramdisk unpacks to more' test_text
test_size_errors() {
	head -c 600 ten.eif >cut.eif
	for size in ends launcher; do
		$size 2 usage size && $size 2 usage size ten.eif small.eif &&
			$size 2 usage size --run-time ten.eif && $size 2 usage size --run-time x ten.eif &&
			$size 2 usage size --run-time -1 ten.eif &&
			$size 2 usage size --run-time 16777217 ten.eif &&
			$size 2 usage size --bogus ten.eif && $size 66 input size nothing.eif &&
			$size 65 overrun size cut.eif && $size 65 magic size ten &&
			$size 0 - size --help && contains out 'run-time' || return 1
	done
	[ ! -c /dev/full ] || ! "$eif" size ten.eif >/dev/full
}
ok 'sizes of what is no image, and wrong usage' test_size_errors

extended() { # FILE: its SHA-384, extended from zero, as openssl computes it
	{ head -c 48 /dev/zero; openssl dgst -sha384 -binary "$1"; } | openssl dgst -sha384 -r |
		cut -d' ' -f1
}
test_pcr_file() {
	: >none
	for file in ten one none; do
		launcher 0 - pcr --input $file && same "$(extended $file)" "$(jq -r .PCR out)" &&
			same PCR "$(jq -r 'keys | join(" ")' out)" || return 1
	done
}
ok 'the PCR of a file is its hash, extended from zero' test_pcr_file
test_pcr_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:secp384r1 -nodes -keyout key \
		-out pem -days 9 -subj /CN=signer 2>/dev/null && openssl x509 -in pem -outform DER -out der &&
		launcher 0 - pcr --signing-certificate pem &&
		same "$(extended der)" "$(jq -r .PCR8 out)" &&
		python3 "$here/eif_sign.py" small.eif signed.eif key pem sha384 &&
		"$eif" describe signed.eif >described && cp out pcr8 &&
		same "$(jq -r .Measurements.PCR8 described)" "$(jq -r .PCR8 pcr8)" &&
		launcher 0 - pcr --eif-path signed.eif &&
		same "$(jq -c .Measurements described)" "$(jq -c .Measurements out)"
}
ok 'PCR8 of a certificate is that of images signed with it' test_pcr_certificate
test_pcr_image() {
	launcher 0 - pcr --eif small.eif && "$eif" describe small.eif >described &&
		same "$(jq -c .Measurements described)" "$(jq -c .Measurements out)"
}
ok 'the PCRs of an image are those of describe' test_pcr_image
test_pcr_errors() {
	head -c 70 small.eif >cut.eif && cp small.eif bad.eif &&
		printf X | dd of=bad.eif bs=1 seek=560 conv=notrunc 2>/dev/null &&
		launcher 2 usage pcr && launcher 2 usage pcr --input one --eif small.eif &&
		launcher 2 usage pcr --input && launcher 2 usage pcr --bogus x &&
		launcher 2 usage pcr --name a b && launcher 66 input pcr --input nothing &&
		launcher 74 io pcr --input . && launcher 66 input pcr --signing-certificate nothing &&
		launcher 65 certificate pcr --signing-certificate ten && launcher 65 short pcr --eif cut.eif &&
		launcher 76 crc pcr --eif bad.eif && launcher 66 input pcr --eif nothing &&
		XDG_RUNTIME_DIR=$scratch launcher 66 not_found pcr nobody &&
		XDG_RUNTIME_DIR=$scratch launcher 66 not_found pcr --id i-0 && launcher 0 - pcr --help
}
ok 'PCRs of what is not there, is damaged, or is not said' test_pcr_errors

finish
