#!/usr/bin/env python3
"""The proofs of a session: who proves nothing, or wrong things, or in another order; and somebody
between the client and the enclave, who has a key and an NSM of his own."""
import os
import socket
import ssl
import struct
import subprocess
import tempfile
import threading

from slc_client import (AUTH, EXEC, GOODBYE, GUARD, HELLO, OPEN, PING, Client, Ended, await_true,
                        command, field, fields, frame, hello, number)
from slc_service import BIN, ENVIRONMENT, Nsm, Service, equal, main

NSM, OTHER = Nsm(), Nsm()  # OTHER: of another machine, with another root
PIPELINE = os.path.join(BIN, "pipeline")
NONCE = bytes(range(32))


def pipeline(path, *words, root=NSM.root):
    """Exit code, and what stands behind `reason: `; and all of the errors."""
    done = subprocess.run(
        [PIPELINE, "--addr", f"unix:{path}", *(["--root", root] if root else []), *words],
        capture_output=True, text=True, env=ENVIRONMENT, timeout=GUARD, check=False)
    reasons = [line[8:] for line in done.stderr.splitlines() if line.startswith("reason: ")]
    return done.returncode, reasons[0] if reasons else None, done.stderr


def ends(found, code, reason):
    equal(found[:2], (code, reason))


def auth(step, *row):
    return frame(AUTH, 0, number(step) + b"".join(field(*part) for part in row))


# --- The client believes, or does not -------------------------------------------------------------

def believed():
    """client: with the root named a command runs, and `attested` is true"""
    with Service(nsm=NSM) as service:
        ends(pipeline(service.path, "exec", "--", "sh", "-c", "exit 3"), 3, None)
        done = subprocess.run([PIPELINE, "--addr", f"unix:{service.path}", "--root", NSM.root,
                               "--json", "ping"], capture_output=True, text=True, check=True,
                              env=ENVIRONMENT)
        assert '"attested":true' in done.stdout, done.stdout
        environment = dict(ENVIRONMENT, CLOISTER_ROOT=NSM.root)
        subprocess.run([PIPELINE, "--addr", f"unix:{service.path}", "ping"], check=True,
                       stdout=subprocess.DEVNULL, env=environment)


def other_root():
    """client: no root, or another one, is refused with `document`, and nothing runs"""
    with Service(nsm=NSM) as service:
        for root in (None, OTHER.root):
            found = pipeline(service.path, "exec", "true", root=root)
            ends(found, 125, "document")
            assert "(root)" in found[2], found[2]
            ends(pipeline(service.path, "ping", root=root), 77, "document")
        ends(pipeline(service.path, "ping", root="/dev/null"), 66, "certificate")
        await_true("the word", lambda: any(
            line.get("reason") == "document" for line in service.lines()))
        assert not service.has_said("command ended")


def measurements(nsm):
    """Of its image, as `eif describe` prints them, in a file."""
    path = os.path.join(nsm.folder, "pcr.json")
    with open(path, "wb") as file:
        subprocess.run([os.path.join(BIN, "eif"), "describe",
                        os.path.join(nsm.folder, "image.eif")], check=True, stdout=file)
    return path


def policy():
    """client: under a policy its images are believed and no others, and nothing may weaken it"""
    path = os.path.join(NSM.folder, "policy.toml")
    made = subprocess.run(
        [os.path.join(BIN, "attest"), "policy", "--root", NSM.root, measurements(NSM)],
        check=True, capture_output=True, text=True).stdout
    with open(path, "w", encoding="ascii") as file:
        file.write(made)
    other = path + ".other"
    with open(other, "w", encoding="ascii") as file:
        for line in made.splitlines():
            file.write((line[:-3] + ("00" if line[-3:-1] != "00" else "11") + line[-1]
                        if line.startswith("pcr0") else line) + "\n")
    with Service(nsm=NSM) as service:
        ends(pipeline(service.path, "--policy", path, "exec", "true", root=None), 0, None)
        found = pipeline(service.path, "--policy", other, "exec", "true", root=None)
        ends(found, 125, "document")
        assert "(pcr)" in found[2], found[2]
        ends(pipeline(service.path, "--policy", path, "ping"), 2, "usage")
        ends(pipeline(service.path, "--policy", path, "--accept-unsigned", "ping", root=None), 2,
             "usage")
        ends(pipeline(service.path, "--policy", "/none", "ping", root=None), 66, "not_found")
        ends(pipeline(service.path, "--policy", "/dev/null", "ping", root=None), 65, "missing")


def no_nsm():
    """client: an enclave without an NSM, or whose NSM has died, is refused with `no_document`"""
    with Service("--nsm", "/none/nsm", tls=True) as service:
        found = pipeline(service.path, "exec", "true")
        ends(found, 125, "no_document")
        assert "/none/nsm" in found[2], found[2]
        ends(pipeline(service.path, "ping"), 77, "no_document")


def insecure():
    """client: one that is plain, or wants no proofs, has no session; nor has the other way round"""
    with Service(nsm=NSM) as service, Service() as plain:
        ends(pipeline(plain.path, "ping"), 67, "tls")
        client = Client(service.path, tls=True, features=1, prove=False)
        equal(client.farewell(), "auth_required")
        ends(pipeline(service.path, "exec", "true"), 0, None)


# --- The order of the proofs ----------------------------------------------------------------------

def out_of_turn():
    """enclave: AUTH frames that are out of turn or malformed, and frames before the proofs, end it"""
    key = auth(3, (195, b"k" * 91), (196, b"s" * 64))
    ask = auth(1, (193, NONCE))
    cases = [
        (b"", auth(3)), (b"", key), (b"", auth(4)), (b"", auth(2, (194, b"x" * 100))),
        (b"", auth(0)), (b"", auth(5)), (b"", auth(1)), (b"", auth(1, (193, NONCE[1:]))),
        (b"", auth(1, (193, NONCE + b"x"))), (b"", auth(1, (194, NONCE))),
        (b"", auth(1, (193, NONCE), (193, NONCE))), (b"", ask + b"\0"[:0] + ask),
        (b"", frame(AUTH, 0, b"abc")), (b"", frame(AUTH, 0, number(1) + b"\0\xc1\0\0\1\0")),
        (b"", frame(OPEN, 1, number(EXEC) + command("true"))), (b"", frame(PING, 0, b"abcd")),
        (b"", frame(HELLO, 0, hello(features=0))),
        (ask, ask), (ask, auth(4)), (ask, auth(2, (194, b"x"))), (ask, auth(3, (195, b"k"))),
        (ask, auth(3, (196, b"s"), (195, b"k"))), (ask, auth(3, (195, b""), (196, b""))),
        (ask, frame(OPEN, 1, number(EXEC) + command("true")))]
    with Service(nsm=NSM) as service:
        for before, data in cases:
            client = service.client(prove=False)
            if before:
                client.send(before)
                kind, _, _, payload = client.read()
                equal((kind, payload[:4]), (AUTH, number(2)))
            client.send(data)
            equal((before[:20], data[:30], client.farewell()),
                  (before[:20], data[:30], "protocol"))
        client = service.client(prove=False)
        client.send(ask)
        client.read()
        client.send(key)  # a key that nobody knows
        equal(client.farewell(), "auth")
        client = service.client()
        client.send(auth(1, (193, NONCE)))  # again, in an open session
        equal(client.farewell(), "protocol")
        assert not service.has_said("command ended")
        ends(pipeline(service.path, "exec", "true"), 0, None)


def leaves():
    """enclave: a client that leaves at any step of the proofs leaves nothing behind"""
    with Service(nsm=NSM) as service:
        for n in range(60):
            client = Client(service.path, tls=True, prove=False)
            if n % 4 > 0:
                client.auth(1, (193, os.urandom(32)))
            if n % 4 > 1:
                client.read()
            if n % 4 > 2:
                client.auth(3)
            os.close(client.socket.detach())
        service.await_no_jobs()
        ends(pipeline(service.path, "exec", "true"), 0, None)


def silent():
    """enclave: who stops in the middle of the proofs is given up at the deadline"""
    with Service(nsm=NSM) as service:
        client = service.client(prove=False)
        client.auth(1, (193, NONCE))
        client.read()
        equal(client.farewell(), "timeout")


def answers(service, count):
    """What sessions hear that ask for a document at once: a kind of frame, and its number."""
    clients = [service.client(prove=False) for _ in range(count)]
    for client in clients:
        client.auth(1, (193, NONCE))
    heard = set()
    for client in clients:
        kind, _, _, payload = client.read()
        heard.add((kind, struct.unpack(">I", payload[:4])[0]))
        client.close()
    return heard


def capped():
    """enclave: documents in a second are capped: `limit`, and then others again"""
    with Service("--documents", "1", nsm=NSM) as service:
        heard = set()

        def both():
            heard.update(answers(service, 10))
            return {(AUTH, 2), (GOODBYE, 7)} <= heard
        await_true("some are given a document, and some are too many", both)
        equal(heard, {(AUTH, 2), (GOODBYE, 7)})

        def served():
            code, reason, _ = pipeline(service.path, "exec", "true")
            assert (code, reason) in ((0, None), (125, "limit")), (code, reason)
            return code == 0
        await_true("a second later", served)


# --- Somebody in between --------------------------------------------------------------------------

def own_certificate(folder):
    """A key and a certificate as the enclave's, but not the enclave's."""
    for words in (["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "key"],
                  ["req", "-x509", "-key", "key", "-subj", "/CN=enclave", "-out", "cert"]):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "cert"), os.path.join(folder, "key"))
    return context


class Middle:
    """Listens for one client and speaks as an enclave, whose document comes from `document`, a
    function of the client's nonce."""

    def __init__(self, document):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "socket")
        self.document, self.heard = document, []
        self.context = own_certificate(self.folder.name)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        client = Client.__new__(Client)
        raw, _ = self.listener.accept()
        raw.settimeout(GUARD)
        client.socket, client.bytes = self.context.wrap_socket(raw, server_side=True), b""
        client.send(frame(HELLO, 0, hello(features=0)))
        try:
            while True:
                kind, _, _, payload = client.read()
                self.heard.append((kind, payload))
                if kind == AUTH and payload[:4] == number(1):
                    client.auth(2, (194, self.document(fields(payload[4:])[0][1])))
                elif kind == AUTH:
                    client.auth(4)
        except (Ended, OSError):
            client.close()

    def fools(self, *words):
        found = pipeline(self.path, *words)
        self.listener.close()
        self.thread.join(GUARD)
        self.folder.cleanup()
        assert not any(kind == AUTH and payload[:4] == number(3) or kind == OPEN
                       for kind, payload in self.heard), "the client has said too much"
        return found


def relayed():
    """between: the document that the real enclave makes for the client's own nonce is refused"""
    with Service(nsm=NSM) as service:
        def relay(nonce):
            client = service.client(prove=False)
            client.auth(1, (193, nonce))
            return fields(client.read()[3][4:])[0][1]
        found = Middle(relay).fools("exec", "true")
        ends(found, 125, "binding")
        assert "somebody is in between" in found[2], found[2]
        assert not service.has_said("command ended")


def old():
    """between: a document of another session and nonce is refused"""
    with Service(nsm=NSM) as service:
        kept = service.client().document
        for code, verb in ((125, ("exec", "true")), (77, ("ping",))):
            ends(Middle(lambda _: kept).fools(*verb), code, "document")


def foreign():
    """between: an enclave on another machine, under another root, is refused"""
    with Service(nsm=OTHER) as service:
        def relay(nonce):
            client = service.client(prove=False)
            client.auth(1, (193, nonce))
            return fields(client.read()[3][4:])[0][1]
        ends(Middle(relay).fools("ping"), 77, "document")


def garbage():
    """between: what is no document is refused, and so is one that was changed"""
    with Service(nsm=NSM) as service:
        kept = service.client().document
        changed = [b"x", b"\0" * 16384, kept[:-1], kept + b"\0",
                   kept[:200] + bytes([kept[200] ^ 1]) + kept[201:]]
        for document in changed:
            ends(Middle(lambda _, document=document: document).fools("ping"), 77, "document")
        ends(Middle(lambda _: b"x" * 16385).fools("ping"), 67, "protocol")


if __name__ == "__main__":
    main([believed, other_root, policy, no_nsm, insecure, out_of_turn, leaves, silent, capped, relayed, old,
          foreign, garbage])
