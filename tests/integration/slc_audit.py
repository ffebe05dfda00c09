#!/usr/bin/env python3
"""The enclave's log and register 18, as spec/audit.md says: what is recorded, what the chain leads to,
and who is not let in. The chain is computed here once more."""
import hashlib
import json
import os
import socket
import struct
import subprocess

from slc_client import ATTEST, CONTROL, EXEC, FORWARD, GUARD, REFUSE, STATUS, command, field, fields, number
from slc_service import BIN, ENVIRONMENT, Nsm, Service, equal, main

AUDIT, ZERO = 7, bytes(48)


def pipeline(service, nsm, *words, status=0):
    done = subprocess.run([os.path.join(BIN, "pipeline"), "--addr", f"unix:{service.path}",
                           "--root", nsm.root, *words], capture_output=True, text=True,
                          env=ENVIRONMENT, timeout=GUARD, check=False)
    equal((done.returncode, done.stderr if done.returncode != status else ""), (status, ""))
    return done


def audit(service, nsm, status=0):
    return json.loads(pipeline(service, nsm, "audit", "--json", status=status).stdout)


def ask(nsm, request):
    """One request in CBOR; what the NSM answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as module:
        module.settimeout(GUARD)
        module.connect(nsm.path)
        module.send(request)
        return module.recv(12288)


def payload_of(document):
    """Of a document: {register: bytes}, and its user data."""
    said = json.loads(subprocess.run(
        [os.path.join(BIN, "attest"), "show", "--doc", "-", "--json"], input=document,
        capture_output=True, check=True, timeout=GUARD).stdout)
    return ({int(n): bytes.fromhex(value) for n, value in said["pcrs"].items()},
            bytes.fromhex(said["user_data"]))


def said_of_log(document):
    """The number and the head that a session's document holds."""
    _, data = payload_of(document)
    equal((len(data), data[:16]), (120, b"cloister/slc/doc"))
    return struct.unpack(">Q", data[64:72])[0], data[72:]


def log_of(client):
    """The rows of the stream, the heads at each number, and the mark."""
    out, _, (kind, value, _) = client.finish(client.open(AUDIT, b""))
    equal((kind, value), (STATUS, 0))
    rows, heads, mark, records = fields(out), {}, None, []
    for tag, value in rows:
        if tag == 186:
            mark = struct.unpack(">Q", value[:8])[0], value[8:]
        elif tag == 185:
            at, head = struct.unpack(">Q", value[:8])[0], value[8:]
            heads[at] = head
        else:
            at, head = at + 1, hashlib.sha384(head + value).digest()
            record = dict(fields(value))
            equal((tag, struct.unpack(">Q", record[178])[0]), (177, at))
            heads[at] = head
            records.append(record)
    return records, heads, mark


def recorded():
    """each session, command and copy is a record, in order, and nothing secret is in it"""
    nsm = Nsm()
    with Service(nsm=nsm) as service:
        pipeline(service, nsm, "exec", "--", "sh", "-c", "exit 3; secret", status=3)
        file = os.path.join(service.folder, "file")
        with open(file, "wb") as made:
            made.write(b"x")
        pipeline(service, nsm, "cp", file, ":/there")
        pipeline(service, nsm, "cp", ":/there", file + "2")
        pipeline(service, nsm, "ping")
        found = audit(service, nsm)
        told = [(one["session"], one["kind"], one["what"]) for one in found["records"]]
        equal([one for one, before in zip(told, [None, *told]) if one != before],  # tries are told
              [(1, "session", ""), (1, "exec", "sh"), (2, "session", ""), (2, "put", "/there"),
               (3, "session", ""), (3, "get", "/there"), (4, "session", ""), (5, "session", "")])
        equal([one["number"] for one in found["records"]], list(range(1, found["count"] + 1)))
        equal((found["verdict"], found["intact"], found["entered"], found["marked"]),
              ("intact", True, True, 1))
        digest = hashlib.sha384(command("sh", "-c", "exit 3; secret")).hexdigest()
        equal(found["records"][1]["digest"], digest)
        assert "secret" not in json.dumps(found)


def entered():
    """register 18 is free until somebody may read or change something, and then locked for good"""
    nsm = Nsm()
    document = os.path.join(nsm.folder, "document")

    def verified(word):
        pipeline(service, nsm, "--quiet", "attest", "-o", document)
        said = subprocess.run([os.path.join(BIN, "attest"), "verify", "--doc", document, "--root",
                               nsm.root], capture_output=True, text=True, check=True).stdout
        assert f"\nentered     {word}\n" in said, said
        return json.loads(subprocess.run(
            [os.path.join(BIN, "attest"), "verify", "--doc", document, "--root", nsm.root,
             "--json"], capture_output=True, text=True, check=True).stdout)["entered"]

    with Service(nsm=nsm) as service:
        pipeline(service, nsm, "ping")
        equal(audit(service, nsm)["marked"], None)
        equal(verified("no"), False)
        client = service.client()
        assert 18 not in payload_of(client.document)[0]
        equal(client.finish(client.exec("true"))[2][:2], (STATUS, 0))
        equal(verified("yes"), True)
        value = payload_of(service.client().document)[0][18]
        _, heads, (at, mark) = log_of(client)
        equal((heads[at], value), (mark, hashlib.sha384(ZERO + mark).digest()))
        assert b"ReadOnlyIndex" in ask(nsm, b"\xa1\x69ExtendPCR\xa2\x65index\x12\x64data\x41x")


def chained():
    """each session's document holds the head of the log so far, and the log leads there"""
    nsm = Nsm()
    with Service(nsm=nsm) as service:
        clients = [service.client() for _ in range(4)]
        for client in clients:
            equal(client.finish(client.exec("true"))[2][:2], (STATUS, 0))
        last = service.client()
        records, heads, _ = log_of(last)
        equal(len(records), 9)
        for client in [*clients, last]:
            at, head = said_of_log(client.document)
            equal(heads[at], head)
        equal(said_of_log(last.document)[0], 8)


def forwarded():
    """a forward is recorded, and marks, also where its target can't be reached; and so is what listens"""
    nsm = Nsm()
    with Service(nsm=nsm) as service:
        client = service.client()
        equal(client.finish(client.open(FORWARD, field(145, b"unix:/none/there")))[2][:2],
              (REFUSE, 18))
        place = b"tcp:127.0.0.1:0"
        client.accepted(client.open(8, field(146, place)))
        records, _, mark = log_of(service.client())
        equal([(one[180], one[182]) for one in records[1:3]],
              [(number(5), b"unix:/none/there"), (number(8), place)])
        equal(mark[0], 1)


def controlled():
    """what is asked about detached commands is recorded, too, and marks nothing by itself"""
    nsm = Nsm()
    with Service(nsm=nsm) as service:
        client = service.client()
        kind, status, _ = client.finish(client.open(CONTROL, field(161, b"ps")))[2]
        equal((kind, status), (STATUS, 0))
        records, _, mark = log_of(service.client())
        equal([(one[180], one[182]) for one in records], [(number(0), b""), (number(6), b"ps"),
                                                          (number(0), b"")])
        equal(mark, None)


def many_at_once():
    """a first crowd waits for the mark, and all of it is served"""
    nsm = Nsm()
    with Service(nsm=nsm) as service:
        clients = [service.client() for _ in range(30)]
        channels = [[client.open(EXEC, command("echo", "in")) for _ in range(5)]
                    for client in clients]
        for client, opened in zip(clients, channels):
            left = set(opened)
            while left:
                kind, _, channel, payload = client.read()
                if kind == STATUS:
                    equal(payload[:4], number(0))
                    left.remove(channel)
        found = audit(service, nsm)
        equal((found["verdict"], found["count"]), ("intact", 30 + 150 + 1))


def all_jobs_at_once():
    """a first crowd that takes every job there is waits for the mark, too"""
    nsm = Nsm()
    with Service("--jobs", "6", "--channels", "6", nsm=nsm) as service:
        client = service.client()
        left = {client.open(EXEC, command("true")) for _ in range(6)}
        while left:
            kind, _, channel, payload = client.read()
            if kind in (STATUS, REFUSE):
                equal((kind, payload[:4]), (STATUS, number(0)))
                left.remove(channel)


def bounded():
    """a log that is full drops its oldest records, counts them, and still leads to its head"""
    nsm = Nsm()
    with Service("--records", "4", nsm=nsm) as service:
        for _ in range(5):
            pipeline(service, nsm, "exec", "true")
        found = audit(service, nsm)
        equal((found["verdict"], found["marked"], found["count"], found["dropped"],
               [one["number"] for one in found["records"]]),
              ("intact", 1, 11, 7, [8, 9, 10, 11]))


def another_log():
    """a service that was started again has another log than the register's, and audit says so"""
    nsm = Nsm()
    with Service(nsm=nsm) as service:
        pipeline(service, nsm, "exec", "true")
    with Service(nsm=nsm) as service:
        for verb in (["exec", "true"], ["exec", "true"]):
            found = audit(service, nsm, status=76)
            equal((found["verdict"], found["intact"], found["entered"]), ("mark", False, True))
            pipeline(service, nsm, *verb)


def nobody_may():
    """where register 18 is locked and empty nothing is read or changed, and documents go on"""
    nsm = Nsm()
    equal(ask(nsm, b"\xa1\x67LockPCR\xa1\x65index\x12"), b"\x67LockPCR")
    with Service(nsm=nsm) as service:
        for _ in range(2):
            done = pipeline(service, nsm, "exec", "--", "touch", "/none/file", status=125)
            assert "\nreason: denied\n" in "\n" + done.stderr, done.stderr
            done = pipeline(service, nsm, "cp", BIN + "/slc", ":/x", status=77)
            assert "\nreason: denied\n" in "\n" + done.stderr, done.stderr
        equal(os.listdir(service.root), [])
        found = audit(service, nsm)
        equal((found["verdict"], found["entered"], {one["kind"] for one in found["records"]}),
              ("intact", False, {"session"}))


def no_module():
    """where the NSM has died nothing that would be unmarked is done, and the session goes on"""
    nsm = Nsm()
    with Service(nsm=nsm) as service:
        client = service.client()
        nsm.end()
        for _ in range(3):
            kind, status, rest = client.finish(client.exec("true"))[2]
            equal((kind, status, dict(fields(rest))[113]), (STATUS, 125, number(11)))
        client.finish(client.open(ATTEST, b""))
        records, _, mark = log_of(client)
        equal((len(records), mark), (1, None))


def no_forged_binding():
    """nobody can have a document made whose user data look like those of a session's"""
    nsm = Nsm()
    with Service(nsm=nsm) as service:
        client = service.client()
        kind, reason, _ = client.finish(
            client.open(ATTEST, field(130, b"cloister/slc/doc" + bytes(104))))[2]
        equal((kind, reason), (REFUSE, 9))
        for good in (b"cloister", b"", b"x" * 120):
            kind, status, _ = client.finish(client.open(ATTEST, field(130, good)))[2]
            equal((good, kind, status), (good, STATUS, 0))
        equal(client.finish(client.open(AUDIT, field(33, b"x")))[2][:2], (REFUSE, 8))
        equal(client.leave(), "none")


if __name__ == "__main__":
    main([recorded, entered, chained, forwarded, controlled, many_at_once, all_jobs_at_once, bounded, another_log, nobody_may, no_module,
          no_forged_binding])
