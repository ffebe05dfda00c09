"""processes beside init that mean no good can't hold it up: it hears them, and goes on.
Prints TAP-like lines.

usage: init_strangers.py INIT INITCTL
"""

import array
import atexit
import contextlib
import itertools
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

from init_control import SLEEP, Place, shell
from init_place import FAILED, PATIENCE, check, tests, write
from init_ready import LONG, teller, with_programs

# One that sends to the socket of somebody else as fast as it can, whatever becomes of it.
FLOOD = """import os, socket, sys
folder = sys.argv[1]
while not os.path.exists(folder + "/name"):
    pass
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
with open(folder + "/name") as file:
    to.connect("\\0" + file.read().strip()[1:])
to.setblocking(False)
open(folder + "/floods", "w").close()
while True:
    try:
        to.send(b"READY=1\\nSTATUS=" + b"x" * 3000)
    except BlockingIOError:
        pass
"""


class Lingering:
    """A connection whose last close waits for a quarter of an hour: its other end takes nothing."""

    def __init__(self):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            self.near = socket.socket()
            self.near.connect(listener.getsockname())
            self.far, _ = listener.accept()
        self.near.setblocking(False)
        try:
            while True:
                self.near.send(bytes(65536))
        except BlockingIOError:
            pass
        self.near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 900))

    def give(self, to, data):
        """Sends it away to who does not take it yet, and will have it alone."""
        to.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                             array.array("i", [self.near.fileno()]))])
        with open("/dev/null", "rb") as nothing:
            os.dup2(nothing.fileno(), self.near.fileno())


def notify_socket(place):
    """What a unit was given, for one who is no unit."""
    path = f"{place.folder}/name"
    place.until(lambda: os.path.exists(path))
    to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with open(path, encoding="ascii") as file:
        to.connect("\0" + file.read().strip()[1:])
    to.settimeout(PATIENCE)
    return to


def named():
    return shell("echo $NOTIFY_SOCKET >$D/new; mv $D/new $D/name; exec sleep 1000",
                 "Type = 'notify'", LONG)


def descriptors_hold_up_nobody():
    """Whose last close waits; one came with a message, one lies in a unit's socket."""
    place = Place({"note": named(), "web": shell(SLEEP, "Sockets = ['unix:$D/web']")})
    first, second = Lingering(), Lingering()
    with notify_socket(place) as to:
        place.process.send_signal(signal.SIGSTOP)
        first.give(to, b"BARRIER=1")
        place.process.send_signal(signal.SIGCONT)
        check("init answers", place.ask("ping").returncode == 0, place)
        ours, theirs = os.pipe()
        to.sendmsg([b"BARRIER=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                     array.array("i", [theirs]))])
        os.close(theirs)
        check("and closes what it is sent", os.read(ours, 1) == b"")
        os.close(ours)
    place.stands("web", "up")
    with socket.socket(socket.AF_UNIX) as to:
        to.connect(f"{place.folder}/web")
        second.give(to, b"x")
    check("the unit stops", place.ask("stop", "web").returncode == 0, place)
    check("and init answers", place.ask("ping").returncode == 0, place)
    check("and starts it anew", place.ask("start", "web").returncode == 0, place)
    check("it ends", place.end() == 0, place)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def give_without_end(to, over):
    """Descriptors for somebody else, as fast as he takes them."""
    null = os.open("/dev/null", os.O_RDONLY)
    row = array.array("i", [null] * 100)
    to.settimeout(1)
    while not over.is_set():
        with contextlib.suppress(TimeoutError, ConnectionRefusedError):
            to.sendmsg([b"BARRIER=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, row)])
    os.close(null)


def what_is_closed_is_free_again():
    """A port that a unit had can be had again, also while descriptors of others are closed."""
    port = f"tcp:127.0.0.1:{free_port()}"
    ways = itertools.cycle([f"Sockets = ['{port}', 'unix:$D/more']", f"Sockets = ['{port}']"])

    def web():
        return shell(SLEEP, next(ways), "Restart = 'no'")

    def opened_anew():
        place.write("web", web())
        return all(place.ask(*words).returncode == 0 for words in (("reload",), ("restart", "web")))

    place = Place({"note": named(), "web": web()})
    place.stands("web", "up")
    over = threading.Event()
    with notify_socket(place) as to:
        flood = threading.Thread(target=give_without_end, args=(to, over))
        flood.start()
        try:
            check("a unit gets its port, forty times", all(opened_anew() for _ in range(40)), place)
        finally:
            over.set()
            flood.join()
    check("it ends", place.end() == 0, place)


def a_flood_holds_up_nobody():
    """Messages of strangers, as many as two processes can send, crowd nobody out."""
    programs = tempfile.mkdtemp(prefix="init-")
    atexit.register(shutil.rmtree, programs, ignore_errors=True)
    write(f"{programs}/flood", FLOOD)
    flood = f"ExecStart = ['{sys.executable}', '{programs}/flood', '$D']\n"
    place = Place(with_programs({
        "name": named(), "one": flood, "two": flood,
        "note": teller("$D/go", "READY=1", lines=["Type = 'notify'", LONG]),
        "other": shell(SLEEP, "Restart = 'always'", "RestartSec = 0", "RestartLimit = 0")}))
    check("the flood has begun", place.until(
        lambda: os.path.exists(f"{place.folder}/floods")), place)
    place.stands("other", "up")
    slowest = 0
    for _ in range(5):
        begin, starts = time.monotonic(), place.unit("other")["starts"]
        os.kill(place.unit("other")["pid"], signal.SIGKILL)
        check("who was killed is up again", place.until(
            lambda: place.unit("other")["starts"] > starts) and
            place.stands("other", "up"), place)
        slowest = max(slowest, time.monotonic() - begin)
    print(f"# the slowest of five restarts took {slowest:.3f} s")
    write(f"{place.folder}/go", "")
    check("who is ready is heard", place.stands("note", "up"), place)
    check("strangers are not", place.unit("name")["state"] == "starting" and
          "said" not in place.unit("name"), place)
    check("it ends", place.end() == 0, place)


if __name__ == "__main__":
    tests(descriptors_hold_up_nobody, what_is_closed_is_free_again, a_flood_holds_up_nobody)
    sys.exit(1 if FAILED else 0)
