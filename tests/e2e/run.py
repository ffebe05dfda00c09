#!/usr/bin/env python3
"""Real images on QEMU's nitro-enclave machine, from the launcher to the kernel and back; no KVM, no
network. usage: BIN=FOLDER KERNEL=FOLDER PROBE=FILE tests/e2e/run.py, from the repository's root.
"""

import sys

sys.path.insert(0, "tests/e2e")
import bad  # noqa: E402
import kernel  # noqa: E402
import lab  # noqa: E402
import life  # noqa: E402
import shapes  # noqa: E402


def main():
    image = lab.scratch / "e2e.eif"
    try:
        lab.run(lab.BIN / "pipeline", "--quiet", "keygen", "-o", lab.KEY)
        lab.run(sys.executable, "rbuilds/image.py", "tests/e2e/app", image, "--key",
                f"{lab.KEY}.pub", patience=3600)
        enclave = lab.Enclave(image, "life", "--memory", "256M")
        life.tests(enclave)
        kernel.tests(enclave)
        shapes.tests()
        bad.tests(enclave)
        lab.check("it is asked to end, says farewell, and is let go", life.shutdown, enclave)
    except Exception as error:  # noqa: BLE001 (what was started is ended all the same)
        lab.results[False] += 1
        print(f"not ok - there is no enclave to be tested\n# {error}")
    lab.finish()


if __name__ == "__main__":
    main()
