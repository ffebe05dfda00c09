"""A real slc for tests: started, looked at through /proc, ended; and how a test is run."""
import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

from slc_client import GUARD, Client, await_true, run

BIN = os.path.realpath(os.environ.get("BIN", "out/bin"))
SANITIZED = os.environ.get("SANITIZED", "")
PLAIN = os.path.join(BIN, "slc")
CHECKED = os.path.realpath(os.path.join(SANITIZED, "slc")) if SANITIZED else PLAIN
if not os.path.exists(CHECKED):
    CHECKED = PLAIN
ENVIRONMENT = dict(os.environ, LC_ALL="C", ASAN_OPTIONS="detect_leaks=0")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def is_there(pid):
    """Whether it lives: a zombie that nobody reaps counts as gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ticks(pid):
    """User and system time that it has used, in clock ticks."""
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return int(words[11]) + int(words[12])


def memory(pid):
    """VmRSS and RssAnon in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        rows = dict(line.split(":", 1) for line in file)
    return tuple(int(rows[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def processes_with(word):
    """Pids of those whose environment or arguments have the word."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if word.encode() in words and int(pid) != os.getpid() and is_there(int(pid)):
            found.append(int(pid))
    return found


class Nsm:
    """A simulated NSM, in a folder of its own, for as long as the tests run."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        self.path = os.path.join(self.folder, "nsm")
        environment = dict(ENVIRONMENT, XDG_STATE_HOME=self.folder)
        image = os.path.join(self.folder, "image.eif")
        data = "tests/data/eif/"
        subprocess.run(
            [os.path.join(BIN, "eif"), "build", "--kernel", data + "kernel", "--kernel_config",
             data + "kernel.config", "--cmdline", "console=ttyS0", "--ramdisk", data + "ramdisk0",
             "--ramdisk", data + "ramdisk1", "--output", image], check=True,
            stdout=subprocess.DEVNULL)
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [os.path.join(BIN, "nsmsim"), "--socket", self.path, "--eif", image], stderr=log,
                stdin=subprocess.DEVNULL, env=environment)
        atexit.register(self.end)
        await_true("the NSM", self.is_ready)
        self.root = os.path.join(self.folder, "cloister/nsmsim/root.pem")

    def is_ready(self):
        with open(os.path.join(self.folder, "log"), "rb") as file:
            return b'"listening"' in file.read() or self.process.poll() is not None

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Service:
    """`with Service(...) as service`: it listens inside, and has ended well behind it."""

    def __init__(self, *options, program=CHECKED, code=0, early=False, nsm=None, tls=False):
        self.folder = tempfile.mkdtemp()
        self.path = os.path.join(self.folder, "socket")
        self.root = os.path.join(self.folder, "root")
        os.mkdir(self.root)
        self.log_path = os.path.join(self.folder, "log")
        self.options, self.program, self.code = options, program, code
        self.tls = tls or nsm is not None
        self.process, self.clients, self.early = None, [], early
        if nsm is not None:
            self.options = (*options, "--nsm", nsm.path)

    def __enter__(self):
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [self.program, *([] if self.tls else ["--insecure-dev"]), "--addr",
                 f"unix:{self.path}", "--root", self.root, "--json", *self.options], stdin=subprocess.DEVNULL, stderr=log, env=ENVIRONMENT)
        self.keeper = self.process.pid
        if self.early:
            await_true("the parts", lambda: len(children(self.keeper)) == 2)
        else:
            self.await_listening()
        self.broker, self.front = children(self.keeper)
        return self

    def await_listening(self):
        await_true("listening", lambda: self.has_said("listening") or self.is_over())
        assert not self.is_over(), self.text()[-3000:]

    def __exit__(self, kind, *_):
        if kind is None:
            try:
                self.end()
            except BaseException:
                self.tell()
                raise
            finally:
                self.clean()
        else:
            self.tell()
            self.clean()

    def tell(self):
        """The end of its log, for who looks for the fault."""
        print("\n".join(self.text().splitlines()[-30:]))

    def clean(self):
        if self.process.poll() is None:
            for pid in children(self.keeper):
                os.kill(pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)

    def end(self):
        """SIGTERM, the expected code, nothing left. Clients go first, so that nobody waits for them."""
        for client in self.clients:
            client.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.await_end()

    def await_end(self):
        """What removes the socket's file is the keeper, unless it is killed."""
        code = self.process.wait(GUARD)
        assert code == self.code, f"slc ended with {code}, not {self.code}"
        for pid in (self.broker, self.front):
            await_true(f"the end of {pid}", lambda pid=pid: not is_there(pid))
        assert self.code < 0 or not os.path.exists(self.path), "the socket is left behind"
        if self.code == 0:
            assert not self.lines("error"), "the log has errors"

    def is_over(self):
        return self.process.poll() is not None

    def text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def lines(self, level=None):
        whole = self.text().rpartition("\n")[0]  # the last line may be about to be written
        found = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in found if level in (None, line.get("level"))]

    def has_said(self, message):
        return any(line.get("message") == message for line in self.lines())

    def number(self, message, key):
        return next(line[key] for line in self.lines() if line["message"] == message)

    def client(self, **numbers):
        self.clients.append(Client(self.path, tls=self.tls, **numbers))
        return self.clients[-1]

    def run(self, *words, data=b""):
        return run(self.path, *words, data=data, tls=self.tls)

    def jobs(self):
        return children(self.broker)

    def await_no_jobs(self):
        await_true("the end of all jobs", lambda: not self.jobs())

    def at_rest(self):
        """The descriptors of each part: when all of them have begun, which a command shows."""
        self.run("true")
        self.await_no_jobs()
        return [descriptors(pid) for pid in (self.keeper, self.broker, self.front)]

    def await_rest(self, most):
        await_true("all descriptors closed", lambda: all(
            descriptors(pid) <= number
            for pid, number in zip((self.keeper, self.broker, self.front), most)))


def equal(found, expected):
    assert found == expected, f"found {found!r}, expected {expected!r}"


def overdue(*_):
    raise TimeoutError("the test hangs")


def main(tests):
    """Runs functions, whose docstrings are their names; only those that have a word of the command
    line, if it has words. Each has its time, as a session that hangs still says PING."""
    failed = 0
    tests = [test for test in tests
             if not sys.argv[1:] or any(word in test.__name__ for word in sys.argv[1:])]
    signal.signal(signal.SIGALRM, overdue)
    for test in tests:
        name = " ".join(test.__doc__.split()).rstrip(".")
        signal.alarm(4 * GUARD)
        try:
            test()
            signal.alarm(0)
            print(f"ok - {name}", flush=True)
        except BaseException:
            signal.alarm(0)
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok - {name}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(failed != 0)
