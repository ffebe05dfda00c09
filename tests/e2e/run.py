#!/usr/bin/env python3
"""Real images on QEMU's nitro-enclave machine, from the launcher to the kernel and back; no KVM, no
network. usage: BIN=FOLDER KERNEL=FOLDER PROBE=FILE tests/e2e/run.py, from the repository's root.
"""

import signal
import sys

sys.path.insert(0, "tests/e2e")
import bad  # noqa: E402
import group  # noqa: E402
import kernel  # noqa: E402
import lab  # noqa: E402
import life  # noqa: E402
import middle  # noqa: E402
import shapes  # noqa: E402
import units  # noqa: E402

LIMIT = 2400  # seconds, where an idle machine takes one or two minutes


def too_long(*_):
    raise lab.Failure(f"it has taken {LIMIT} s, and is given up")


def main():
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT)
    image = lab.scratch / "e2e.eif"
    try:
        lab.run(lab.BIN / "pipeline", "--quiet", "keygen", "-o", lab.KEY)
        lab.run(sys.executable, "rbuilds/image.py", "tests/e2e/app", image, "--key",
                f"{lab.KEY}.pub", patience=3600)
        enclave = lab.Enclave(image, "life", "--memory", "256M")
        middle.tests_before(enclave)
        life.tests(enclave)
        kernel.tests(enclave)
        units.tests()
        shapes.tests()
        middle.tests(enclave)
        group.tests(enclave)
        bad.tests(enclave)
        lab.check("it is asked to end, says farewell, and is let go", life.shutdown, enclave)
    except Exception as error:  # noqa: BLE001 (what was started is ended all the same)
        lab.results[False] += 1
        print(f"not ok - there is no enclave to be tested\n# {error}")
    lab.finish()


if __name__ == "__main__":
    main()
