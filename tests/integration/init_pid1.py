"""init as PID 1 of new namespaces: boots trees of files, plays their host, and looks at what was
said. Prints TAP-like lines.

usage: init_pid1.py INIT      the program, static
"""

import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

INIT = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
NAMESPACES = ["unshare", "-U", "-r", "-m", "-p", "-f", "-n", "-u", "-i"]
PATIENCE = 60
TOOLS = ["sh", "sleep", "cat", "env", "ls", "mkdir", "touch", "true", "id", "kill", "tty", "head"]


# --- Trees ----------------------------------------------------------------------------------------

def libraries(program):
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


def userland(tree):
    """A few of this machine's programs with the libraries they need."""
    os.makedirs(f"{tree}/bin")
    for tool in TOOLS:
        path = os.path.realpath(shutil.which(tool) or "/bin/true")
        shutil.copy2(path, f"{tree}/bin/{tool}")
        for library in libraries(path):
            os.makedirs(tree + os.path.dirname(library), exist_ok=True)
            if not os.path.exists(tree + library):
                shutil.copy2(library, tree + library)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


class Image:
    """A ramdisk: /init and /rootfs, with units, or with /cmd and /env."""

    def __init__(self, units=None, command=None, environment=None, rootfs=True):
        self.folder = tempfile.mkdtemp(prefix="init-")
        self.tree = f"{self.folder}/tree"
        self.root = f"{self.tree}/rootfs" if rootfs else self.tree
        os.makedirs(self.root)
        userland(self.root)
        shutil.copy2(INIT, f"{self.tree}/init")
        for name, text in (units or {}).items():
            write(f"{self.root}/etc/cloister/units/{name}.service", text)
        if command is not None:
            write(f"{self.tree}/cmd", "".join(f"{word}\n" for word in command))
            write(f"{self.tree}/env", "".join(f"{word}\n" for word in environment or []))

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


# --- The host -------------------------------------------------------------------------------------

class Host:
    """Listens where the parent instance would: heartbeat and lines, in a folder of sockets."""

    def __init__(self, folder, heartbeat="echo", lines="take"):
        self.folder = f"{folder}/sockets"
        os.makedirs(f"{self.folder}/3")
        self.heartbeats, self.lines, self.silent = [], [], []
        self.news = threading.Condition()
        if heartbeat:
            self.listen(9000, lambda connection: self.beat(connection, heartbeat))
        if lines:
            self.listen(9002, self.take)

    def listen(self, port, serve):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{self.folder}/3/{port}")
        listener.listen(8)

        def accept():
            while True:
                connection, _ = listener.accept()
                serve(connection)

        threading.Thread(target=accept, daemon=True).start()

    def beat(self, connection, manner):
        self.heartbeats.append(connection.recv(1))
        if manner == "silent":
            self.silent.append(connection)  # open, and nothing is said
            return
        connection.sendall(b"\xb7" if manner == "echo" else b"\x00")
        connection.close()

    def take(self, connection):
        text = b""
        while chunk := connection.recv(64):
            text += chunk
        connection.close()
        with self.news:
            self.lines.append(text.decode())
            self.news.notify_all()

    def wait(self, beginning):
        """The line that begins so, when it has come; None if it does not."""
        with self.news:
            found = lambda: [line for line in self.lines if line.startswith(beginning)]
            self.news.wait_for(found, PATIENCE)
            return (found() or [None])[0]


# --- A run ----------------------------------------------------------------------------------------

class Run:
    """init in its namespaces. `said` grows as it writes to its console."""

    def __init__(self, image, host=None, arguments=(), trace=None, terminal=False):
        command = NAMESPACES + [sys.executable, f"{HERE}/init_enter.py", image.tree]
        command += [host.folder] if host else []
        command += ["--", *arguments]
        environment = dict(os.environ)
        environment.pop("CLOISTER_VSOCK_DIR", None)
        environment.pop("CLOISTER_TRACE", None)
        if trace:
            environment["CLOISTER_TRACE"] = trace
        self.said, self.news = "", threading.Condition()
        output = subprocess.PIPE
        if terminal:
            self.master, slave = pty.openpty()
            environment["CONSOLE"] = os.ttyname(slave)
            output = subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=output, stderr=subprocess.STDOUT)
        source = self.master if terminal else self.process.stdout.fileno()
        threading.Thread(target=self.read, args=(source,), daemon=True).start()

    def read(self, source):
        while True:
            try:
                chunk = os.read(source, 4096)
            except OSError:
                chunk = b""
            with self.news:
                self.said += chunk.decode(errors="replace")
                self.news.notify_all()
            if not chunk:
                return

    def wait_for(self, pattern):
        with self.news:
            return self.news.wait_for(lambda: re.search(pattern, self.said), PATIENCE)

    def pid(self):
        """init's number out here: the child of unshare."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children",
                  encoding="ascii") as file:
            return int(file.read().split()[0])

    def signal(self, number):
        os.kill(self.pid(), number)

    def end(self):
        """How init ended: a negative number is a signal. unshare passes it on."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        with self.news:
            self.news.wait_for(lambda: "farewell" in self.said, 5)
        return status

    def kill(self):
        try:
            self.signal(signal.SIGKILL)
        except (OSError, IndexError):
            pass
        self.process.kill()
        self.process.wait()


# --- Tests ----------------------------------------------------------------------------------------

FAILED = 0


def check(what, holds, run=None):
    global FAILED
    print(f"{'ok' if holds else 'not ok'} - {what}", flush=True)
    if holds:
        return
    FAILED += 1
    if run is not None:
        print("\n".join(f"# {line}" for line in run.said.splitlines()[-40:]))


def order(run, *words):
    """Whether the words were said, in this order."""
    places = [run.said.find(word) for word in words]
    return -1 not in places and places == sorted(places)


LOOK = """exec >&2
echo "pid1 $(cat /proc/1/comm) args $#"
ls -A / | while read name; do echo "root $name"; done
[ -c /dev/null ] && [ -e /dev/fd/0 ] && [ -d /proc/self ] && echo devices are there
[ -d /dev/pts ] && [ -d /dev/shm ] && touch /dev/shm/x /tmp/x /run/x && echo mounts are there
read host </proc/sys/kernel/hostname; echo "host $host"
cat /proc/net/if_inet6 /proc/net/fib_trie | head -40
echo looked
"""


def boots_in_order():
    image = Image(units={
        "c-first": "ExecStart = \"sh -c 'echo c-first >&2; exec sleep 1000'\"\n",
        "b-second": "ExecStart = [\"sh\", \"-c\", \"echo b-second >&2; exec sleep 1000\"]\n"
                    "Requires = [\"c-first\"]\nEnvironment = [\"WHO=b\"]\n",
        "a-third": "ExecStart = \"sh /look\"\nAfter = [\"b-second.service\"]\n",
        "off": "ExecStart = \"sh -c 'echo off >&2'\"\nServiceEnable = false\n",
    })
    write(f"{image.root}/look", LOOK)
    write(f"{image.root}/etc/hostname", "small\n")
    write(f"{image.tree}/nomodules", "not read\n")
    host = Host(image.folder)
    run = Run(image, host, ["nomodules", "random.trust_cpu=on", "--help"], trace="boot,unit")
    check("the host hears that all units are up", host.wait("ready") in ("ready 3\n", "ready 2\n"),
          run)
    check("the heartbeat is one byte, 0xB7", host.heartbeats == [b"\xb7"])
    run.wait_for("looked")
    check("units start after those they name", order(run, "c-first\n", "b-second\n", "pid1 init"),
          run)
    check("foreign arguments are of no consequence", "usage" not in run.said, run)
    check("a unit that is not enabled does not start", "\noff" not in run.said, run)
    check("/rootfs is the root", "root look" in run.said and "root rootfs" not in run.said, run)
    check("devices and file systems are mounted",
          "devices are there" in run.said and "mounts are there" in run.said, run)
    check("the image names its host", "host small" in run.said, run)
    check("loopback has its addresses", "127.0.0.1" in run.said and
          ("00000000000000000000000000000001" in run.said
           or not os.path.exists("/proc/net/if_inet6")), run)
    check("steps of machines are traced", '"machine":"boot"' in run.said and
          '"to":"ready"' in run.said and '"machine":"unit"' in run.said, run)
    run.signal(signal.SIGTERM)
    check("a power off is the signal that reboot(2) sends", run.end() == -signal.SIGINT or
          run.process.returncode == 128 + signal.SIGINT, run)
    check("the farewell says how", host.wait("farewell") == "farewell 0 poweroff\n", run)
    stops = [run.said.find(f'"instance":{i},"from":"up","event":"STOP"') for i in (1, 2)]
    check("units stop before those they need", -1 not in stops and stops == sorted(stops), run)
    image.remove()


def runs_a_command():
    image = Image(command=["sh", "-c", "echo \"$0 $GREETING\" >&2; (sleep 1 & exec sleep 0) ; "
                           "[ -e /cmd ] || echo removed >&2; exit 7", "two words"],
                  environment=["GREETING=hello", "PATH=/bin"])
    host = Host(image.folder)
    run = Run(image, host)
    check("the end of /cmd ends the enclave as AWS's init does",
          run.end() in (-signal.SIGHUP, 128 + signal.SIGHUP), run)
    check("lines of /cmd are words, lines of /env variables", "two words hello" in run.said, run)
    check("the farewell has the command's status",
          host.wait("farewell") == "farewell 7 reboot\n", run)
    image.remove()


def goes_on_unheard(manner, what):
    image = Image(units={"one": "ExecStart = \"sleep 1000\"\n"})
    host = Host(image.folder, heartbeat=manner)
    run = Run(image, host)
    check(f"{what}: the boot goes on", host.wait("ready") == "ready 1\n", run)
    check(f"{what}: it is reported", '"step":"heartbeat"' in run.said, run)
    run.signal(signal.SIGINT)
    check(f"{what}: a reboot is the signal that reboot(2) sends",
          run.end() in (-signal.SIGHUP, 128 + signal.SIGHUP), run)
    image.remove()


def survives_bad_units():
    image = Image(units={
        "good": "ExecStart = \"sleep 1000\"\n",
        "typo": "ExecStart = \"true\"\nRestrat = \"no\"\n",
        "gone": "ExecStart = \"/no/such/program\"\n",
        "needs-gone": "ExecStart = \"sh -c 'echo must not run >&2'\"\nRequires = [\"gone\"]\n",
        "needs-none": "ExecStart = \"true\"\nRequires = [\"nobody\"]\n",
        "ring-a": "ExecStart = \"true\"\nAfter = [\"ring-b\"]\n",
        "ring-b": "ExecStart = \"true\"\nAfter = [\"ring-a\"]\n",
        "crash": "ExecStart = \"sh -c 'echo crashing >&2; exit 3'\"\nRestart = \"on-failure\"\n"
                 "RestartSec = 0\n",
        "user": "ExecStart = \"true\"\nUser = \"nobody-knows\"\n",
    })
    host = Host(image.folder)
    run = Run(image, host)
    check("a good unit is up beside bad ones",
          run.wait_for(r'"a unit is up","unit":"good"') is not None, run)
    check("an unknown key is reported with its place",
          run.wait_for(r"typo.service:2:1: unknown key 'Restrat'"), run)
    check("a missing program is reported", run.wait_for(r'"unit":"gone","reason":"not_found"'), run)
    check("who requires a lost unit is not started", run.wait_for(
        r'what it requires is lost","unit":"needs-gone"') and "must not run" not in run.said, run)
    check("a missing requirement is reported", "there is no such unit" in run.said, run)
    check("a circle is reported, and who is in it",
          "ring-a -> ring-b -> ring-a" in run.said, run)
    check("an unknown user is reported", "no user 'nobody-knows'" in run.said, run)
    check("who crashes is started again", run.wait_for(r"(?s)(crashing.*){3}"), run)
    check("readiness is not claimed", host.lines == [], run)
    run.signal(signal.SIGTERM)
    run.end()
    check("a farewell without readiness", host.wait("farewell") == "farewell 0 poweroff\n", run)
    image.remove()


def reaps_and_kills():
    image = Image(units={
        "parent": "ExecStart = \"sh /parent\"\n",
        "stubborn": "ExecStart = \"sh -c \\\"trap '' TERM; echo stubborn >&2; "
                    "while :; do sleep 1; done\\\"\"\nStopTimeout = 1\n",
    })
    shutil.copy2(f"{image.root}/bin/sleep", f"{image.root}/bin/nap")
    write(f"{image.root}/parent", """sh -c 'nap 0.2 & echo orphan >&2'
while :; do # a zombie keeps its name
	naps=0
	for file in /proc/[0-9]*/comm; do
		read name <$file && [ "$name" = nap ] && naps=1
	done 2>/dev/null
	[ $naps = 0 ] && break
done
echo reaped >&2
exec sleep 1000
""")
    host = Host(image.folder)
    run = Run(image, host)
    check("orphans are reaped", run.wait_for("orphan\n(.*\n)*reaped"), run)
    run.wait_for("stubborn\n")
    host.wait("ready")
    run.signal(signal.SIGTERM)
    check("a unit that ignores SIGTERM does not hold the end up", run.end() is not None, run)
    check("and its end is SIGKILL", '"unit":"stubborn","status":137' in run.said, run)
    check("the farewell is said", (host.wait("farewell") or "").startswith("farewell 0 poweroff"),
          run)
    image.remove()


def refuses_an_empty_image():
    image = Image()
    host = Host(image.folder)
    run = Run(image, host)
    check("an image that names nothing to run fails", run.end() is not None, run)
    check("the farewell has the status of our own failures",
          host.wait("farewell") == "farewell 125 reboot\n", run)
    check("the reason is reported", '"step":"configuration","reason":"missing"' in run.said, run)
    image.remove()


def is_a_root_itself():
    image = Image(units={"one": "ExecStart = \"sh -c 'ls -A / >&2; exec sleep 1000'\"\n"},
                  rootfs=False)
    host = Host(image.folder)
    run = Run(image, host)
    check("a ramdisk with units of its own is a root", host.wait("ready") == "ready 1\n", run)
    run.signal(signal.SIGTERM)
    run.end()
    image.remove()
    image = Image(command=["true"], rootfs=False)
    host = Host(image.folder)
    run = Run(image, host)
    run.end()
    check("one with /cmd and without /rootfs is none",
          host.wait("farewell") == "farewell 125 reboot\n" and '"step":"root"' in run.said, run)
    image.remove()


def speaks_on_the_console():
    image = Image(units={"one": "ExecStart = \"sh -c 'echo to the console; exec sleep 1000'\"\n"})
    run = Run(image, terminal=True)
    check("a unit's output is on the console", run.wait_for("to the console"), run)
    check("the log is plain on a terminal", run.wait_for(r"info init: ready units=1"), run)
    run.signal(signal.SIGTERM)
    check("it ends without a host to tell", run.end() is not None, run)
    image.remove()


def main():
    if subprocess.run(NAMESPACES + ["true"], capture_output=True).returncode != 0:
        print("# skipped: no namespaces without privileges here")
        print("ok - nothing can be tested here")
        return
    boots_in_order()
    runs_a_command()
    goes_on_unheard(None, "no host")
    goes_on_unheard("silent", "a silent host")
    goes_on_unheard("other", "a host that answers something else")
    survives_bad_units()
    reaps_and_kills()
    refuses_an_empty_image()
    is_a_root_itself()
    speaks_on_the_console()
    sys.exit(1 if FAILED else 0)


main()
