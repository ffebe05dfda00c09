"""init as a supervisor of a folder of units. Prints TAP-like lines.

usage: init_supervise.py INIT
"""

import atexit
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from init_claims import begun_at
from init_place import FAILED, PATIENCE, check, order, tests, write

INIT = os.path.abspath(sys.argv[1])


class Supervisor:
    """A run over a folder of units; `said` is what it and they have written."""

    def __init__(self, units, trace="", environment=None, links=None):
        self.folder = tempfile.mkdtemp(prefix="init-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        for name, text in units.items():
            write(f"{self.folder}/{name}", text)
        for name, target in (links or {}).items():
            os.symlink(target, f"{self.folder}/{name}")
        self.said, self.news = "", threading.Condition()
        self.process = subprocess.Popen([INIT, "--supervise", self.folder],
                                        env={"CLOISTER_TRACE": trace, "OURS": "not theirs",
                                             **(environment or {})},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        atexit.register(self.process.kill)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.said += line
                self.news.notify_all()

    def wait_for(self, pattern):
        with self.news:
            return self.news.wait_for(lambda: re.search(pattern, self.said), PATIENCE)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = None
        self.reader.join(PATIENCE)
        shutil.rmtree(self.folder)
        return status


def shell(script, *more):
    """A unit that runs a script without single quotes, and more lines of its file."""
    return "\n".join([f"ExecStart = ['sh', '-c', '{script}']", *more, ""])


def starts_and_stops():
    run = Supervisor({
        "a.service": shell("echo a up; exec sleep 1000", "After = ['b']"),
        "b.service": shell("echo b up; exec sleep 1000"),
        "c.service.disabled": "no unit at all",
        "notes.txt": "neither",
    })
    check("units of a folder start in order",
          run.wait_for("a up") and run.wait_for("b up") and
          run.wait_for('(?s)"a unit is up","unit":"b".*"a unit is up","unit":"a"'), run)
    check("readiness is logged", run.wait_for('"message":"ready","units":2'), run)
    check("SIGTERM ends it in order, with status 0", run.end() == 0, run)
    check("units stop in reverse order",
          order(run, '"a unit has ended","unit":"a"', '"a unit has ended","unit":"b"'), run)


def gives_what_the_file_says():
    run = Supervisor({"one.service": shell(
        "env; pwd; ls -l /proc/self/fd | while read a b c d e f g h i; do echo fd $i; done; "
        "while read k v; do echo $k $v; done </proc/self/status; echo end; exec sleep 1000",
        "Environment = ['A=b c', 'LISTED=1']", "WorkingDirectory = '/tmp'")})
    run.wait_for("\nend\n")
    check("the environment is that of the file",
          "A=b c\n" in run.said and "LISTED=1\n" in run.said and "OURS" not in run.said, run)
    check("the working directory too", "\n/tmp\n" in run.said, run)
    check("no signal is blocked or ignored", re.search(r"SigBlk: 0+\n", run.said) and
          re.search(r"SigIgn: 0+\n", run.said), run)
    check("no descriptor of ours is left open",
          set(re.findall(r"\nfd (\d+)", run.said)) <= {"0", "1", "2", "3"}, run)
    run.end()


def becomes_another_user():
    if os.geteuid() != 0:
        print("# skipped: users can't be changed without privileges")
        return
    nobody = pwd.getpwnam("nobody")
    run = Supervisor({
        "named.service": shell("echo named $(id -u) $(id -g) $(id -G)", "User = 'nobody'"),
        "number.service": shell("echo number $(id -u) $(id -g) $(id -G)", "User = '54321'"),
        "root.service": shell("echo root $(id -u)", "User = 'root'"),
    })
    check("a user by name, with its group and no other",
          run.wait_for(f"named {nobody.pw_uid} {nobody.pw_gid} {nobody.pw_gid}\n"), run)
    check("a user by number", run.wait_for("number 54321 54321 54321\n"), run)
    check("the user that init is", run.wait_for("root 0\n"), run)
    run.end()


def sleeps():
    run = Supervisor({"one.service": shell("exec sleep 1000"),
                      "two.service": shell("exec sleep 1000")})
    run.wait_for('"message":"ready"')

    def wakings():
        with open(f"/proc/{run.process.pid}/status", encoding="ascii") as file:
            return re.search(r"\nvoluntary_ctxt_switches:\s*(\d+)", file.read()).group(1)

    rested = False
    for _ in range(PATIENCE):  # a busy machine wakes it too, but who polls is never at rest
        before = wakings()
        threading.Event().wait(2)
        rested = wakings() == before
        if rested:
            break
    check("nothing wakes it when nothing happens", rested, run)
    run.end()


def tries_again():
    run = Supervisor({"one.service": shell("echo try; exit 3", "Restart = 'on-failure'",
                                           "RestartSec = 0"),
                      "two.service": shell("echo once", "Restart = 'on-failure'")}, trace="unit")
    check("who fails is started again", run.wait_for("(?s)(try.*){3}"), run)
    check("each time after a longer while", run.wait_for('"again_ms":400') and
          order(run, '"again_ms":100', '"again_ms":200', '"again_ms":400'), run)
    check("who ends well is not", run.wait_for("once") and run.said.count("once") == 1, run)
    check("a stop ends the tries", run.end(signal.SIGINT) == 0, run)


def goes(found):
    """Whether the process that a match names is gone, after a while at most."""
    for _ in range(PATIENCE * 10 if found else 0):
        if begun_at(found.group(1)) is None:
            return True
        threading.Event().wait(0.1)
    return False


def kills_what_is_left():
    run = Supervisor({"one.service": shell("sleep 1234 & echo left $!; exit 0")})
    found = run.wait_for(r"left (\d+)")
    check("a unit's end is seen", run.wait_for('"a unit has ended","unit":"one"'), run)
    check("what is left of its group ends with it", goes(found), run)
    check("and init ends", run.end() == 0, run)


STUBBORN = []  # a unit has 30 s when all end: the other tests run meanwhile


def tells_the_deaf():
    run = Supervisor({"deaf.service": shell("trap \"\" TERM; echo deaf $$; while :; do sleep 0.2; "
                                            "done", "StopTimeout = 600", "ExecStop = ['sh', '-c', 'echo stopper "
                                            "$$; exec sleep 7777']")})
    check("a unit ignores its signal", run.wait_for(r"deaf \d+"), run)
    run.process.terminate()
    STUBBORN.append(run)


def ends_the_deaf():
    run, = STUBBORN
    check("a supervisor ends in its time, whatever time a unit has", run.end() == 0, run)
    check("and leaves no unit behind", goes(re.search(r"deaf (\d+)", run.said)), run)
    check("nor what was to stop it", goes(re.search(r"stopper (\d+)", run.said)), run)


def refuses():
    for arguments, status in ((["--nonsense"], 2), ([], 2), (["--help"], 0), (["--version"], 0)):
        done = subprocess.run([INIT, *arguments], capture_output=True)
        check(f"{' '.join(arguments) or 'no argument'}: status {status}",
              done.returncode == status)
    done = subprocess.run([INIT, "--supervise", "/no/such/folder"], capture_output=True, text=True,
                          timeout=PATIENCE)
    check("a folder that is not there: our status, and the reason",
          done.returncode == 125 and "not_found" in done.stderr)


def main():
    tests(tells_the_deaf, starts_and_stops, gives_what_the_file_says, becomes_another_user, sleeps,
          tries_again, kills_what_is_left, refuses, ends_the_deaf)
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
