#!/usr/bin/env python3
"""Signs an unsigned enclave image for the tests, rightly or wrongly, with the openssl command.

usage: eif_sign.py IN OUT KEY CERTIFICATE HASH [FAULT]     HASH: sha256, sha384 or sha512

FAULT: none, payload, flipped, alg, indefinite, long-head, two, tail, no-pem, cut, bytes.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import eif_break

ALGORITHMS = {"sha256": (b"\xa1\x01\x26", 32), "sha384": (b"\xa1\x01\x38\x22", 48),
              "sha512": (b"\xa1\x01\x38\x23", 66)}


def head(major, value):
    """A CBOR head in its shortest form."""
    if value < 24:
        return bytes([32 * major + value])
    if value < 256:
        return bytes([32 * major + 24, value])
    return bytes([32 * major + 25]) + value.to_bytes(2, "big")


def string(data):
    return head(2, len(data)) + data


def text(value):
    return head(3, len(value)) + value.encode()


def integers(data):
    return head(4, len(data)) + b"".join(head(0, byte) for byte in data)


def raw_signature(der, half):
    """r and s of fixed width, out of SEQUENCE { INTEGER r, INTEGER s }."""
    at = 2 if der[1] < 128 else 2 + der[1] % 128
    out = b""
    for _ in range(2):
        size = der[at + 1]
        out += int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(half, "big")
        at += 2 + size
    return out


def sign(message, key, name):
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        command = ["openssl", "dgst", "-" + name, "-sign", key, file.name]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def cose(pcr0, key, name, fault):
    protected, half = ALGORITHMS[name]
    if fault == "alg":
        protected = ALGORITHMS["sha256" if name != "sha256" else "sha384"][0]
    if fault == "payload":
        pcr0 = hashlib.sha384(pcr0).digest()
    payload = b"\xa2" + text("register_index") + b"\0" + text("register_value") + integers(pcr0)
    message = b"\x84" + text("Signature1") + string(protected) + b"\x40" + string(payload)
    signature = raw_signature(sign(message, key, name), half)
    if fault == "flipped":
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    if fault == "cut":
        signature = signature[:-1]
    return b"\x84" + string(protected) + b"\xa0" + string(payload) + string(signature)


def section(pcr0, key, certificate, name, fault):
    pem = Path(certificate).read_bytes() if fault != "no-pem" else b"no certificate"
    signature = cose(pcr0, key, name, fault)
    body = text("signing_certificate") + integers(pem) + text("signature")
    body += string(signature) if fault == "bytes" else integers(signature)
    if fault == "indefinite":
        return b"\x81\xbf" + body + b"\xff"
    if fault == "long-head":
        return b"\x98\x01\xa2" + body
    if fault == "two":
        return b"\x82" + 2 * (b"\xa2" + body)
    return b"\x81\xa2" + body + (b"\0" if fault == "tail" else b"")


def main():
    source, target, key, certificate, name = sys.argv[1:6]
    fault = sys.argv[6] if len(sys.argv) > 6 else "none"
    sections, version, flags = eif_break.parse(Path(source).read_bytes())
    pcr0 = bytes.fromhex(eif_break.pcrs(sections)[0])
    sections.append((eif_break.SIGNATURE, section(pcr0, key, certificate, name, fault)))
    Path(target).write_bytes(eif_break.Image(sections, version, flags).pack())


if __name__ == "__main__":
    main()
