#!/bin/bash
# The program eif, its images: byte identity with AWS's library, every way to be refused,
# signatures, extraction, full disks, interruption, memory.
. "$(dirname "$0")/eif_common.bash"

# The image of AWS's library, whose inputs and values are known.
vector() { # OUTPUT ARGUMENT...
	local output=$1
	shift
	"$eif" build --kernel "$data/kernel" --kernel_config "$data/kernel.config" \
		--cmdline 'reboot=k panic=30' --ramdisk "$data/ramdisk0" \
		--ramdisk "$data/ramdisk1" --ramdisk "$data/ramdisk2" --output "$output" \
		--name demo \
		--build-tool eif_build --build-tool-version 0.3.1 "$@"
}

test_vector() {
	vector u.eif >u.json || return 1
	same 930 "$(stat -c %s u.eif)" || return 1
	same 391e5d5d "$(xxd -s 544 -l 4 -p u.eif)" || return 1
	same "$(cat "$data/vector.json")" "$(cat u.json)" || return 1
	same "$(cat "$data/vector.sha256")" "$(sha256sum <u.eif | cut -d' ' -f1)"
}
ok 'an image is byte for byte that of AWS (known digest and measurements)' test_vector
if [ -d "$vectors" ]; then
	ok 'an image is byte for byte that of AWS (the file itself)' cmp u.eif "$vectors/u.eif"
	test_vector_custom() {
		vector v.eif --metadata "$vectors/meta.json" >/dev/null &&
			"$eif" extract v.eif v && contains v/metadata.json \
			'"CustomMetadata":{"a":{"b":null,"y":[1,2.5,"é"]},"z":1}}'
	}
	ok 'custom metadata is sorted and normalised as AWS does' test_vector_custom
else
	echo "# skipped: no image of AWS's library beside the checkout"
fi

test_metadata() {
	vector m.eif --metadata "$data/custom.json" >/dev/null && "$eif" extract m.eif m || return 1
	same "$(cat "$data/custom.expected")" "$(cat m/metadata.json)"
}
ok 'metadata has the numbers, escapes and order of serde_json' test_metadata
mkdir numbers
ok 'thousands of numbers are normalised by the rules of serde_json' python3 \
	"$here/eif_numbers.py" "$plain" numbers
test_defaults() {
	"$eif" build --kernel "$data/kernel" --cmdline x --ramdisk "$data/ramdisk0" \
		--output d.eif >/dev/null && "$eif" describe d.eif >d.json || return 1
	same 'kernel 1.0 1970-01-01T00:00:00+00:00 Unknown Unknown null' "$(jq -r '[.ImageName,
		.ImageVersion, .Metadata.BuildTime, .Metadata.OperatingSystem,
		.Metadata.KernelVersion, (.Metadata.DockerInfo | tostring)] | join(" ")' d.json)"
}
ok 'defaults do not depend on where and when' test_defaults
test_overrides() {
	SOURCE_DATE_EPOCH=1700000000 "$eif" build --kernel "$data/kernel" --kernel-config \
		"$data/kernel.config" --cmdline= --ramdisk="$data/ramdisk0" --output d.eif \
		--version 2.1 --img-os Other --arch aarch64 >/dev/null && "$eif" describe d.eif \
		>d.json || return 1
	same '2.1 2023-11-14T22:13:20+00:00 Other 6.14.5' "$(jq -r '[.ImageVersion,
		.Metadata.BuildTime, .Metadata.OperatingSystem, .Metadata.KernelVersion] |
		join(" ")' d.json)" && same 0001 "$(xxd -s 6 -l 2 -p d.eif)"
}
ok 'options override, --version is honoured, SOURCE_DATE_EPOCH is the build time' test_overrides
test_describe() {
	"$eif" describe u.eif >d.json && same "$(cat "$data/describe.json")" "$(cat d.json)"
}
ok "describe prints the JSON of nitro-cli" test_describe
test_sections() {
	"$eif" describe --sections --json u.eif >d.json || return 1
	jq -r '.Sections[] | "\(.Type) \(.Offset) \(.Size) \(.SHA384)"' d.json >found
	while read -r _ offset size digest; do
		same "$digest" "$(tail -c +$((offset + 13)) u.eif | head -c "$size" | sha384sum |
			cut -d' ' -f1)" || return 1
	done <found
	same 'kernel cmdline metadata ramdisk ramdisk ramdisk' "$(cut -d' ' -f1 found | xargs)"
}
ok 'describe --sections gives type, offset, size and SHA-384 of each' test_sections

# --- What is refused ------------------------------------------------------------------------------

mkdir cases
python3 "$here/eif_break.py" make cases
while read -r name code word <&3; do
	ok "describe: $name ends with $code $word" ends "$code" "$word" describe "cases/$name.eif"
done 3<cases/cases
test_refused_extract() {
	while read -r name code word <&3; do
		case $word in json | metadata | signature-form) continue ;; esac
		ends "$code" "$word" extract "cases/$name.eif" "x/$name" || return 1
		[ "$code" = 0 ] || [ ! -e "x/$name" ] || return 1
	done 3<cases/cases
}
mkdir x
ok 'extract refuses the same images and leaves nothing behind' test_refused_extract
test_pcrs() {
	for image in cases/good*.eif u.eif; do
		"$eif" describe "$image" >d.json || return 1
		same "$(python3 "$here/eif_break.py" pcrs "$image")" \
			"$(jq -r '.Measurements | "\(.PCR0) \(.PCR1) \(.PCR2)"' d.json)" || return 1
	done
}
ok 'measurements are those of an independent reader, in every order of sections' test_pcrs
test_crc_shown() {
	ends 76 crc describe cases/crc-field.eif && same false "$(jq .CheckCRC out)"
}
ok 'a false CRC is shown, and is a failure' test_crc_shown
test_texts() {
	ends 65 overlap describe cases/overlap.eif
	contains err 'section 1, byte 36: expected 566, found 565' || return 1
	ends 65 section-size describe cases/stale-larger.eif
	contains err 'section 4, byte' && ! grep -q "$(printf '\033')" err
}
ok 'a refusal names section, place, expected and found' test_texts

usage() { for line in "$@"; do
	# shellcheck disable=SC2086
	ends 2 usage $line || return 1
done; }
ok 'wrong usage ends with 2' usage describe 'describe a b' 'describe --no' 'extract a' 'build' \
	'ramdisk a' 'ramdisk --output' 'build --kernel k --cmdline c --output o' \
	'build --arch mips --kernel k' 'build --kernel'
test_usage_top() {
	"$eif" >out 2>err
	same 2 $? && contains err 'usage: eif' || return 1
	"$eif" no-verb >out 2>err
	same 2 $? && "$eif" --help | contains /dev/stdin describe && "$eif" --version |
		grep -qE '^eif [0-9]+\.[0-9]+' || return 1
	for verb in build describe extract ramdisk; do
		"$eif" $verb --help >out && contains out "usage: eif $verb" || return 1
		[ "$(wc -l <out)" -le 24 ] || return 1
	done
}
ok 'help and version' test_usage_top
build_with() { ends "$1" "$2" build --kernel "$data/kernel" --cmdline c --output o.eif "${@:3}"; }
test_inputs() {
	mkfifo fifo
	build_with 66 input --ramdisk none && build_with 66 input --ramdisk fifo &&
		build_with 66 input --ramdisk "$data/ramdisk0" --metadata none &&
		build_with 66 input --ramdisk "$data/ramdisk0" --kernel_config none &&
		build_with 65 kernel-config --ramdisk "$data/ramdisk0" \
			--kernel_config "$data/kernel" &&
		build_with 65 metadata --ramdisk "$data/ramdisk0" --name "$(printf 'a\377')" &&
		ends 66 input describe none && ends 66 input describe . &&
		ends 66 input describe fifo &&
		[ ! -e o.eif ] && SOURCE_DATE_EPOCH=x build_with 2 usage --ramdisk "$data/ramdisk0"
}
ok 'inputs that can not be read end with 66' test_inputs
test_custom_limit() {
	printf '{"a":"%04088d"}' 0 >c4096 && printf '{"a":"%04089d"}' 0 >c4097 || return 1
	same 4096 "$(stat -c %s c4096)" || return 1
	build_with 0 - --ramdisk "$data/ramdisk0" --metadata c4096 || return 1
	build_with 65 metadata --ramdisk "$data/ramdisk0" --metadata c4097 || return 1
	set -- --ramdisk "$data/ramdisk0" --metadata value
	echo '[1]' >value && build_with 65 metadata "$@" || return 1
	echo null >value && build_with 0 - "$@" || return 1
	echo '{"a":1,}' >value && build_with 65 json "$@"
}
ok 'custom metadata: 4096 bytes at most, an object or null' test_custom_limit
test_ramdisk_limit() {
	local many=()
	for _ in $(seq 29); do many+=(--ramdisk "$data/ramdisk0"); done
	build_with 0 - "${many[@]}" && ends 0 - describe o.eif &&
		build_with 2 usage "${many[@]}" --ramdisk "$data/ramdisk0"
}
ok '29 ramdisks fit, 30 do not' test_ramdisk_limit
test_outputs() {
	rm -f o.eif
	mkdir folder && ln -s none/there dangling
	build=(build --kernel "$data/kernel" --cmdline c --ramdisk "$data/ramdisk0" --output)
	ends 73 output "${build[@]}" folder && ends 73 output "${build[@]}" no/where &&
		ends 73 output "${build[@]}" fifo && ends 73 output "${build[@]}" /dev/null &&
		empty_folder folder && [ -c /dev/null ] || return 1
	echo old >o.eif && ends 0 - "${build[@]}" o.eif && ends 0 - describe o.eif
}
ok 'outputs that can not be written end with 73; an old image is replaced' test_outputs

# --- Extraction -----------------------------------------------------------------------------------

test_extract() {
	"$eif" extract u.eif e || return 1
	same 'cmdline kernel metadata.json ramdisk0 ramdisk1 ramdisk2' "$(ls -A e | xargs)" ||
		return 1
	for file in kernel ramdisk0 ramdisk1 ramdisk2; do
		cmp "$data/$file" e/$file || return 1
	done
	same 'reboot=k panic=30' "$(cat e/cmdline)" || return 1
	"$eif" build --kernel e/kernel --kernel_config "$data/kernel.config" --cmdline \
		"$(cat e/cmdline)" --ramdisk e/ramdisk0 --ramdisk e/ramdisk1 --ramdisk e/ramdisk2 \
		--output again.eif --name demo --build-tool eif_build --build-tool-version 0.3.1 \
		>/dev/null && cmp again.eif u.eif
}
ok 'what was extracted builds the same image again' test_extract
test_extract_force() {
	echo mine >e/ramdisk1 && rm e/kernel || return 1
	ends 73 output extract u.eif e && same mine "$(cat e/ramdisk1)" && [ ! -e e/kernel ] &&
		same '' "$(find e -name '.*' ! -name .)" && ends 0 - extract --force u.eif e &&
		cmp "$data/ramdisk1" e/ramdisk1 && ends 73 output extract u.eif u.eif/x
}
ok 'extract overwrites only with --force' test_extract_force

# --- Signatures -----------------------------------------------------------------------------------

make_key() { # CURVE HASH
	openssl ecparam -name "$1" -genkey -noout -out "$1.key" 2>/dev/null &&
		openssl req -x509 -new -key "$1.key" "-$2" -days 3650 -out "$1.pem" \
			-subj '/C=XX/O=Te "st"/CN=signer' 2>/dev/null
}
test_signed() { # CURVE HASH
	make_key "$1" "$2" && python3 "$here/eif_sign.py" u.eif s.eif "$1.key" "$1.pem" "$2" &&
		ends 0 - describe s.eif || return 1
	same 'true true true' "$(jq -r '"\(.IsSigned) \(.CheckCRC) \(.SignatureCheck)"' out)" &&
		same "$(pcr u.json PCR0)" "$(pcr out PCR0)" || return 1
	digest=$(openssl x509 -in "$1.pem" -outform DER | sha384sum | cut -d' ' -f1)
	same "$( (head -c 48 /dev/zero && xxd -r -p <<<"$digest") | sha384sum | cut -d' ' -f1)" \
		"$(pcr out PCR8)" || return 1
	same "ecdsa-with-${2^^}" "$(jq -r .SigningCertificate.Algorithm out)" &&
		same '{"commonName":"signer","countryName":"XX","organizationName":"Te st"}' \
			"$(jq -c .SigningCertificate.IssuerName out)" &&
		same "$(openssl x509 -in "$1.pem" -noout -enddate | cut -d= -f2)" \
			"$(jq -r .SigningCertificate.NotAfter out)" || return 1
	same "$(openssl x509 -in "$1.pem" -noout -text -certopt no_header,no_pubkey | sed -n \
		'/Signature Value/,$p' | tail -n +2 | tr -d ' \n' | tr a-f A-F)" \
		"$(jq -r .SigningCertificate.Signature out)"
}
ok 'a signature of P-256 holds' test_signed prime256v1 sha256
ok 'a signature of P-521 holds' test_signed secp521r1 sha512
ok 'a signature of P-384 holds' test_signed secp384r1 sha384
test_signed_order() {
	same "$(printf '%s ' EifVersion Measurements IsSigned SigningCertificate CheckCRC \
		SignatureCheck ImageName ImageVersion Metadata)" \
		"$(jq -r 'keys_unsorted | join(" ")' out) " && same \
		'IssuerName Algorithm NotBefore NotAfter Signature' \
		"$(jq -r '.SigningCertificate | keys_unsorted | join(" ")' out)" && same \
		'HashAlgorithm PCR0 PCR1 PCR2 PCR8' \
		"$(jq -r '.Measurements | keys_unsorted | join(" ")' out)"
}
ok 'describe prints the keys of a signed image in the order of nitro-cli' test_signed_order
test_signed_fault() { # FAULT CODE WORD
	python3 "$here/eif_sign.py" u.eif s.eif secp384r1.key secp384r1.pem sha384 "$1" &&
		ends "$2" "$3" describe s.eif || return 1
	[ "$2" != 76 ] || same false "$(jq .SignatureCheck out)"
}
for fault in payload flipped alg cut; do
	ok "a signature with a fault ($fault) is shown as false, and is a failure" \
		test_signed_fault $fault 76 signature
done
for fault in indefinite long-head two tail bytes; do
	ok "a signature section of another form ($fault) is refused" \
		test_signed_fault $fault 65 signature-form
done
ok 'a signature section without a certificate is refused' test_signed_fault no-pem 65 certificate
test_other_key() {
	python3 "$here/eif_sign.py" u.eif s.eif secp384r1.key prime256v1.pem sha384 &&
		ends 76 signature describe s.eif || return 1
	openssl ecparam -name secp384r1 -genkey -noout -out other.key 2>/dev/null
	python3 "$here/eif_sign.py" u.eif s.eif other.key secp384r1.pem sha384 &&
		ends 76 signature describe s.eif
}
ok 'a signature by another key than the certificate has is false' test_other_key
test_moved_signature() {
	python3 "$here/eif_sign.py" u.eif s.eif secp384r1.key secp384r1.pem sha384 &&
		"$eif" extract --force s.eif sx && python3 - "$here" <<'PY' &&
import sys
sys.path.insert(0, sys.argv[1])
import eif_break
sections, version, flags = eif_break.parse(open("cases/good.eif", "rb").read())
sections.append((eif_break.SIGNATURE, open("sx/signature", "rb").read()))
open("moved.eif", "wb").write(eif_break.Image(sections, version, flags).pack())
PY
		ends 76 signature describe moved.eif
}
ok 'a signature moved to another image is false' test_moved_signature

# --- Failing halfway ------------------------------------------------------------------------------

test_full() {
	truncate -s 3M zeros
	ends 74 io build --kernel "$data/kernel" --cmdline c --ramdisk zeros --output full/o.eif &&
		ends 74 io ramdisk --output full/o.cpio zeros.tar && empty_folder full &&
		"$eif" build --kernel "$data/kernel" --cmdline c --ramdisk zeros --output big.eif \
			>/dev/null && ends 74 io extract big.eif full/x && empty_folder full
}
mkdir full
truncate -s 3M zeros && tar -cf zeros.tar zeros
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=1m tmpfs full 2>/dev/null; then
	mounted=$scratch/full
	ok 'a full disk ends with 74 and leaves nothing behind' test_full
	umount full && mounted=''
else
	echo '# skipped: a full disk (a small tmpfs can not be mounted here)'
fi
test_interrupted() {
	local signal=$1 status
	shift
	rm -rf stop && mkdir stop
	"$plain" "$@" >/dev/null 2>&1 &
	local process=$!
	until [ -n "$(find stop -name '.eif-*')" ]; do
		kill -0 $process 2>/dev/null || { echo 'it ended before it began'; return 1; }
	done
	kill "-$signal" $process
	wait $process
	status=$?
	same $((128 + $(kill -l "$signal"))) $status && empty_folder stop
}
truncate -s 8G endless
ok 'a build that is terminated leaves nothing behind' test_interrupted TERM build --kernel \
	"$data/kernel" --cmdline c --ramdisk endless --output stop/o.eif
ok 'a build whose terminal goes away leaves nothing behind' test_interrupted HUP build --kernel \
	"$data/kernel" --cmdline c --ramdisk endless --output stop/o.eif
rm -f endless
test_memory() {
	truncate -s 300M huge && mkdir hugedir && truncate -s 300M hugedir/file || return 1
	tar -cf huge.tar hugedir || return 1
	local build="build --kernel $data/kernel --cmdline c --ramdisk huge --ramdisk hugedir"
	for line in "$build --output h.eif" 'describe --sections h.eif' 'extract h.eif hx' \
		'ramdisk --output h.cpio hugedir huge.tar'; do
		# shellcheck disable=SC2086
		python3 - "$plain" $line <<'PY' || return 1
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(sys.argv[2], peak // 1024, "MiB")
sys.exit(peak > 32 * 1024)
PY
	done
}
ok 'memory does not grow with files: 32 MiB at most' test_memory

finish
