#!/bin/bash
# init: the static program as PID 1 of new namespaces, and a sanitized one as a supervisor.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
status=0
python3 tests/integration/init_pid1.py "${BIN:-out/bin}/init" || status=1
python3 tests/integration/init_measure.py "${BIN:-out/bin}" || status=1
python3 tests/integration/init_changes.py "${BIN:-out/bin}" || status=1
for folder in "${BIN:-out/bin}" "${SANITIZED:-out/san/bin}"; do
	echo "# as a supervisor: $folder"
	python3 tests/integration/init_supervise.py "$folder/init" || status=1
	python3 tests/integration/init_confine.py "$folder/init" || status=1
	python3 tests/integration/init_capture.py "$folder/init" || status=1
	python3 tests/integration/init_logs.py "$folder/init" "$folder/initctl" || status=1
	python3 tests/integration/init_seal.py "$folder" "${BIN:-out/bin}" || status=1
	python3 tests/integration/init_faults.py "$folder/init" "$folder/initctl" || status=1
	python3 tests/integration/init_control.py "$folder/init" "$folder/initctl" || status=1
	python3 tests/integration/init_ready.py "$folder/init" "$folder/initctl" || status=1
	python3 tests/integration/init_strangers.py "$folder/init" "$folder/initctl" || status=1
	python3 tests/integration/init_reload.py "$folder/init" "$folder/initctl" || status=1
done
exit $status
