#!/bin/bash
# Operators' keys in a TPM, which is swtpm: made by tpm2-tools as the manual says, used as tpm:HANDLE.
. "$(dirname "$0")/pipeline_keys_common.bash"
unpack tpm2-openssl tpm2-tools libtss2-esys-3.0.2-0 libtss2-mu0 libtss2-rc0 libtss2-sys1 \
	libtss2-tctildr0 libtss2-tcti-swtpm0
export LD_LIBRARY_PATH=$libraries PATH=$usr/bin:$PATH
export TPM2OPENSSL_TCTI=swtpm:path=$scratch/tpm TPM2TOOLS_TCTI=swtpm:path=$scratch/tpm TSS2_LOG=all+NONE

mkdir state.tpm
swtpm socket --tpm2 --tpmstate "dir=$scratch/state.tpm" --server "type=unixio,path=$scratch/tpm" \
	--ctrl "type=unixio,path=$scratch/tpm.ctrl" --flags not-need-init,startup-clear >swtpm.log 2>&1 &
tpm=$!
listeners+=" $tpm"
await tpm2_getcap handles-persistent || { cat swtpm.log; exit 1; }

make_key() { # HANDLE FILE OPTION...: of tpm2_create
	local handle=$1 file=$2
	shift 2
	tpm2_create -Q -C primary.ctx -u made.pub -r made.priv "$@" && tpm2_flushcontext -t &&
		tpm2_load -Q -C primary.ctx -u made.pub -r made.priv -c made.ctx && tpm2_flushcontext -t &&
		tpm2_evictcontrol -Q -C o -c made.ctx "$handle" && tpm2_flushcontext -t &&
		tpm2_readpublic -Q -c "$handle" -f pem -o "$file" && tpm2_flushcontext -t
}
{
	tpm2_createprimary -Q -C o -G ecc -c primary.ctx && tpm2_flushcontext -t &&
		make_key 0x81000001 alice.pub -G ecc256:ecdsa-sha256 &&
		make_key 0x81000002 general.pub -G ecc256 &&
		make_key 0x81000003 secret.pub -G ecc256 -p password &&
		make_key 0x81000004 unlisted.pub -G ecc256:ecdsa-sha256 &&
		make_key 0x81000005 rsa.pub -G rsa2048
} >make.log 2>&1 || { cat make.log; exit 1; }
"$pipeline" --quiet keygen -o file.key --type p256 && mv file.key.pub file.pub || exit 1
listen_to alice.pub general.pub secret.pub file.pub || exit 1

ok 'a key that a TPM holds is let in' enters alice tpm:0x81000001
ok 'one that is not for one kind of signature alone too' enters general tpm:0x81000002
test_environment() {
	CLOISTER_KEY=tpm:0x81000001 ends 0 - --addr "unix:$scratch/socket" ping && conf tpm:0x81000001 &&
		ends 0 - --enclave web ping && ends 0 - --enclave web exec -- true
}
ok 'it is named in the environment, or in pipeline.conf' test_environment
test_permit() { ends 0 - permit keys alice.pub exec id && ends 77 key permit keys unlisted.pub exec id; }
ok 'its public half is a file as others are' test_permit
ok 'one that the enclave does not know is refused' fails 77 key tpm:0x81000004
ok 'one of another type is none' fails 65 key tpm:0x81000005
test_handle() {
	fails 66 provider tpm:0x81000009 && contains err tpm:0x81000009 && fails 66 provider tpm:nonsense &&
		fails 66 provider tpm:
}
ok 'a handle where nothing is' test_handle
test_secret() { # where a token's PIN would be
	fails 66 provider 'tpm:0x81000009?pin-value=975310' && contains err tpm:0x81000009 && lacks err 975310 &&
		fails 66 provider 'tpm:nonsense?pin-value=975310' && lacks err 975310 &&
		fails 66 provider 'tpm:0x81000009;pin-value=975310' && lacks err 975310 &&
		fails 65 key 'PKCS11:token=work;object=me?pin-value=975310' && lacks err 975310 &&
		fails 65 key 'pkcs:token=work;pin-value=975310' && lacks err 975310
}
ok 'what stands behind the question mark of a name is in no message' test_secret
test_file() { # which would be let in, and others may read
	cp file.key handle:0x81000009 && cp file.key tpm:0x81000009 && chmod 644 ./*:0x81000009 &&
		enters file "$scratch/file.key" && fails 66 provider tpm:0x81000009
}
ok 'a file that bears the name of a TPM key is not it' test_file
test_password() { # (the TPM then locks itself for a while: too many wrong ones)
	# without a terminal it is read where a terminal would be
	printf 'password\n' | setsid -w "$pipeline" --addr "unix:$scratch/socket" \
		--key 'tpm:0x81000003?pass' ping && fails 70 crypto tpm:0x81000003 &&
		printf 'wrong\n' | says setsid 70 crypto -w "$pipeline" --addr "unix:$scratch/socket" \
			--key 'tpm:0x81000003?pass' ping
}
ok 'one with a password wants it' test_password
test_provider() {
	OPENSSL_MODULES=$scratch fails 66 provider tpm:0x81000001 && contains err 'install tpm2-openssl'
}
ok 'without its provider it is said what to install' test_provider
test_no_tpm() {
	TPM2OPENSSL_TCTI=swtpm:path=$scratch/none fails 66 provider tpm:0x81000001 &&
		contains err 'no TPM answers' && stop_tpm && fails 66 provider tpm:0x81000001 &&
		contains err 'no TPM answers'
}
stop_tpm() { kill "$tpm" && { wait "$tpm" || :; }; }
ok 'a TPM that is not there, or has gone, is told from a provider that is not' test_no_tpm
finish
