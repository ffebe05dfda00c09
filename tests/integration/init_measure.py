"""What starts is measured: init as PID 1 with nsmsim as its NSM. The log of events is computed
anew from the image, and the register from the log. Prints TAP-like lines.

usage: init_measure.py BIN      the folder of init, attest, eif and nsmsim
"""

import atexit
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from init_place import FAILED, NAMESPACES, PATIENCE, Host, Image, Run, check, tests, write

BIN = os.path.abspath(sys.argv[1])
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../data/eif")
SHOW = "cat /run/cloister/boot.events >/run/vsock/events; echo shown >&2"


class Nsm:
    """nsmsim at HOST/nsm, or another name, for an image of test data."""

    def __init__(self, host, name="nsm"):
        self.scratch = tempfile.TemporaryDirectory(prefix="init-")
        self.path = f"{host.folder}/{name}"
        image = f"{self.scratch.name}/image.eif"
        subprocess.run([f"{BIN}/eif", "build", "--kernel", f"{DATA}/kernel", "--kernel_config",
                        f"{DATA}/kernel.config", "--cmdline", "console=ttyS0", "--ramdisk",
                        f"{DATA}/ramdisk0", "--output", image], check=True, capture_output=True)
        self.process = subprocess.Popen(
            [f"{BIN}/nsmsim", "--socket", self.path, "--eif", image, "--root-dir",
             self.scratch.name], stderr=subprocess.DEVNULL)
        atexit.register(self.process.kill)
        until = time.monotonic() + PATIENCE
        while not os.path.exists(self.path) and time.monotonic() < until:
            time.sleep(0.01)

    def ask(self, request):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(self.path)
            connection.send(request)
            return connection.recv(12288)

    def register(self, index):
        """Its value, and whether it is locked."""
        reply = self.ask(b"\xa1\x6bDescribePCR\xa1\x65index" + bytes([index]))
        at = reply.index(b"\x64data\x58\x30") + 7
        return reply[at:at + 48], b"\x64lock\xf5" in reply

    def verify(self, log):
        """Whether attest accepts a document of now with this log of events; else its word."""
        document, events = f"{self.scratch.name}/doc", f"{self.scratch.name}/events"
        reply = self.ask(b"\xa1\x6bAttestation\xa3\x69user_data\xf6\x65nonce\xf6\x6apublic_key\xf6")
        at = reply.index(b"\x68document\x59") + 10
        with open(document, "wb") as file:
            file.write(reply[at + 2:at + 2 + int.from_bytes(reply[at:at + 2], "big")])
        with open(events, "w", encoding="utf-8") as file:
            file.write(log)
        done = subprocess.run([f"{BIN}/attest", "verify", "--doc", document, "--root",
                               f"{self.scratch.name}/root.pem", "--event-log", events],
                              capture_output=True, text=True, check=False)
        return (done.returncode, done.stderr.rpartition("reason: ")[2].strip())

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.scratch.cleanup()


def event(what, content, register=16):
    digest = hashlib.sha384(what.encode() + b"\n" + content).hexdigest()
    return f"{register} {digest} {what}\n"


def content_of(path):
    with open(path, "rb") as file:
        return file.read()


def replay(events):
    value = bytes(48)
    for line in events.splitlines():
        value = hashlib.sha384(value + bytes.fromhex(line.split()[1])).digest()
    return value


def boot(image, shown="shown"):
    """Boots with an NSM until the log of events was shown: the log and the register."""
    host = Host(image.folder)
    nsm = Nsm(host)
    run = Run(image, host)
    run.wait_for(shown)
    register, locked = nsm.register(16)
    try:
        events = content_of(f"{host.folder}/events").decode()
    except OSError:
        events = ""
    return host, nsm, run, events, register, locked


def judges_run_time(nsm, run, events):
    """A log of register 17 is replayed as well, and what it does not tell is missed."""
    change = event("removed x.service", b"", 17)
    digest = bytes.fromhex(change.split()[1])
    judged = lambda: [nsm.verify(log) for log in (events, events + change, change + events)]
    nsm.ask(b"\xa1\x69ExtendPCR\xa2\x65index\x11\x64data\x58\x30" + digest)
    check("a register 17 that is open is in no document",
          judged() == [(0, ""), (76, "pcr"), (76, "pcr")], run)
    nsm.ask(b"\xa1\x67LockPCR\xa1\x65index\x11")
    check("one that is locked must be what the log says",
          judged() == [(76, "pcr"), (0, ""), (0, "")], run)


def measures_units():
    units = {
        "a-last": f"ExecStart = ['sh', '-c', '{SHOW}; exec sleep 1000']\nAfter = ['b-first']\n",
        "b-first": "ExecStart = 'sleep 1000'\nEnvFile = ['/etc/b.env', '-/etc/none']\n"
                   "ExecStop = 'kill -l'\nHealthExec = 'true'\n",
        "c-off": "ExecStart = 'sleep 1000'\nServiceEnable = false\n",
        "d-gone": "ExecStart = '/no/such/program'\n",
        "f-named": "ExecStart = ['tool', '1000']\nEnvironment = ['PATH=/opt/folder:/opt/file:/bin']\n",
        "a-lost": "ExecStart = 'true'\nRequires = ['c-off']\n",
    }
    image = Image(f"{BIN}/init", units=units)
    write(f"{image.root}/etc/b.env", "PATH=/no/folder:/bin\n")
    os.makedirs(f"{image.root}/opt/folder/tool")
    os.makedirs(f"{image.root}/opt/file")
    shutil.copy2(f"{image.root}/bin/sleep", f"{image.root}/opt/file/tool")
    expected = (event("unit b-first.service", units["b-first"].encode()) +
                event("env /etc/b.env", b"PATH=/no/folder:/bin\n") +
                event("exec /bin/sleep", content_of(f"{image.root}/bin/sleep")) +
                event("exec /bin/kill", content_of(f"{image.root}/bin/kill")) +
                event("exec /bin/true", content_of(f"{image.root}/bin/true")) +
                event("unit a-last.service", units["a-last"].encode()) +
                event("exec /bin/sh", content_of(f"{image.root}/bin/sh")) +
                event("unit d-gone.service", units["d-gone"].encode()) +
                event("unit f-named.service", units["f-named"].encode()) +
                event("exec /opt/file/tool", content_of(f"{image.root}/bin/sleep")) +
                event("unit a-lost.service", units["a-lost"].encode()) +
                event("exec /bin/true", content_of(f"{image.root}/bin/true")))
    host, nsm, run, events, register, locked = boot(image)
    check("what the NSM is, is logged", run.says('"the NSM answers"', '"digest":"SHA384"'), run)
    check("the log has what starts, in the order of starts, then what may", events == expected, run)
    check("a folder in PATH is no program, and the file that was measured runs",
          run.says('"a unit is up","unit":"f-named"'), run)
    check("register 16 can be computed from the log", register == replay(events), run)
    check("and is locked", locked, run)
    check("attest verifies a document with the log", nsm.verify(events) == (0, ""), run)
    lines = events.splitlines(keepends=True)
    check("and refuses one with another log",
          [nsm.verify("".join(log)) for log in (lines[1:], lines[::-1], lines + lines[:1])] ==
          [(76, "pcr")] * 3, run)
    check("what is no log is no input",
          [nsm.verify(log) for log in (events[:-1], "18" + events[2:], events + "x\n", "16 00 x\n")] ==
          [(66, "input")] * 4, run)
    judges_run_time(nsm, run, events)
    run.signal(signal.SIGTERM)
    run.end()
    again = Run(image, host)
    check("a register that was locked before: nothing is started",
          again.says('"step":"measure"', "ReadOnlyIndex") and "a unit is up" not in again.said, again)
    check("and the boot has failed", host.wait("farewell 125") == "farewell 125 reboot\n", again)
    again.end()
    nsm.close()
    image.remove()


def measures_a_command():
    script = f"{SHOW}; exec sleep 1000"
    image = Image(f"{BIN}/init", command=["sh", "-c", script], environment=["PATH=/bin", "A=b"])
    expected = (event("file /cmd", content_of(f"{image.tree}/cmd")) +
                event("file /env", content_of(f"{image.tree}/env")) +
                event("exec /bin/sh", content_of(f"{image.root}/bin/sh")))
    _, nsm, run, events, register, locked = boot(image)
    check("/cmd, /env and its program are measured", events == expected, run)
    check("register 16 is that of the log, and locked", register == replay(events) and locked, run)
    run.signal(signal.SIGTERM)
    run.end()
    nsm.close()
    image.remove()


def goes_on_without():
    image = Image(f"{BIN}/init", units={"one": f"ExecStart = ['sh', '-c', '{SHOW}']\n"})
    host = Host(image.folder)
    run = Run(image, host)
    check("without an NSM it warns and goes on",
          run.says("there is no NSM", "shown") and host.wait("ready"), run)
    check("and the log is there",
          " unit one.service\n" in content_of(f"{host.folder}/events").decode(), run)
    run.signal(signal.SIGTERM)
    run.end()
    image.remove()


def main():
    if subprocess.run(NAMESPACES + ["true"], capture_output=True).returncode != 0:
        print("# skipped: no namespaces without privileges here")
        print("ok - nothing can be tested here")
        return
    tests(measures_units, measures_a_command, goes_on_without)
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
