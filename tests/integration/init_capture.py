"""What units write is captured by init, and shown on its standard output, which holds up nobody.
Prints TAP-like lines.

usage: init_capture.py INIT
"""

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from init_place import FAILED, PATIENCE, check, tests, write

INIT = os.path.abspath(sys.argv[1])


class Place:
    """init over units; what it writes is read when it has ended, or when we say so."""

    def __init__(self, units):
        self.folder = tempfile.mkdtemp(prefix="init-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        for name, script in units.items():
            more = script[1:] if isinstance(script, tuple) else ()
            script = script if isinstance(script, str) else script[0]
            write(f"{self.folder}/units/{name}.service", "\n".join(
                [f"ExecStart = ['sh', '-c', '{script}']", f"Environment = ['D={self.folder}']",
                 *more, ""]))
        with open(f"{self.folder}/log", "wb") as log:
            self.process = subprocess.Popen([INIT, "--supervise", f"{self.folder}/units"],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=log, env={})
        atexit.register(self.process.kill)

    def exists(self, name):
        until = time.monotonic() + PATIENCE
        while not os.path.exists(f"{self.folder}/{name}"):
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def end(self):
        """All that was shown, and the status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            shown, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            shown, _ = self.process.communicate()
        return shown.decode(errors="replace"), self.process.returncode


def shows_both_in_their_order():
    place = Place({"one": "echo a; echo b >&2; echo c >/dev/stdout; echo d >/dev/stderr; "
                          "printf e; touch $D/done; exec sleep 1000",
                   "two": ("echo hidden; touch $D/quiet; exec sleep 1000", "LogConsole = false")})
    both = place.exists("done") and place.exists("quiet")
    shown, status = place.end()
    check("standard output and error are shown in their order", both and "a\nb\nc\nd\n" in shown)
    check("a last line without an end gets one", shown.endswith("e\n"))
    check("LogConsole = false keeps it inside", "hidden" not in shown)
    check("and init ends", status == 0)


def nobody_reads():
    """The pipe that is our standard output takes 64 KiB, and is not read."""
    many = "i=0; while [ $i -lt 20000 ]; do echo $0 line $i; i=$((i+1)); done; touch $D/"
    place = Place({name: f"{many}{name}; exec sleep 1000" for name in ("one", "two")})
    check("a console that nobody reads holds up no unit",
          place.exists("one") and place.exists("two"))
    shown, status = place.end()
    lines = [int(number) for number in re.findall(r"sh line (\d+)\n", shown)]
    check("it shows whole lines, and loses some", 0 < len(lines) < 40000 and
          re.fullmatch(r"(sh line \d+\n)*(sh line \d*)?", shown[shown.index("sh"):]) is not None)
    check("init ends all the same", status == 0)


def nobody_is_there():
    place = Place({"one": "sleep 0; while [ ! -e $D/go ]; do sleep 0.05; done; echo a; echo b; "
                          "touch $D/done; exec sleep 1000"})
    place.process.stdout.close()
    write(f"{place.folder}/go", "")
    check("a console that is gone holds up no unit", place.exists("done"))
    place.process.stdout = None
    place.process.send_signal(signal.SIGTERM)
    check("and init ends as before", place.process.wait(PATIENCE) == 0)


def another_program_goes_on():
    place = Place({"one": ("echo run $$ >>$D/runs; echo from $$; kill -9 $$",
                           "Restart = 'always'", "RestartSec = 0")})
    until = time.monotonic() + PATIENCE
    runs = []
    while len(runs) < 3 and time.monotonic() < until:
        time.sleep(0.05)
        if os.path.exists(f"{place.folder}/runs"):
            with open(f"{place.folder}/runs", encoding="ascii") as file:
                runs = re.findall(r"run (\d+)\n", file.read())
    shown, _ = place.end()
    check("each run of a program is captured", len(runs) >= 3 and
          all(f"from {pid}\n" in shown for pid in runs[:3]))


def main():
    tests(shows_both_in_their_order, nobody_reads, nobody_is_there, another_program_goes_on)
    sys.exit(1 if FAILED else 0)


main()
