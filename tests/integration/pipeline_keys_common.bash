# What the tests share whose operators' keys no file has: parts of Debian's packages that are
# unpacked here, not installed, and listeners that know these keys. `make deps-test` could bring
# neither: libtss2 wants tpm-udev, and that udev, a daemon; pkcs11-provider is in no suite that
# apt's sources name here.
. "$(dirname "$0")/pipeline_common.bash"
usr=$scratch/unpacked/usr
libraries=$usr/lib/x86_64-linux-gnu
unset CLOISTER_KEY OPENSSL_CONF TPM2OPENSSL_TCTI TPM2TOOLS_TCTI PKCS11_PROVIDER_MODULE
export OPENSSL_MODULES=$libraries/ossl-modules XDG_CONFIG_HOME=$scratch/config

leave_out() { # WHY: nothing was shown
	echo "# skipped: $1"
	echo "ok - $0 # SKIP"
	exit 0
}
unpack() { # PACKAGE...: of rbuilds/lock.txt
	local package file
	[ "$(dpkg --print-architecture)" = amd64 ] || leave_out 'the pinned packages are for amd64'
	for package; do
		file=$("$repository/rbuilds/fetch.sh" "$package")
		case $? in
		0) dpkg-deb --extract "$file" unpacked || exit 1 ;;
		75) leave_out "no mirror has $package, or there is none" ;;
		*) exit 1 ;;
		esac
	done
}

# Starts a listener that lets in whom it is told about.
listen_to() { # FILE-OF-A-PUBLIC-KEY...
	local file
	for file; do
		printf '[[key]]\nname = "%s"\npublic = "%s"\nverbs = ["exec"]\ncommands = ["*"]\n' \
			"${file%.pub}" "$(openssl pkey -pubin -in "$file" -outform DER | base64 -w 0)"
	done >keys
	listen service.log --addr "unix:$scratch/socket" --keys keys || return
	# From now on a client that hangs, in code that is not ours, is a failed test.
	printf '#!/bin/sh\nexec timeout --foreground 120 "%s" "$@"\n' "$pipeline" >client
	chmod +x client && pipeline=$scratch/client
}
enters() { # NAME URI: the enclave lets it in under this name
	"$pipeline" --addr "unix:$scratch/socket" --key "$2" exec -- sh -c 'exit 3'
	same 3 $? && await grep -q "\"entered\".*\"key\":\"$1\"" service.log
}
fails() { # CODE WORD URI: of ping; exec ends with 125, and runs nothing
	ends "$1" "$2" --addr "unix:$scratch/socket" --key "$3" ping &&
		ends 125 "$2" --addr "unix:$scratch/socket" --key "$3" exec -- touch "$scratch/ran" &&
		[ ! -e ran ]
}
conf() { # URI: a pipeline.conf in which the enclave `web` has it
	mkdir -p config/cloister && printf '[enclaves.web]\naddress = "unix:%s"\nkey = "%s"\nroot = "%s"\n' \
		"$scratch/socket" "$1" "$CLOISTER_ROOT" >config/cloister/pipeline.conf
}
