#!/bin/bash
# A policy as whole programs: `attest policy` makes one of an image's measurements, and `attest verify`
# judges a document of that image under it, and under those of other images.
. "$(dirname "$0")/tap.bash"
attest=$(program attest)
data=$repository/tests/data
at=$("$attest" show --doc "$data/attestation/document.cbor" --json | jq '(.timestamp / 1000 | floor) + 60')

# An image whose measurements are those of the document, which the simulator took from such a file.
jq -n --argjson pcrs "$("$attest" show --doc "$data/attestation/document.cbor" --json | jq .pcrs)" \
	'{Measurements: {HashAlgorithm: "Sha384 { ... }", PCR0: $pcrs["0"], PCR1: $pcrs["1"], PCR2: $pcrs["2"]},
	  ImageName: "demo", ImageVersion: "2"}' >now.json
jq '.Measurements.PCR0 |= "a5" + .[2:] | .ImageVersion = "1"' now.json >before.pcr.json

makes() { says "$attest" 0 - policy "$@" && cp out policy; } # ARGUMENT...
judges() { # CODE WORD [OPTION...]
	local code=$1 word=$2
	shift 2
	says "$attest" "$code" "$word" verify --doc "$data/attestation/document.cbor" --policy policy \
		--at "$at" --json "$@"
}
accepts() { judges 0 - && jq -e --arg image "$1" '.accepted and .image == $image' out; } # IMAGE
of_an_image() { # what `eif build` prints is taken as it is
	"$BIN/eif" build --kernel "$data/eif/kernel" --kernel_config "$data/eif/kernel.config" \
		--cmdline 'console=ttyS0' --ramdisk "$data/eif/ramdisk0" --output image.eif >my.app.pcr.json &&
		says "$attest" 0 - policy my.app.pcr.json && contains out 'name = "my"' &&
		contains out "pcr0 = \"$(jq -r .Measurements.PCR0 my.app.pcr.json)\"" &&
		"$BIN/eif" describe image.eif >described && says "$attest" 0 - policy described
}
any_toml_reader() {
	python3 -c 'import sys, tomllib; assert len(tomllib.load(open("policy", "rb"))["image"]) == 2'
}
beside_the_policy() { # a root of the policy's own folder, whoever reads it from wherever
	mkdir -p other && cp "$data/attestation/root.pem" other/mine.pem &&
		{ echo 'root = "mine.pem"' && grep -v '^root' policy; } >other/policy &&
		says "$attest" 0 - verify --doc "$data/attestation/document.cbor" --policy other/policy --at "$at"
}
twice() { says "$attest" 65 duplicate policy now.json now.json; }

ok 'a policy is made of measurements' makes --root "$data/attestation/root.pem" now.json
ok 'the image is accepted, and named' accepts 'demo 2'
ok 'other things may be wanted besides' judges 76 nonce --nonce 00
ok 'but not another root' judges 2 usage --root "$data/attestation/root.pem"
ok 'a policy of the image before' makes --root "$data/attestation/root.pem" before.pcr.json
ok 'does not accept it' judges 76 pcr
ok 'a policy of both' makes --max-age 1m --root "$data/attestation/root.pem" before.pcr.json now.json
ok 'accepts it: one image can take the place of another' accepts 'demo 2'
ok 'any reader of TOML reads it' any_toml_reader
ok 'a root is looked for beside the policy' beside_the_policy
ok 'a second later it is stale' judges 76 stale --at $((at + 1))
ok 'without a root AWS vouches' makes now.json
ok 'and not for a simulator' judges 76 root
ok 'what eif prints is taken' of_an_image
ok 'the same image twice is refused' twice
echo '{"Measurements": {}}' >empty.json
ok 'no measurements are refused' says "$attest" 65 missing policy empty.json
ok 'no JSON is refused' says "$attest" 66 input policy "$repository/README.md"
ok 'a policy without an image is refused' says "$attest" 65 missing verify --doc x --policy /dev/null
ok 'a policy that is not there' says "$attest" 66 not_found verify --doc x --policy none
ok 'files are needed' says "$attest" 2 usage policy
finish
