"""What a unit writes leaves sealed: whoever carries it can't read it, nor change it unseen.
Prints TAP-like lines.

usage: init_seal.py BIN TOOLS
init, initctl, logseal and logopen of BIN; eif, nsmsim and attest of TOOLS
"""

import json
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

import init_asked
from init_asked import SLEEP, shell, until
from init_place import (FAILED, NAMESPACES, PATIENCE, SKIPPED, Host, Image, Run, check, libraries,
                        tests, write)

BIN, TOOLS = (os.path.abspath(word) for word in sys.argv[1:3])
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../data/eif")
SECRET = b"the secret word"
HEAD = 8 + 32 + 4


def listens(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        try:
            connection.connect(path)
        except OSError:
            return False
    return True


def make_keys(folder):
    for name in ("key", "other"):
        subprocess.run(["openssl", "genpkey", "-algorithm", "X25519", "-out", f"{folder}/{name}"],
                       check=True, capture_output=True)
        os.chmod(f"{folder}/{name}", 0o600)
    subprocess.run(["openssl", "pkey", "-in", f"{folder}/key", "-pubout", "-out",
                    f"{folder}/key.pub"], check=True)


class Carrier:
    """The parent instance: takes what is sealed, or does not."""

    def __init__(self, path, reads=True):
        self.data, self.connections, self.reads = bytearray(), [], reads
        self.has_all = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            self.connections.append(connection)
            if self.reads:
                self.drain(connection)

    def drain(self, connection):
        while chunk := connection.recv(65536):
            self.data += chunk
        connection.close()
        self.has_all = True

    def taken(self):
        """All of one connection, once that is over."""
        until(lambda: self.has_all)
        return bytes(self.data)


class Place(init_asked.Place):
    """init over units, one of which is sealed for a carrier."""

    text, environment = False, {"PATH": os.environ["PATH"]}

    def __init__(self, units, reads=True, nsm="/dev/null/none"):
        super().__init__(f"{BIN}/init", f"{BIN}/initctl", units)
        make_keys(self.folder)
        self.carrier = Carrier(f"{self.folder}/carrier", reads)
        self.write("seal", "\n".join([
            f"ExecStart = ['{BIN}/logseal', '--unit', 'one', '--to', 'unix:{self.folder}/carrier',"
            f" '--socket', '{self.socket}', '--nsm', '{nsm}']", "Before = ['one']", ""]))
        self.start()

    def open(self, data, *more, key="key"):
        """What logopen makes of the bytes."""
        with open(f"{self.folder}/sealed", "wb") as file:
            file.write(data)
        done = subprocess.run([f"{BIN}/logopen", "--key", f"{self.folder}/{key}", *more,
                               f"{self.folder}/sealed"], capture_output=True, timeout=PATIENCE)
        self.said = str(done)[:3000]
        return done


def records(data):
    """The head, and each record with its size."""
    at = HEAD + struct.unpack(">I", data[HEAD - 4:HEAD])[0]
    parts = [data[:at]]
    while at < len(data):
        size = 4 + struct.unpack(">I", data[at:at + 4])[0]
        parts.append(data[at:at + size])
        at += size
    return parts


class Liar:
    """Between the sealer and an NSM: has documents made for a share of its own."""

    def __init__(self, path, nsm):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen(8)
        self.nsm = nsm
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as other, connection:
                other.connect(self.nsm)
                while request := connection.recv(4096):
                    request = re.sub(rb"(public_key\x58\x20).{32}", rb"\1" + bytes(32), request,
                                     flags=re.S)
                    other.send(request)
                    connection.send(other.recv(12288))


# Five lines at a time, each time when it is told to.
WRITES = ("i=0; while [ $i -lt 40 ]; do until [ -e $D/wave$((i / 5)) ]; do sleep 0.05; done; "
          "echo the secret word $i; i=$((i + 1)); done; ")
TEXT = b"".join(b"the secret word %d\n" % i for i in range(40))


def write_in_waves(place):
    """At least six records: the next lines are written when some of the last ones have come."""
    until(lambda: len(place.carrier.data) >= HEAD)
    for wave in range(8):
        before = len(place.carrier.data)
        with open(f"{place.folder}/wave{wave}", "wb"):
            pass
        until(lambda: len(place.carrier.data) > before)
    until(lambda: os.path.exists(f"{place.folder}/done"))


def only_the_key_opens_it():
    place = Place({"one": shell(f"{WRITES} touch $D/done; {SLEEP}", "LogSeal = \"$D/key.pub\"")})
    write_in_waves(place)
    check("init ends", place.end() == 0, place)
    data = place.carrier.taken()
    check("the carrier has nothing of it in clear", len(data) > len(TEXT) and
          SECRET not in data, place)
    check("nor the console", SECRET.decode() not in place.log(), place)
    done = place.open(data, "--whole")
    check("the key opens it, all of it", done.returncode == 0 and done.stdout == TEXT, place)
    check("that nobody vouches for it is said", b"without --policy" in done.stderr, place)
    check("another key does not", place.open(data, key="other").returncode == 76 and
          place.open(data, key="other").stdout == b"", place)
    os.chmod(f"{place.folder}/key", 0o644)
    check("a key that others may use is not taken", place.open(data).returncode == 66, place)
    os.chmod(f"{place.folder}/key", 0o600)
    check("a public key is none to open with", place.open(data, key="key.pub").returncode in
          (65, 66), place)
    parts = records(data)
    refused = {
        "a bit that was flipped": data[:-1] + bytes([data[-1] ^ 1]),
        "a record that was left out": b"".join(parts[:3] + parts[4:]),
        "records that were exchanged": b"".join(parts[:3] + [parts[4], parts[3]] + parts[5:]),
        "a record that comes twice": b"".join(parts[:3] + [parts[3]] + parts[3:]),
        "a record of nobody's": data + b"\0\0\0\x20" + bytes(32),
        "the first one left out": b"".join([parts[0]] + parts[2:]),
        "another head": data[:8] + bytes([data[8] ^ 1]) + data[9:],
        "a document that was added": data[:HEAD - 4] + b"\0\0\0\1x" + data[HEAD:],
    }
    for what, bytes_ in refused.items():
        done = place.open(bytes_)
        check(f"{what} does not open", done.returncode == 76 and
              b"reason: sealed" in done.stderr and TEXT.startswith(done.stdout), place)
    done = place.open(b"".join(parts[:-2]))
    check("a log that was cut opens up to there, and that is said", done.returncode == 0 and
          TEXT.startswith(done.stdout) and b"was cut here" in done.stderr, place)
    for cut in (len(data) - 1, HEAD + 3, len(data) - len(parts[-1])):
        check(f"with --whole it is refused: {len(data) - cut} bytes less",
              place.open(data[:cut], "--whole").returncode == 76, place)
    for what, bytes_ in (("nothing", b""), ("half a head", data[:20]), ("text", b"words\n" * 99),
                         ("a document of 4 GB", data[:HEAD - 4] + b"\xff" * 99),
                         ("a record of 4 GB", parts[0] + b"\xff" * 99)):
        check(f"no sealed log: {what}", place.open(bytes_).returncode == 65, place)


def it_is_opt_in():
    place = Place({"one": shell(f"echo {SECRET.decode()}; {SLEEP}")})
    check("a unit without LogSeal is not sealed", until(
        lambda: place.unit("seal")["standing"] == "lost") and place.unit("seal")["exit"] == 77)
    place.end()
    check("and nothing has left", place.carrier.data == b"", place)
    place = Place({"one": shell(SLEEP, "LogSeal = \"$D/key\"")})
    check("a private key is none to seal to", until(
        lambda: place.unit("seal")["exit"] == 65))
    place.end()
    place = Place({"one": shell(SLEEP, "LogSeal = \"$D/none\"")})
    check("a key that is not there is told", until(lambda: place.unit("seal")["exit"] == 66))
    place.end()


def a_carrier_that_does_not_read_stalls_nothing():
    place = Place({"one": shell("while [ ! -e $D/go ]; do echo many words in a line; done; "
                                f"echo the last; touch $D/done; {SLEEP}",
                                "LogSeal = \"$D/key.pub\"")}, reads=False)
    check("init lets the sealer go, which waits for the carrier", until(lambda: json.loads(
        place.ask("system-status", "--json").stdout)["clients"] == 1 and
        place.carrier.connections) and place.unit("seal")["standing"] == "up", place)
    before = place.unit("one")["written"]  # and more than all that is in between can hold
    check("the unit goes on", until(lambda: place.unit("one")["written"] > before + 2_000_000),
          place)
    write(f"{place.folder}/go", "")
    check("to its end", until(lambda: os.path.exists(f"{place.folder}/done")), place)
    threading.Thread(target=place.carrier.drain, args=(place.carrier.connections[0],),
                     daemon=True).start()

    def caught_up():
        return b"the last" in place.open(bytes(place.carrier.data)).stdout

    check("and what is left comes when it is read", until(caught_up), place)
    done = place.open(bytes(place.carrier.data))
    check("what was lost is told", b"bytes were overwritten" in done.stderr, place)
    check("init ends", place.end() == 0, place)
    check("with the end of the log", until(lambda: place.open(
        bytes(place.carrier.data), "--whole").returncode == 0), place)


def the_policy_says_where_it_was_sealed():
    with tempfile.TemporaryDirectory(prefix="init-") as folder:
        image, nsm = f"{folder}/image.eif", f"{folder}/nsm"
        subprocess.run([f"{TOOLS}/eif", "build", "--kernel", f"{DATA}/kernel", "--kernel_config",
                        f"{DATA}/kernel.config", "--cmdline", "console=ttyS0", "--ramdisk",
                        f"{DATA}/ramdisk0", "--output", image], check=True, capture_output=True)
        described = subprocess.run([f"{TOOLS}/eif", "describe", image], check=True,
                                   capture_output=True, text=True).stdout
        write(f"{folder}/described", described)
        with subprocess.Popen([f"{TOOLS}/nsmsim", "--socket", nsm, "--eif", image, "--root-dir",
                               folder], stderr=subprocess.DEVNULL) as simulated:
            until(lambda: listens(nsm))
            place = Place({"one": shell(f"{WRITES} touch $D/done; {SLEEP}",
                                        "LogSeal = \"$D/key.pub\"")}, nsm=nsm)
            write_in_waves(place)
            place.end()
            Liar(f"{folder}/liar", nsm)
            other = Place({"one": shell(f"{WRITES} touch $D/done; {SLEEP}",
                                        "LogSeal = \"$D/key.pub\"")}, nsm=f"{folder}/liar")
            write_in_waves(other)
            other.end()
            simulated.terminate()
        policy = f"{place.folder}/policy"
        with open(policy, "wb") as file:
            subprocess.run([f"{TOOLS}/attest", "policy", "--root", f"{folder}/root.pem",
                            f"{folder}/described"], check=True, stdout=file)
        shutil.copy(f"{folder}/root.pem", place.folder)
        with open(policy, encoding="utf-8") as file:
            write(f"{place.folder}/wrong", re.sub('pcr0 = ".{16}', 'pcr0 = "' + 16 * "0",
                                                  file.read()))
        data = place.carrier.taken()
        done = place.open(data, "--policy", policy, "--whole")
        check("a log of an image of the policy opens", done.returncode == 0 and
              done.stdout == TEXT and b"without --policy" not in done.stderr, place)
        done = place.open(data, "--policy", f"{place.folder}/wrong")
        check("one of another image does not", done.returncode == 76 and done.stdout == b"", place)
        done = place.open(data, "--policy", policy, "--at", "2100-01-01T00:00:00Z")
        check("nor at another time", done.returncode == 76 and done.stdout == b"", place)
        unvouched = Place({"one": shell(f"{WRITES} touch $D/done; {SLEEP}",
                                        "LogSeal = \"$D/key.pub\"")})
        write_in_waves(unvouched)
        unvouched.end()
        shutil.copy(f"{unvouched.folder}/key", f"{place.folder}/key")
        bare = unvouched.carrier.taken()
        done = place.open(bare, "--policy", policy)
        check("nor one without a document", done.returncode == 76 and
              b"reason: document" in done.stderr and done.stdout == b"", place)
        shutil.copy(f"{other.folder}/key", f"{place.folder}/key")
        lied = other.carrier.taken()
        check("one with the document of another opens without a policy",
              place.open(lied).stdout == TEXT, place)
        done = place.open(lied, "--policy", policy)
        check("and with one it does not", done.returncode == 76 and
              b"reason: document" in done.stderr and done.stdout == b"", place)


def an_enclave_gives_it_to_its_host():
    init = f"{BIN}/init"
    if libraries(init) or subprocess.run(NAMESPACES + ["true"], capture_output=True).returncode:
        print("# skipped: init of an image is static, and wants namespaces")
        return SKIPPED
    image = Image(init, units={
        "one": shell(f"echo {SECRET.decode()}; {SLEEP}", "LogSeal = \"/etc/cloister/key.pub\""),
        "seal": "ExecStart = 'logseal --unit one --to vsock:3:9004'\nBefore = ['one']\n"})
    make_keys(image.folder)
    shutil.copy(f"{image.folder}/key.pub", f"{image.root}/etc/cloister/key.pub")
    program = f"{BIN}/logseal"
    shutil.copy2(program, f"{image.root}/bin/logseal")
    for library in libraries(program):
        os.makedirs(image.root + os.path.dirname(library), exist_ok=True)
        shutil.copy2(library, image.root + library)
    host, data = Host(image.folder), bytearray()

    def take(connection):
        while chunk := connection.recv(65536):
            data.extend(chunk)
        connection.close()

    host.listen(9004, take)
    run = Run(image, host)

    def opened(*more):
        with open(f"{image.folder}/sealed", "wb") as file:
            file.write(bytes(data))
        return subprocess.run([f"{BIN}/logopen", "--key", f"{image.folder}/key", *more,
                               f"{image.folder}/sealed"], capture_output=True, timeout=PATIENCE)

    check("the host is given it", until(lambda: opened().stdout == SECRET + b"\n"), run)
    check("and can't read it", SECRET not in data and SECRET.decode() not in run.said, run)
    run.signal(signal.SIGTERM)
    check("the enclave ends", run.end() is not None, run)
    check("with the end of the log", until(lambda: opened("--whole").returncode == 0), run)


def a_terminal_is_safe():
    place = Place({"one": shell(f"printf \"red \\\\033[31m äöü\\\\n\"; touch $D/done; {SLEEP}",
                                "LogSeal = \"$D/key.pub\"")})
    until(lambda: os.path.exists(f"{place.folder}/done"))
    place.end()
    write(f"{place.folder}/sealed", "")
    with open(f"{place.folder}/sealed", "wb") as file:
        file.write(place.carrier.taken())
    master, slave = pty.openpty()
    subprocess.run([f"{BIN}/logopen", "--key", f"{place.folder}/key", f"{place.folder}/sealed"],
                   stdout=slave, stderr=subprocess.DEVNULL, check=True)
    os.close(slave)
    shown = b""
    try:
        while b"\n" not in shown:
            shown += os.read(master, 4096)
    except OSError:
        pass  # the terminal has no other end any more
    os.close(master)
    check("a terminal gets no escapes", shown.startswith("red \\x1b[31m äöü".encode()), place)


def misuse_is_refused():
    for words in (("logseal",), ("logseal", "--unit", "x"), ("logseal", "--bogus"),
                  ("logseal", "--unit", "x", "--to", "y", "z"), ("logopen",), ("logopen", "x"),
                  ("logopen", "--key", "x", "y", "z"), ("logopen", "--key", "x", "--at", "noon")):
        done = subprocess.run([f"{BIN}/{words[0]}", *words[1:]], capture_output=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE)
        check(f"misuse is refused: {' '.join(words)}", done.returncode == 2)


def main():
    tests(only_the_key_opens_it, it_is_opt_in, a_carrier_that_does_not_read_stalls_nothing,
          the_policy_says_where_it_was_sealed, an_enclave_gives_it_to_its_host,
          a_terminal_is_safe, misuse_is_refused)
    sys.exit(1 if FAILED else 0)


main()
