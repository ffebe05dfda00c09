#!/usr/bin/env python3
"""Asks a simulated NSM and checks what it signs, with libraries of others: cbor2 and cryptography.

usage: nsm_peer.py SOCKET DOCUMENT ROOT.PEM NONCE-HEX [debug]     writes DOCUMENT, fails by exception
"""

import hashlib
import socket
import sys

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP384R1
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding


class Module:
    """One connection to the NSM."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(path)

    def ask(self, request):
        self.socket.send(cbor2.dumps(request))
        return cbor2.loads(self.socket.recv(12288))


def expect(condition, text):
    if not condition:
        raise SystemExit(f"not so: {text}")


def check_registers(path, debug):
    """Through several connections at once, which share one bank."""
    one, two = Module(path), Module(path)
    description = one.ask("DescribeNSM")["DescribeNSM"]
    expect(description["locked_pcrs"][:16] == list(range(16)), "0 to 15 are locked")
    expect(description["max_pcrs"] == 32 and description["digest"] == "SHA384", "32 of SHA384")
    old = one.ask({"DescribePCR": {"index": 20}})["DescribePCR"]
    expect(old["lock"] is False, "20 is free")
    new = two.ask({"ExtendPCR": {"index": 20, "data": b"abc"}})["ExtendPCR"]["data"]
    expect(new == hashlib.sha384(old["data"] + b"abc").digest(), "extended as the API says")
    expect(one.ask({"DescribePCR": {"index": 20}})["DescribePCR"]["data"] == new, "one bank")
    expect(one.ask({"ExtendPCR": {"index": 0, "data": b"abc"}}) == {"Error": "ReadOnlyIndex"},
           "0 is read-only")
    expect(one.ask({"LockPCRs": {"range": 33}}) == {"Error": "InvalidIndex"}, "33 are too many")
    expect(one.ask("Nonsense") == {"Error": "InvalidOperation"}, "nonsense is no operation")
    expect(len(one.ask("GetRandom")["GetRandom"]["random"]) == 256, "256 random bytes")
    zero = one.ask({"DescribePCR": {"index": 0}})["DescribePCR"]["data"] == bytes(48)
    expect(zero == debug, "PCR0 is zero in debug mode alone")


def check_certificate(certificate, issuer, is_authority):
    expect(isinstance(certificate.public_key().curve, SECP384R1), "keys are on P-384")
    issuer.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes,
                               ECDSA(SHA384()))
    expect(certificate.issuer == issuer.subject, "issuers are named")
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    expect(constraints.ca == is_authority, "authorities are, and signers are not")
    expect(usage.key_cert_sign == is_authority, "authorities may sign certificates")
    expect(is_authority or usage.digital_signature, "signers may sign")


def check_document(document, root_path, nonce):
    protected, unprotected, payload, signature = cbor2.loads(document)
    expect(cbor2.loads(protected) == {1: -35} and unprotected == {}, "headers say ES384")
    expect(payload[0] == 0xBF and payload[-1] == 0xFF, "the payload's length is open")
    said = cbor2.loads(payload)
    expect(list(said) == ["module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle",
                          "public_key", "user_data", "nonce"], "the nine members in order")
    expect(said["nonce"] == nonce and said["user_data"] == b"hello", "what was asked for")
    expect(said["public_key"] is None, "what was not is null")
    expect(sorted(said["pcrs"]) == list(range(16)), "locked registers alone")
    bundle = [x509.load_der_x509_certificate(der) for der in said["cabundle"]]
    signer = x509.load_der_x509_certificate(said["certificate"])
    with open(root_path, "rb") as file:
        root = x509.load_pem_x509_certificate(file.read())
    expect(bundle[0].public_bytes(Encoding.DER) == root.public_bytes(Encoding.DER), "the root")
    check_certificate(bundle[0], bundle[0], True)
    for issuer, certificate in zip(bundle, bundle[1:]):
        check_certificate(certificate, issuer, True)
    check_certificate(signer, bundle[-1], False)
    life = signer.not_valid_after - signer.not_valid_before
    expect(3 * 3600 <= life.total_seconds() <= 3 * 3600 + 120, "signers live three hours")
    expect(len(signature) == 96, "r and s of 48 bytes")
    signer.public_key().verify(
        encode_dss_signature(int.from_bytes(signature[:48], "big"),
                             int.from_bytes(signature[48:], "big")),
        cbor2.dumps(["Signature1", protected, b"", payload]), ECDSA(SHA384()))


def main():
    path, output, root, nonce = sys.argv[1:5]
    check_registers(path, sys.argv[5:] == ["debug"])
    reply = Module(path).ask({"Attestation": {"user_data": b"hello", "nonce": bytes.fromhex(nonce),
                                              "public_key": None}})
    document = reply["Attestation"]["document"]
    check_document(document, root, bytes.fromhex(nonce))
    with open(output, "wb") as file:
        file.write(document)


if __name__ == "__main__":
    main()
