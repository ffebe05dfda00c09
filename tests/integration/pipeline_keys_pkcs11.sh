#!/bin/bash
# Operators' keys in a token, which is SoftHSM: put there by its tool, used as pkcs11:... The client is
# the plain one: pkcs11-provider opens modules in a way that sanitizers refuse.
. "$(dirname "$0")/pipeline_keys_common.bash"
pipeline=$BIN/pipeline
unpack pkcs11-provider
for module in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
	[ ! -e "$module" ] || export PKCS11_PROVIDER_MODULE=$module
done
export SOFTHSM2_CONF=$scratch/softhsm2.conf
mkdir tokens empty
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$scratch/tokens" >softhsm2.conf
echo 2486 >pin

put() { # LABEL ID: the key in the file LABEL
	softhsm2-util --import "$1" --token work --label "$1" --id "$2" --pin 2486
}
{
	softhsm2-util --init-token --free --label work --so-pin 86428642 --pin 2486 &&
		"$pipeline" keygen --type p256 -o alice && put alice 01 && rm alice &&
		"$pipeline" keygen --type p256 -o unlisted && put unlisted 02 &&
		openssl genpkey -quiet -algorithm RSA -out rsa && put rsa 03
} >make.log 2>&1 </dev/null || { cat make.log; exit 1; }
listen_to alice.pub || exit 1
key() { echo "pkcs11:token=work;object=$1?pin-source=file:$scratch/pin"; } # LABEL
without_terminal() { says setsid "$1" "$2" -w "$pipeline" "${@:3}"; }      # CODE WORD ARGUMENT...

ok 'a key that a token holds is let in' enters alice "$(key alice)"
test_environment() {
	CLOISTER_KEY=$(key alice) ends 0 - --addr "unix:$scratch/socket" ping && conf "$(key alice)" &&
		ends 0 - --enclave web ping && ends 0 - --enclave web exec -- true
}
ok 'it is named in the environment, or in pipeline.conf' test_environment
test_pin() {
	ends 0 - --addr "unix:$scratch/socket" --key 'pkcs11:token=work;object=alice?pin-value=2486' ping &&
		without_terminal 66 provider --addr "unix:$scratch/socket" --key 'pkcs11:token=work;object=alice' ping &&
		printf '2486\n' | setsid -w "$pipeline" --addr "unix:$scratch/socket" \
			--key 'pkcs11:token=work;object=alice' ping
}
ok 'its PIN is in the name, in a file, or asked for' test_pin
test_secret() { # nobody reads it in what is said
	fails 66 provider 'pkcs11:token=work;object=alice?pin-value=975310' && lacks err 975310 &&
		contains err 'PIN has to be right' && fails 66 provider 'pkcs11:token=work;object=none?pin-value=2486' &&
		lacks err 2486 && fails 65 key 'pkcs11:token=work;object=rsa?pin-value=2486' && lacks err 2486
}
ok 'a PIN that is wrong, or whose key is, is not told' test_secret
ok 'one that the enclave does not know is refused' fails 77 key "$(key unlisted)"
ok 'one of another type is none' fails 65 key "$(key rsa)"
test_name() {
	fails 66 provider "$(key none)" && contains err object=none &&
		fails 66 provider "pkcs11:token=other;object=alice?pin-source=file:$scratch/pin" &&
		fails 66 provider "pkcs11:token=work;object=alice?pin-source=file:$scratch/none"
}
ok 'a key, a token, or a file with a PIN that is not there' test_name
test_module() { PKCS11_PROVIDER_MODULE=$scratch/none fails 66 provider "$(key alice)" && contains err PKCS11_PROVIDER_MODULE; }
ok 'a module that is not there' test_module
test_provider() {
	OPENSSL_MODULES=$scratch/empty fails 66 provider "$(key alice)" &&
		contains err 'install pkcs11-provider'
}
ok 'without its provider it is said what to install' test_provider
finish
