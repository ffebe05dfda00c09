"""Who stands between an operator and an enclave, and images that follow each other: in the sandbox,
where documents are signed and a policy decides, and on QEMU, whose documents nobody has signed.
"""

import json
import secrets
import shutil
import socket
import subprocess
import sys

import lab
from lab import BIN, await_, check, must, run, same, scratch

from relay import DOWN, UP, Relay  # noqa: E402 (lab has said where it is)

PORT = 5005


# --- Enclaves of the sandbox ----------------------------------------------------------------------


class Sandboxed:
    """An image in the sandbox, whose NSM signs under a root of this machine's own."""

    def __init__(self, image, name):
        self.name, self.image = name, image
        run(BIN / "enclave", "run", "--backend", "sandbox", "--eif", image, "--name", name,
            "--memory", "256M", "--wait-ready", "--ready-timeout", lab.PATIENCE)

    def connect(self, _):
        stream = socket.socket(socket.AF_UNIX)
        address = (lab.state / self.name / "address").read_text().strip()
        stream.connect(address.removeprefix("unix:"))
        return stream

    def terminate(self):
        run(BIN / "enclave", "terminate", "--name", self.name)
        await_(lambda: not (lab.state / self.name).exists(), f"{self.name} is gone")
        lab.nothing_is_left(self.name)


def root():
    return run(BIN / "nsmsim", "root").stdout.decode().strip()


def policy(name, *images):
    path = scratch / name
    path.write_bytes(run(BIN / "attest", "policy", "--root", root(), *(
        image.with_suffix(".pcr.json") for image in images)).stdout)
    return path


def another(image):
    """The same application with one file more: an image that measures otherwise."""
    app = scratch / "app"
    shutil.copytree("tests/e2e/app", app)
    (app / "root/srv/www/second").write_text("second\n")
    second = scratch / "second.eif"
    run(sys.executable, "rbuilds/image.py", app, second, "--key", f"{lab.KEY}.pub", patience=3600)
    must(image.read_bytes() != second.read_bytes(), "it is another image")
    return second


# --- Roll-over ------------------------------------------------------------------------------------


def follows(first, second):
    """One command line, one policy, before and after; an image that the policy lacks is refused."""
    both = policy("both.toml", first, second)
    client = [BIN / "pipeline", "--timeout", lab.PATIENCE, "--enclave", "roll", "--key", lab.KEY]
    used = [*client, "--policy", both, "--json", "ping"]
    for image in (first, second):
        enclave = Sandboxed(image, "roll")
        same(True, json.loads(run(*used).stdout)["attested"], "attested under the policy")
        if image == second:
            done = run(*client, "--policy", policy("first.toml", first), "ping", status=77)
            must(b"reason: document" in done.stderr and b"(pcr)" in done.stderr, done.stderr)
        enclave.terminate()


def follows_on_qemu(first, second):
    """The same on QEMU: the documents are what the policy's images measure, though nobody signs."""
    both = policy("both.toml", first, second)
    document = scratch / "rolled.cbor"
    used = [*lab.client("--enclave", "roll"), "--quiet", "attest", "-o", document]
    for image in (first, second):
        enclave = lab.Enclave(image, "roll", "--memory", "256M")
        run(*used, status=76)
        wanted = json.loads(image.with_suffix(".pcr.json").read_text())["Measurements"]
        found = json.loads(run(BIN / "attest", "show", "--doc", document, "--json").stdout)["pcrs"]
        same([wanted[f"PCR{n}"] for n in range(3)], [found[str(n)] for n in range(3)])
        must(all(wanted[f"PCR{n}"] in both.read_text() for n in range(3)), "the policy has it")
        enclave.terminate()


# --- A host in the middle -------------------------------------------------------------------------


def ends(command, **options):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=lab.PATIENCE, check=False, **options)


def learns_nothing(enclave, believed):
    """Everything passes through him, and none of it tells what was said, or whose key it was."""
    secret, path = secrets.token_hex(16), str(scratch / "middle")
    client = [BIN / "pipeline", "--timeout", lab.PATIENCE, "--addr", f"unix:{path}", *believed,
              "--key", lab.KEY]
    with Relay(path, lambda: enclave.connect(PORT)) as relay:
        done = ends([*client, "exec", "-i", "--", "sh", "-c", f"cat; echo {secret}-argument"],
                    input=f"{secret}-input\n".encode())
        same((0, f"{secret}-input\n{secret}-argument\n"), (done.returncode, done.stdout.decode()))
        must(all(len(heard) > 500 for heard in relay.heard.values()), "all went through him")
        public = subprocess.run(["openssl", "pkey", "-in", str(lab.KEY), "-pubout", "-outform",
                                 "DER"], stdout=subprocess.PIPE, check=True).stdout
        for heard in relay.heard.values():
            for word in (secret.encode(), public, public[-32:], b"argument", b"authorized"):
                must(word not in heard, f"he has learnt {word}")


def changes_nothing(enclave, believed):
    """Whatever byte he changes, nothing is run that was not asked for: it ends, and the next goes."""
    path, mark = str(scratch / "middle"), scratch / "mark"
    client = [BIN / "pipeline", "--timeout", lab.PATIENCE, "--addr", f"unix:{path}", *believed,
              "--key", lab.KEY]
    mark.write_text("old\n")
    with Relay(path, lambda: enclave.connect(PORT)) as relay:
        same(0, ends([*client, "exec", "true"]).returncode)
        sizes = {direction: len(heard) for direction, heard in relay.heard.items()}
    for direction, at in [(way, sizes[way] * part // 8) for way in (UP, DOWN) for part in range(5)]:
        with Relay(path, lambda: enclave.connect(PORT), (direction, at)) as relay:
            done = ends([*client, "exec", "--", "cat", "/srv/www/index.html"])
            must(relay.changed, f"no byte {at} went {direction}")
            must(done.returncode == 125 and done.stdout == b"", direction, at, done)
            done = ends([*client, "--quiet", "cp", ":/srv/www/index.html", mark])
            must(done.returncode != 0, direction, at, done)
            same("old\n", mark.read_text(), "the old file stays")
    with Relay(path, lambda: enclave.connect(PORT)):
        same(0, ends([*client, "exec", "true"]).returncode)


# --- Who was inside -------------------------------------------------------------------------------


def entered_of(enclave):
    """Of a document that is asked for now: whether it is marked; unsigned ones are shown, too."""
    document = scratch / "entered.cbor"
    enclave.pipeline("--quiet", "attest", "-o", document, status=76)
    judged = json.loads(run(BIN / "attest", "verify", "--doc", document, "--json",
                            status=76).stdout)
    return judged["entered"], judged["document"]["pcrs"].get("18")


def entered(enclave):
    """A real /dev/nsm: register 18 is free until a command runs, and marked with the log from then on."""
    same((False, None), entered_of(enclave))
    enclave.pipeline("exec", "true")
    is_entered, value = entered_of(enclave)
    same(True, is_entered)
    enclave.pipeline("exec", "false", status=1)
    same((True, value), entered_of(enclave), "and it stays as it is")
    said = json.loads(enclave.pipeline("audit", "--json").stdout)
    same(("unattested", True, False), (said["verdict"], said["entered"], said["attested"]))
    must(said["marked"] >= 1, said)
    same(("start", "a new log"), tuple(said["records"][0][key] for key in ("kind", "what")))
    same(["true", "false"], [one["what"] for one in said["records"] if one["kind"] == "exec"])


def tests_before(enclave):
    check("register 18 is marked by the first command, and audit follows the log", entered, enclave)


def tests(enclave):
    second = another(enclave.image)
    check("an image follows another under one policy and one command line", follows,
          enclave.image, second)
    check("and so it does on QEMU, where nobody signs", follows_on_qemu, enclave.image, second)
    believed = ["--root", root()]
    sandboxed = Sandboxed(enclave.image, "between")
    check("a host in the middle learns nothing (sandbox)", learns_nothing, sandboxed, believed)
    check("a host in the middle changes nothing (sandbox)", changes_nothing, sandboxed, believed)
    sandboxed.terminate()
    unsigned = ["--accept-unsigned"]
    check("a host in the middle learns nothing (QEMU)", learns_nothing, enclave, unsigned)
    check("a host in the middle changes nothing (QEMU)", changes_nothing, enclave, unsigned)
