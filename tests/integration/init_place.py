"""What tests of init share: images, the host that they speak to, and runs. See init_pid1.py."""

import atexit
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

HERE = os.path.dirname(os.path.abspath(__file__))
NAMESPACES = ["unshare", "-U", "-r", "-m", "-p", "-f", "-n", "-u", "-i"]
PATIENCE = 60
TOOLS = ["sh", "grep", "sleep", "cat", "env", "ls", "mkdir", "touch", "true", "id", "kill", "tty", "head", "rm",
         "ln", "mount", "umount"]


# --- Trees ----------------------------------------------------------------------------------------

def libraries(program):
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


def userland(tree):
    """A few of this machine's programs with the libraries they need."""
    os.makedirs(f"{tree}/bin")
    for tool in TOOLS:
        add_program(tree, tool)


def add_program(tree, tool):
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

    def __init__(self, program, units=None, command=None, environment=None, rootfs=True):
        self.folder = tempfile.mkdtemp(prefix="init-")
        atexit.register(self.remove)  # also where a test ends by an exception
        self.tree = f"{self.folder}/tree"
        self.root = f"{self.tree}/rootfs" if rootfs else self.tree
        os.makedirs(self.root)
        userland(self.root)
        shutil.copy2(program, f"{self.tree}/init")
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
        os.makedirs(f"{self.folder}/any")
        self.heartbeats, self.lines, self.silent, self.asked = [], [], [], []
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

    def play_nsm(self, reply):
        """A socket that answers every request with `reply`, or what that makes of it, as the NSM's
        stand-in does."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(f"{self.folder}/nsm")
        listener.listen(8)

        def serve():
            while True:
                connection, _ = listener.accept()
                while request := connection.recv(4096):
                    self.asked.append(request)
                    connection.send(reply(request) if callable(reply) else reply)

        threading.Thread(target=serve, daemon=True).start()

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

    def connect(self):
        """A connection to the port of health, when it is there; None if it does not come."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(PATIENCE)
            try:
                connection.connect(f"{self.folder}/any/9001")
                return connection
            except OSError:
                connection.close()
                time.sleep(0.01)
        return None

    def ask(self):
        """What a connection to the port of health is told."""
        connection, text = self.connect(), b""
        try:
            while chunk := connection.recv(64):
                text += chunk
        except ConnectionResetError:
            pass  # what we said was not read
        connection.close()
        return text.decode()

    def asks(self, *lines):
        """Whether one of these lines is told, sooner or later."""
        until = time.monotonic() + PATIENCE
        while self.ask() not in lines:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

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
        atexit.register(self.kill)
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

    def says(self, *words):
        """Whether all of these were said, sooner or later: what the host has heard may be there
        before what the console was told."""
        with self.news:
            return self.news.wait_for(lambda: all(word in self.said for word in words), PATIENCE)

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
            self.news.wait_for(lambda: "farewell" in self.said, PATIENCE)
        return status

    def kill(self):
        if self.process.poll() is not None:
            return
        try:
            self.signal(signal.SIGKILL)
        except (OSError, IndexError):
            pass
        self.process.kill()
        self.process.wait()


# --- What is told -------------------------------------------------------------------------------

FAILED = []  # what did not hold
SKIPPED = "skipped"


def check(what, holds, run=None):
    print(f"{'ok' if holds else 'not ok'} - {what}", flush=True)
    if holds:
        return
    FAILED.append(what)
    if run is not None:
        print("\n".join(f"# {line}" for line in run.said.splitlines()[-40:]))


def order(run, *words):
    """Whether the words were said, in this order."""
    places = [run.said.find(word) for word in words]
    return -1 not in places and places == sorted(places)


def tests(*functions):
    """Runs each, and tells by its name that all it checks has held: tables of pages name these.
    One that was left out, and returns SKIPPED, has shown nothing."""
    for function in functions:
        before = len(FAILED)
        skipped = function() is SKIPPED
        if len(FAILED) == before and not skipped:
            print(f"ok - {function.__name__}", flush=True)
