#!/bin/bash
# init while its services are killed at random: as it is built, and sanitized, at the same time.
# CHAOS_SECONDS=60; the logs from which runs are replayed are left in out/chaos.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
mkdir -p out/chaos
said=$(mktemp -d) status=0
trap 'rm -rf "$said"' EXIT
chaos() { # NAME FOLDER
	python3 tests/integration/init_chaos.py "$2/init" "$2/initctl" --log "out/chaos/$1" \
		--seconds "${CHAOS_SECONDS:-60}" >"$said/$1" 2>&1
}
chaos plain "${BIN:-out/bin}" &
plain=$!
chaos sanitized "${SANITIZED:-out/san/bin}" || status=1
wait $plain || status=1
cat "$said/plain" "$said/sanitized"
exit $status
