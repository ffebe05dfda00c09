#!/usr/bin/env python3
"""Clients that prove themselves by a key, or fail to, and what a key may then have: one test for each
way to enter that is none, and for each limit."""
import base64
import os
import stat
import subprocess
import tempfile

from slc_client import AUTH, GUARD, Client, fields, number
from slc_proof import Middle, NSM
from slc_service import BIN, ENVIRONMENT, Service, equal, main

PIPELINE = os.path.join(BIN, "pipeline")
FOLDER = tempfile.TemporaryDirectory()
NAMES = ("all", "few", "old", "none")  # `none` is in no file


def path_of(*names):
    return os.path.join(FOLDER.name, *names)


def spki(name):
    done = subprocess.run(["openssl", "pkey", "-pubin", "-in", path_of(name + ".pub"), "-outform",
                           "DER"], check=True, capture_output=True)
    return done.stdout


def make_keys():
    for name in NAMES:
        kind = "p256" if name == "few" else "ed25519"
        subprocess.run([PIPELINE, "--quiet", "keygen", "--type", kind, "-o", path_of(name)],
                       check=True, env=ENVIRONMENT)
    limits = {
        "all": 'verbs = ["exec", "put", "get", "attest", "forward", "control"]\ncommands = ["*"]\n'
               'read = ["/"]\nwrite = ["/"]\nusers = ["*"]\nforward = ["*"]\n',
        "few": 'verbs = ["exec", "put", "get"]\ncommands = ["echo *", "sh -c true"]\n'
               'read = ["/out"]\nwrite = ["/in"]\n',
        "old": 'verbs = ["attest"]\nexpires = "2020-01-01T00:00:00Z"\n'}
    with open(path_of("keys"), "w", encoding="ascii") as file:
        for name, text in limits.items():
            public = base64.b64encode(spki(name)).decode()
            file.write(f'[[key]]\nname = "{name}"\npublic = "{public}"\n{text}\n')


def service(*more):
    return Service("--keys", path_of("keys"), *more, nsm=NSM)


def pipeline(path, *words, key=None, **more):
    """Exit code, what stands behind `reason: `, and the output."""
    options = ["--addr", f"unix:{path}", "--root", NSM.root, *(["--key", path_of(key)] if key else [])]
    done = subprocess.run([PIPELINE, *options, *words], capture_output=True, text=True,
                          env=dict(ENVIRONMENT, **more), timeout=GUARD, check=False)
    reasons = [line[8:] for line in done.stderr.splitlines() if line.startswith("reason: ")]
    return done.returncode, reasons[0] if reasons else None, done.stdout


def ends(found, code, reason):
    equal(found[:2], (code, reason))


# --- Entering -------------------------------------------------------------------------------------

def listed():
    """key: one that is listed enters, of either type, by option or by environment"""
    with service() as here:
        ends(pipeline(here.path, "exec", "--", "sh", "-c", "exit 3", key="all"), 3, None)
        equal(pipeline(here.path, "exec", "--", "echo", "a", key="few"), (0, None, "a\n"))
        ends(pipeline(here.path, "exec", "true", CLOISTER_KEY="file:" + path_of("all")), 0, None)
        assert here.has_said("entered")


def no_key():
    """key: without one there is no session, and nothing runs"""
    with service() as here:
        ends(pipeline(here.path, "exec", "true"), 125, "auth_required")
        ends(pipeline(here.path, "ping"), 77, "auth_required")
        client = Client(here.path, tls=True, features=1, prove=False)
        equal(client.farewell(), "auth_required")
        assert not here.has_said("command ended")


def unlisted():
    """key: one that is not listed is refused with `key`"""
    with service() as here:
        ends(pipeline(here.path, "exec", "true", key="none"), 125, "key")
        ends(pipeline(here.path, "ping", key="none"), 77, "key")
        assert here.has_said("not let in") and not here.has_said("command ended")


def expired():
    """key: one whose time is over is refused with `expired`"""
    with service() as here:
        ends(pipeline(here.path, "attest", key="old"), 77, "expired")


def wrong_signature():
    """key: a listed key without its signature, or with one for something else, is refused"""
    key, signatures = spki("all"), [b"s" * 64, b"s" * 63, b"s", b"\0" * 64]
    with tempfile.NamedTemporaryFile() as message:
        message.write(b"cloister/slc/client1" + bytes(32 + 48))
        message.flush()
        signatures.append(subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", path_of("all"), "-in",
             message.name], check=True, capture_output=True).stdout)
    with service() as here:
        for signature in signatures:
            client = here.client(prove=False)
            client.auth(1, (193, bytes(32)))
            equal(client.read()[0], AUTH)
            client.auth(3, (195, key), (196, signature))
            equal(client.farewell(), "auth")
        for wrong in (key[:-1], key + b"\0", spki("few")[:-1], b"\0"):
            client = here.client(prove=False)
            client.auth(1, (193, bytes(32)))
            client.read()
            client.auth(3, (195, wrong), (196, b"s" * 64))
            equal(client.farewell(), "key")
        assert not here.has_said("command ended")


def told_to_the_enclave_alone():
    """key: nobody learns who the client is before the enclave is proved"""
    with service() as here:
        def relay(nonce):
            client = here.client(prove=False)
            client.auth(1, (193, nonce))
            return fields(client.read()[3][4:])[0][1]
        os.environ["CLOISTER_KEY"] = path_of("all")
        ENVIRONMENT["CLOISTER_KEY"] = path_of("all")
        try:
            equal(Middle(relay).fools("exec", "true")[:2], (125, "binding"))
        finally:
            del os.environ["CLOISTER_KEY"], ENVIRONMENT["CLOISTER_KEY"]


def no_secret():
    """key: a private key that others may read, none, and another's is refused before anything is sent"""
    with service() as here:
        os.chmod(path_of("all"), 0o644)
        try:
            ends(pipeline(here.path, "ping", key="all"), 66, "permission")
        finally:
            os.chmod(path_of("all"), stat.S_IRUSR | stat.S_IWUSR)
        ends(pipeline(here.path, "ping", key="gone"), 66, "input")
        ends(pipeline(here.path, "ping", key="all.pub"), 66, "permission")
        ends(pipeline(here.path, "ping", CLOISTER_KEY="tpm:0x81000001"), 66, "provider")


# --- Limits ---------------------------------------------------------------------------------------

def commands():
    """limits: a command, its arguments, and a verb that are not listed are denied"""
    with service() as here:
        ends(pipeline(here.path, "exec", "--", "sh", "-c", "true", key="few"), 0, None)
        for words in (("sh", "-c", "true", "x"), ("sh", "-c", "false"), ("sh",), ("id",),
                      ("/bin/echo",)):
            ends(pipeline(here.path, "exec", "--", *words, key="few"), 125, "denied")
        ends(pipeline(here.path, "attest", key="few"), 77, "denied")
        ends(pipeline(here.path, "attest", key="all"), 0, None)


def fill(here):
    for name in ("in", "out", "inside", "secret"):
        os.mkdir(os.path.join(here.root, name))
    for name in ("out/a", "secret/a"):
        with open(os.path.join(here.root, name), "w", encoding="ascii") as file:
            file.write(name)


def paths():
    """limits: paths are for one direction, and neither a longer name nor `..` leads out of them"""
    with service() as here:
        fill(here)
        mine = path_of("file")
        with open(mine, "w", encoding="ascii") as file:
            file.write("mine")
        ends(pipeline(here.path, "cp", ":/out/a", path_of("back"), key="few"), 0, None)
        ends(pipeline(here.path, "cp", mine, ":/in/a", key="few"), 0, None)
        ends(pipeline(here.path, "cp", mine, ":/in/", key="few"), 0, None)
        for name in ("/in/a", "/secret/a", "/out/../secret/a", "/out/./a", "out/a", "/"):
            ends(pipeline(here.path, "cp", ":" + name, path_of("back"), key="few"), 77, "denied")
        for name in ("/out/b", "/inside/a", "/in/../secret/b", "/secret/", "/in/./b"):
            ends(pipeline(here.path, "cp", mine, ":" + name, key="few"), 77, "denied")
        ends(pipeline(here.path, "cp", mine, ":in/../secret/b", key="all"), 0, None)
        equal(sorted(os.listdir(os.path.join(here.root, "secret"))), ["a", "b"])
        equal(os.listdir(os.path.join(here.root, "inside")), [])


def links():
    """limits: a link that was put where a key may write leads it nowhere"""
    with service() as here:
        fill(here)
        mine = path_of("file")
        os.symlink("/secret", path_of("way"))
        ends(pipeline(here.path, "cp", path_of("way"), ":/in/way", key="few"), 0, None)
        assert os.path.islink(os.path.join(here.root, "in/way"))
        ends(pipeline(here.path, "cp", mine, ":/in/way/b", key="few"), 77, "path")
        ends(pipeline(here.path, "cp", mine, ":/in/way/", key="few"), 77, "path")
        os.symlink("/secret", os.path.join(here.root, "out/way"))
        ends(pipeline(here.path, "cp", ":/out/way/a", path_of("back"), key="few"), 77, "path")
        equal(os.listdir(os.path.join(here.root, "secret")), ["a"])
        ends(pipeline(here.path, "cp", ":/out/way/a", path_of("back"), key="all"), 0, None)
        os.unlink(path_of("way"))


# --- The file -------------------------------------------------------------------------------------

def mistakes():
    """file: with a mistake in it, or missing, nothing is served"""
    with open(path_of("bad"), "w", encoding="ascii") as file:
        file.write("[[key]]\nname = 1\n")
    for name, said in (("bad", "bad:2:1"), ("gone", "gone")):
        done = subprocess.run(
            [os.path.join(BIN, "slc"), "--addr", f"unix:{path_of('socket')}", "--keys",
             path_of(name), "--json"], capture_output=True, text=True, timeout=GUARD, check=False,
            stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        assert done.returncode != 0 and said in done.stderr, (done.returncode, done.stderr)


if __name__ == "__main__":
    make_keys()
    main([listed, no_key, unlisted, expired, wrong_signature, told_to_the_enclave_alone, no_secret,
          commands, paths, links, mistakes])
