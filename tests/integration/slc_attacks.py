#!/usr/bin/env python3
"""What the table of spec/slc.md asks for and no other file shows: peers that die at every step, many
at once that get nowhere, no memory, no secret in the log, and what is shipped."""
import os
import re
import resource
import socket
import subprocess

from slc_client import (ACCEPT, CREDIT, DATA, END, EXEC, GET, GOODBYE, GUARD, HELLO, RESET,
                        STATUS, Client, await_true, command, field, frame, hello, number,
                        tls_context)
from slc_service import BIN, CHECKED, ENVIRONMENT, PLAIN, Nsm, Service, equal, is_there, main

NSM = Nsm()


def pipeline(service, *words):
    return subprocess.run([os.path.join(BIN, "pipeline"), "--addr", f"unix:{service.path}",
                           "--root", NSM.root, *words], capture_output=True, env=ENVIRONMENT,
                          timeout=GUARD, check=False)


# --- Peers that die -------------------------------------------------------------------------------

def steps_of(service):
    """The conversation of a client that proves itself and runs `cat`, a step at a time."""
    raw = socket.socket(socket.AF_UNIX)
    raw.connect(service.path)
    raw.settimeout(GUARD)
    yield raw, "connected"
    client = Client.__new__(Client)
    client.bytes, client.next, client.credit = b"", 1, 262144
    client.socket = tls_context().wrap_socket(raw)
    yield client.socket, "TLS"
    client.send(frame(HELLO, 0, hello(features=0))[:13])
    yield client.socket, "half of HELLO"
    client.send(frame(HELLO, 0, hello(features=0))[13:])
    yield client.socket, "HELLO"
    equal(client.read()[0], HELLO)
    yield client.socket, "the enclave's HELLO"
    client.auth(1, (193, os.urandom(32)))
    yield client.socket, "nonce"
    client.read()
    yield client.socket, "document"
    client.auth(3)
    yield client.socket, "proof"
    equal(client.read()[3], number(4))
    yield client.socket, "open"
    channel = client.open(EXEC, command("cat"))
    yield client.socket, "OPEN"
    equal(client.read()[0], ACCEPT)
    yield client.socket, "ACCEPT"
    client.send(frame(DATA, channel, b"x" * 1000)[:500])
    yield client.socket, "half of DATA"
    client.send(frame(DATA, channel, b"x" * 1000)[500:])
    yield client.socket, "DATA"
    while client.read()[0] != DATA:
        pass
    yield client.socket, "its output"
    client.send(frame(CREDIT, channel, number(1000)) + frame(END, channel))
    yield client.socket, "END"
    while client.read()[0] != STATUS:
        pass
    yield client.socket, "STATUS"
    client.send(frame(GOODBYE, 0, number(0)))
    yield client.socket, "GOODBYE"
    equal(client.read()[0], GOODBYE)
    yield client.socket, "the enclave's GOODBYE"


def killed_at_every_step():
    """a client that dies at any step, of TLS, of the proofs or of a command, leaves nothing behind"""
    with Service(nsm=NSM) as service:
        before = service.at_rest()
        walked, last, reached = 0, None, ""
        while reached != last:
            last, reached = reached, ""
            conversation = steps_of(service)
            for _, (end, step) in zip(range(walked + 1), conversation):
                reached = step
            end.close()
            conversation.close()
            walked += 1
        equal((walked, last), (19, "the enclave's GOODBYE"))
        service.await_no_jobs()
        service.await_rest(before)
        equal(pipeline(service, "exec", "true").returncode, 0)


def half_open_ten_thousand():
    """10,000 half-open handshakes, 200 at a time: who is honest gets through, and nothing is left"""
    with Service(program=PLAIN, nsm=NSM) as service:
        before = service.at_rest()
        waiting = []
        for n in range(10_000):
            peer = socket.socket(socket.AF_UNIX)
            peer.connect(service.path)  # it waits while the backlog is full
            peer.send(b"\x16\x03\x01\x02\x00\x01"[:1 + n % 6])
            waiting.append(peer)
            if len(waiting) > 200:
                waiting.pop(0).close()
            if n % 2500 == 2499:
                await_true("a session", lambda: pipeline(service, "exec", "true").returncode == 0)
        for peer in waiting:
            peer.close()
        service.await_rest(before)


def reaped():
    """commands that have ended, and what they left behind, are no zombies"""
    with Service() as service:
        client = service.client()
        equal(client.finish(client.exec("sh", "-c", "sleep 1000 & echo $!; exit 4"))[2][:2],
              (STATUS, 4))
        service.await_no_jobs()  # zombies are children too
        equal(client.leave(), "none")


def no_memory():
    """commands that find no memory end with a status of their own; the session, and others, go on"""
    with Service(program=PLAIN) as service:
        client = service.client()
        usual = resource.prlimit(service.broker, resource.RLIMIT_AS)
        resource.prlimit(service.broker, resource.RLIMIT_AS, (1 << 20, usual[1]))
        for _ in range(20):
            kind, status, _ = client.finish(client.exec("sh", "-c", "echo never"))[2]
            assert kind == STATUS and status in (125, 126, 127, 137, 139), (kind, status)
            kind, *_ = client.finish(client.open(GET, field(33, b"none")))[2]
            equal(kind, RESET)
        resource.prlimit(service.broker, resource.RLIMIT_AS, usual)
        equal(client.finish(client.exec("echo", "again"))[0], b"again\n")
        equal(client.leave(), "none")
        assert is_there(service.broker)


# --- What is told, and what is shipped ------------------------------------------------------------

def no_secrets_in_the_log():
    """neither arguments nor what a command reads or writes stand in the log, here or there"""
    with Service(nsm=NSM) as service:
        done = subprocess.run(
            [os.path.join(BIN, "pipeline"), "--addr", f"unix:{service.path}", "--root", NSM.root,
             "exec", "-i", "--", "sh", "-c", "cat; : secret-argument"], input=b"secret-input",
            capture_output=True, env=ENVIRONMENT, timeout=GUARD, check=False)
        equal((done.returncode, done.stdout, done.stderr), (0, b"secret-input", b""))
        await_true("its end", lambda: service.has_said("command ended"))
        assert "secret" not in service.text(), service.text()


def an_empty_folder():
    """a folder with nothing in it is copied in and out, and is none less for it"""
    with Service(nsm=NSM) as service:
        inside, outside = os.path.join(service.root, "empty"), os.path.join(service.folder, "out")
        os.mkdir(inside)
        equal(pipeline(service, "cp", ":/empty", outside).returncode, 0)
        equal((os.path.isdir(outside), os.listdir(outside)), (True, []))
        equal(pipeline(service, "cp", outside, ":/again").returncode, 0)
        equal(os.listdir(os.path.join(service.root, "again")), [])


def hardened():
    """what is shipped is position-independent and guards its stack; what tests run checks arithmetic"""
    for name in ("slc", "pipeline", "image/slc", "image/pipeline"):
        with open(os.path.join(BIN, name), "rb") as file:
            program = file.read()
        equal((name, program[16:18], b"__stack_chk_fail" in program), (name, b"\3\0", True))
    if CHECKED != PLAIN:
        with open(CHECKED, "rb") as file:
            assert b"__ubsan_handle_add_overflow" in file.read()


def pages_and_programs_agree():
    """every option that --help names stands in the program's manual page"""
    for name, page in (("slc", "services/slc/slc.8"), ("pipeline", "host/pipeline/pipeline.1")):
        said = subprocess.run([os.path.join(BIN, name), "--help"], capture_output=True, text=True,
                              check=True).stdout
        with open(page, encoding="utf-8") as file:
            manual = file.read().replace("\\-", "-").replace("Fl -", "--")
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", said))
        assert len(options) > 5, options
        equal((name, sorted(one for one in options if one not in manual)), (name, []))


if __name__ == "__main__":
    main([killed_at_every_step, half_open_ten_thousand, reaped, no_memory, no_secrets_in_the_log,
          an_empty_folder, hardened, pages_and_programs_agree])
