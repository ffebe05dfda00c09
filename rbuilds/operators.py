"""Operators' keys of an image: who may enter it (spec/keys.md), measured like all of its root."""

import os
import re
import subprocess
import sys
from pathlib import Path

PLACE = "etc/cloister/authorized_keys"
PROGRAM = Path(os.environ.get("BIN", "out/bin")) / "pipeline"
PEM = re.compile(r"-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END PUBLIC KEY-----")
ALL = """verbs = ["exec", "put", "get", "attest", "forward", "control"]
commands = ["*"]
read = ["/"]
write = ["/"]
users = ["*"]
forward = ["*"]
"""


def fail(text):
    raise SystemExit(f"image: {text}")


def read(path):
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        return fail(f"can't read {path}: {error}")


def entry(path):
    """What authorized_keys says of a key that may do everything; its name is the file's."""
    text = read(path)
    found = PEM.search(text)
    if "PRIVATE KEY" in text:
        fail(f"{path} is a private key, which nothing but its owner may read: "
             f"KEY wants the public one, {path}.pub")
    if not found:
        fail(f"{path} holds no public key in PEM form: `pipeline keygen` makes one")
    name = re.sub(r"[^A-Za-z0-9_@+-]", "_", path.name.split(".")[0])[:63]
    public = "".join(found.group(1).split())
    comment = "".join(line + "\n" for line in text[:found.start()].splitlines()
                      if line.startswith("# "))
    return f'{comment}[[key]]\nname = "{name}"\npublic = "{public}"\n{ALL}'


class Keys:
    """A file of keys, or that of the application, and public keys that are added to it."""

    def __init__(self, file, added):
        self.file, self.added = file, added

    def measure(self, root):
        target = root / PLACE
        texts = [read(self.file)] if self.file else [read(target)] if target.exists() else []
        texts += [entry(path) for path in self.added]
        if not texts:
            print("image: no operator's key is in the image: nobody will be able to enter it. "
                  "`pipeline keygen` makes one, KEY=FILE.pub adds it", file=sys.stderr)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(texts))
        target.chmod(0o644)
        self.check(target)

    @staticmethod
    def check(target):
        """As the enclave reads it: what it would refuse there is refused here."""
        done = subprocess.run([PROGRAM, "permit", target], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode:
            fail("the operators' keys are wrong: "
                 + done.stderr.split("\n")[0].replace(f"{target}:", "line "))
        print("image: these may enter it:\n" + done.stdout.rstrip(), file=sys.stderr)
