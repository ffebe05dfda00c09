#!/bin/sh
# Installs what verbs need, by apt, and says what and why; does nothing when all is there.
# usage: rbuilds/deps.sh VERB...      verbs: build image test gen verify fuzz lint qemu kernel bench
set -eu

list=$(dirname "$0")/packages.txt
command -v dpkg-query >/dev/null 2>&1 || {
	echo "deps: this is no Debian; packages.txt in rbuilds/ lists what is needed" >&2
	exit 0
}

missing=
for verb in "$@"; do
	for package in $(awk -v verb="$verb" '$1 == verb { print $2 }' "$list"); do
		status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
		case "$status $missing " in
		ii*) ;;
		*" $package "*) ;;
		*) missing="$missing $package" ;;
		esac
	done
done
[ -n "$missing" ] || exit 0

echo "deps: to be installed for '$*':"
for package in $missing; do
	awk -v package="$package" '$2 == package {
		$1 = $2 = ""; sub(/^ +/, ""); printf "  %-20s %s\n", package, $0; exit }' "$list"
done
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
case $missing in
*openssh-server*) # for its program: nobody shall be let into this machine because of a test
	if [ -d /etc/systemd/system ]; then
		$as_root ln -sf /dev/null /etc/systemd/system/ssh.service
		echo "deps: sshd is kept from running as a service; \`systemctl unmask ssh\` would let it"
	fi
	;;
esac
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive \
	apt-get install -y -qq --no-install-recommends $missing >/dev/null
