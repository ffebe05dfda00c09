#!/usr/bin/env python3
"""Connections that are led into the enclave: real pipeline, real slc; both ends of sockets, ends and
resets, many at once, readers that stop, parts that die, and what keys permit."""
import base64
import os
import random
import socket
import subprocess
import tempfile
import threading

from slc_client import FORWARD, GUARD, REASONS, REFUSE, await_true, field
from slc_keys import NSM, pipeline, spki, path_of, make_keys
from slc_service import ENVIRONMENT, PLAIN, Service, descriptors, equal, main
from slc_tunnel import (CHECKED, Forward, Target, await_descriptors, echo, exchange, read_all, reset,
                        sees_reset)


# --- Ways -----------------------------------------------------------------------------------------

def both_kinds():
    """-L: TCP and Unix sockets at both ends, names, and the forms of ports"""
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as tcp, \
            Target(echo, socket.AF_UNIX, folder + "/target") as unix:
        ways = [f"0:{tcp.address}", f"127.0.0.1:0:127.0.0.1:{tcp.port}",
                f"tcp:127.0.0.1:0:{unix.address}", f"unix:{folder}/a:{tcp.address}",
                f"unix:{folder}/b:{unix.address}", f"0:localhost:{tcp.port}"]
        with Forward(service, *[word for way in ways for word in ("-L", way)]) as forward:
            for which in range(len(ways)):
                assert forward.port(which) if which not in (3, 4) else True
                equal(exchange(forward.connect(which)), b"helloend")
            equal([each["option"] for each in forward.listening], ["-L"] * 6)
            equal(forward.listening[0]["address"], f"tcp:127.0.0.1:{forward.port()}")
            equal(forward.listening[5]["target"], f"tcp:localhost:{tcp.port}")
            equal(forward.said["attested"], False)
        equal(os.listdir(folder), ["target"])


def version_six():
    """-L: IPv6 at both ends"""
    try:
        target = Target(echo, socket.AF_INET6)
    except OSError:
        print("# skipped: no IPv6 here")
        return
    with target, Service() as service, Forward(service, "-L", f"[::1]:0:{target.address}") as way:
        equal(exchange(way.connect()), b"helloend")


def large():
    """bytes: 8 MB arrive whole, both ways at once"""
    data = random.Random(5).randbytes(8_000_000)
    with Service() as service, Target(echo) as target, \
            Forward(service, "-L", f"0:{target.address}") as way:
        assert exchange(way.connect(), data) == data + b"end"


def half_close():
    """ends: each direction has its own, whichever is the first"""
    def talk_first(connection):
        connection.sendall(b"greeting")
        connection.shutdown(socket.SHUT_WR)
        heard.append(read_all(connection))

    heard = []
    with Service() as service, Target(talk_first) as target, \
            Forward(service, "-L", f"0:{target.address}") as way:
        connection = way.connect()
        equal(read_all(connection), b"greeting")
        connection.sendall(b"after")
        connection.sendall(b" the end")
        connection.close()
        await_true("what came after the end", lambda: heard == [b"after the end"])


# --- Failures of a connection ---------------------------------------------------------------------

def refused():
    """targets: one that refuses, or is not there, is a reset here and a word on standard error"""
    with tempfile.TemporaryDirectory() as folder, Service() as service:
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))  # bound, and never listened on
        ways = [f"0:127.0.0.1:{closed.getsockname()[1]}", f"0:unix:{folder}/none"]
        with Forward(service, *[word for way in ways for word in ("-L", way)]) as forward:
            for which in range(2):
                assert forward.is_reset(which)
            await_true("two words", lambda: forward.text().count("failed: unreachable") == 2)
        closed.close()
        await_true("the log", lambda: service.text().count('"reason":"unreachable"') == 2)


def resets():
    """resets: those of a target, and those of a client, are passed on as resets"""
    def abandon(connection):
        connection.recv(1)
        reset(connection)

    def wait(connection):
        connection.sendall(b"x")
        seen.append(sees_reset(connection))

    seen = []
    with Service() as service, Target(abandon) as first, Target(wait) as second, \
            Forward(service, "-L", f"0:{first.address}", "-L", f"0:{second.address}") as way:
        connection = way.connect(0)
        connection.sendall(b"x")
        assert sees_reset(connection)
        connection = way.connect(1)
        equal(connection.recv(1), b"x")
        reset(connection)
        await_true("the target's reset", lambda: seen == [True])


def bad_requests():
    """requests: no target, two, a hypervisor's, a relative one, port 0: refused, and nothing is dialled"""
    good = field(145, b"tcp:127.0.0.1:9")
    with Service() as service:
        for row in (b"", good + good, field(145, b""), field(145, b"hybrid:/x:1"),
                    field(145, b"unix:x"), field(145, b"tcp:127.0.0.1:0"), field(145, b"tcp:h"),
                    field(145, b"tcp:127.0.0.1:9\0"), good + field(17, b"x"), good[:-1]):
            client = service.client()
            channel = client.open(FORWARD, row)
            kind, _, where, payload = client.read()
            equal((kind, where), (REFUSE, channel))
            assert REASONS[int.from_bytes(payload[:4], "big")] in ("request", "unknown"), row
            client.leave()
        assert not service.jobs()


# --- Many, and slow ones --------------------------------------------------------------------------

def many():
    """many: 200 connections at once in one session, and no descriptor is left of them"""
    with Service("--channels", "256") as service, Target(echo) as target, \
            Forward(service, "-L", f"0:{target.address}") as way:
        equal(exchange(way.connect()), b"helloend")
        service.await_no_jobs()
        pids = (way.process.pid, service.front, service.broker)
        before = [descriptors(pid) for pid in pids]
        for _ in range(2):
            connections = [way.connect() for _ in range(200)]
            for at, each in enumerate(connections):
                each.sendall(b"%d" % at)
            for at, each in enumerate(connections):
                equal(each.recv(100), b"%d" % at)
            assert descriptors(service.front) > 200
            for each in connections:
                equal(exchange(each, b""), b"end")
            service.await_no_jobs()
            for pid, most in zip(pids, before):
                await_descriptors(pid, most)
        equal(target.count, 401)


def limits():
    """limits: a connection more than the session may have is reset, and later ones are served"""
    with Service("--channels", "2") as service, Target(echo) as target, \
            Forward(service, "-L", f"0:{target.address}") as way:
        first, second = way.connect(), way.connect()
        for each in (first, second):
            each.sendall(b"x")
            equal(each.recv(1), b"x")
        assert way.is_reset()
        await_true("the word", lambda: "failed: limit" in way.text())
        equal(exchange(first, b""), b"end")

        def is_served():
            try:
                with way.connect() as third:
                    third.sendall(b"y")
                    return third.recv(1) == b"y"
            except (ConnectionResetError, BrokenPipeError):
                return False

        await_true("room for another one", is_served)
        equal(exchange(second, b""), b"end")
    with Service("--forwards", "1") as service, Target(echo) as target, \
            Forward(service, "-L", f"0:{target.address}") as way:
        first = way.connect()
        first.sendall(b"x")
        equal(first.recv(1), b"x")
        assert way.is_reset()
        equal(exchange(first, b""), b"end")


def stalled():
    """credit: a reader that stops is sent no more than what fits, and others get all of theirs"""
    sent = []

    def flood(connection):
        sent.append(0)
        for _ in range(96):  # far more than all windows and sockets on the way hold
            connection.sendall(bytes(1 << 20))
            sent[0] += 1

    data = random.Random(6).randbytes(3_000_000)
    with Service() as service, Target(flood) as source, Target(echo) as target, \
            Forward(service, "-L", f"0:{source.address}", "-L", f"0:{target.address}") as way:
        slow = way.connect(0)
        await_true("the flood", lambda: sent and sent[0] >= 1)
        for _ in range(3):
            assert exchange(way.connect(1), data) == data + b"end"
        assert sent[0] < 48, f"{sent[0]} MiB were taken from who floods"
        equal(len(read_all(slow)), 96 << 20)
        slow.close()


def deaf_target():
    """credit: a target that does not read stops its own connection alone"""
    begun = []

    def ignore(connection):
        begun.append(connection)
        gate.wait(GUARD)
        heard.append(len(read_all(connection)))

    gate, heard, total, sent = threading.Event(), [], 48 << 20, [0]

    def push(connection):
        while sent[0] < total:
            sent[0] += connection.send(bytes(1 << 20))
        connection.shutdown(socket.SHUT_WR)

    with Service() as service, Target(ignore) as deaf, Target(echo) as target, \
            Forward(service, "-L", f"0:{deaf.address}", "-L", f"0:{target.address}") as way:
        slow = way.connect(0)
        thread = threading.Thread(target=push, args=(slow,), daemon=True)
        thread.start()
        await_true("the target", lambda: begun)
        data = bytes(3_000_000)
        for _ in range(3):
            assert exchange(way.connect(1), data) == data + b"end"
        assert sent[0] < total, "all was taken for who does not read"
        gate.set()
        thread.join(GUARD)
        await_true("all of it", lambda: heard == [total])
        slow.close()


# --- Ends -----------------------------------------------------------------------------------------

def client_dies():
    """ends: a client that is killed leaves no connection, no dialler and no descriptor behind"""
    seen = []

    def wait(connection):
        connection.sendall(b"x")
        seen.append(sees_reset(connection))

    with Service() as service, Target(wait) as target:
        before = descriptors(service.front)
        with Forward(service, "-L", f"0:{target.address}", code=-9) as way:
            connections = [way.connect() for _ in range(5)]
            for each in connections:
                equal(each.recv(1), b"x")
            way.kill()
            for each in connections:
                each.close()
        await_true("five resets", lambda: seen == [True] * 5)
        await_descriptors(service.front, before)
        service.await_no_jobs()


def service_dies():
    """ends: without its service the client says so, and its connections are reset"""
    with Target(echo) as target, Service("--drain", "1", code=-9, program=PLAIN) as service:
        with Forward(service, "-L", f"0:{target.address}", code=68) as way:
            connection = way.connect()
            connection.sendall(b"x")
            equal(connection.recv(1), b"x")
            service.process.kill()
            assert sees_reset(connection)
            equal(way.process.wait(GUARD), 68)
            assert "reason: " in way.text()


def told_to_end():
    """ends: SIGTERM and SIGINT reset what is open, remove the sockets, and are no failure"""
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as target:
        for end in (lambda process: process.terminate(), lambda process: process.send_signal(2)):
            with Forward(service, "-L", f"unix:{folder}/s:{target.address}") as way:
                connection = way.connect()
                connection.sendall(b"x")
                equal(connection.recv(1), b"x")
                end(way.process)
                equal(way.process.wait(GUARD), 0)
                equal(os.listdir(folder), [])
                connection.close()


def service_stops():
    """ends: a service that stops lets connections end by themselves; told twice, it resets them"""
    with Target(echo) as target, Service() as service:
        with Forward(service, "-L", f"0:{target.address}", code=0) as way:
            first, second = way.connect(), way.connect()
            for each in (first, second):
                each.sendall(b"x")
                equal(each.recv(1), b"x")
            service.process.terminate()
            await_true("draining", lambda: service.has_said("draining"))
            equal(exchange(first), b"helloend")
            service.process.terminate()
            assert sees_reset(second)
            second.close()
            equal(way.process.wait(GUARD), 68)
            way.code = 68
            service.await_end()


def dialler_waits():
    """diallers: one that waits may do nothing but connect, and ends when nobody wants it any more"""
    with tempfile.TemporaryDirectory() as folder, Service() as service:
        full = socket.socket(socket.AF_UNIX)
        full.bind(folder + "/full")
        full.listen(0)  # and nobody accepts: who connects waits once it is full
        waiting = []
        for _ in range(2):
            waiting.append(socket.socket(socket.AF_UNIX))
            waiting[-1].setblocking(False)
            try:
                waiting[-1].connect(folder + "/full")
            except BlockingIOError:
                pass
        with Forward(service, "-L", f"0:unix:{folder}/full", code=-9) as way:
            connection = way.connect()
            await_true("the dialler", service.jobs)

            def is_confined():
                jobs = service.jobs()
                if not jobs:
                    return False
                with open(f"/proc/{jobs[0]}/status", encoding="ascii") as file:
                    return "Seccomp:\t2\n" in file.read()

            await_true("its filter", is_confined)
            way.kill()
            service.await_no_jobs()
            connection.close()
        for each in (*waiting, full):
            each.close()


# --- The command line -----------------------------------------------------------------------------

def fails(service, *words):
    """Exit code and the reason of a forward that does not begin."""
    done = subprocess.run([CHECKED, "--insecure-dev", "--addr", f"unix:{service.path}", "forward",
                           *words], capture_output=True, text=True, env=ENVIRONMENT, timeout=GUARD,
                          check=False)
    return done.returncode, done.stderr.rsplit("reason: ", 1)[-1].strip()


def places():
    """listening: a socket that is in use is left alone, a dead one is replaced; TCP is loopback alone"""
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as target:
        path = folder + "/s"
        with Target(echo, socket.AF_UNIX, path):
            equal(fails(service, "-L", f"unix:{path}:{target.address}"), (73, "in_use"))
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(path)
                equal(exchange(connection), b"helloend")
            equal(fails(service, "-L", f"0:{target.address}", "-L",
                        f"unix:{path}:{target.address}"), (73, "in_use"))
            equal(fails(service, "-L", f"{target.port}:{target.address}"), (73, "in_use"))
        with Forward(service, "-L", f"unix:{path}:{target.address}") as way:
            equal(exchange(way.connect()), b"helloend")
            equal(os.stat(path).st_mode & 0o777, 0o600)
        equal(os.listdir(folder), [])


def wrong_usage():
    """command line: what is no way is wrong usage, before anybody is connected to"""
    with Service() as service:
        for words in ([], ["-L", ""], ["-L", "8080"], ["-L", "8080:80"], ["-L", "x:tcp:h:80"],
                      ["-L", "0:tcp:h:99999"], ["-L", "unix:/a"], ["-L"], ["x"],
                      ["-L", "0:h:80", "x"], ["--ready-fd", "x", "-L", "0:h:80"]):
            equal(fails(service, *words)[0], 2)
        assert not service.has_said("session ended")


# --- Rights ---------------------------------------------------------------------------------------

def rights():
    """keys: a target that a key names may be reached, and no other one; by nobody else either"""
    make_keys()
    with Target(echo) as target, Target(echo) as other:
        with open(path_of("led"), "w", encoding="ascii") as file:
            for name, more in (("all", f'verbs = ["forward"]\nforward = ["{target.address}"]'),
                               ("few", 'verbs = ["exec"]\ncommands = ["*"]')):
                public = base64.b64encode(spki(name)).decode()
                file.write(f'[[key]]\nname = "{name}"\npublic = "{public}"\n{more}\n')
        with Service("--keys", path_of("led"), nsm=NSM) as service:
            for key, which, word in (("all", target, None), ("all", other, "denied"),
                                     ("few", target, "denied")):
                options = ("--root", NSM.root, "--key", path_of(key))
                with Forward(service, "-L", f"0:{which.address}", options=options) as way:
                    assert way.said["attested"]
                    if word is None:
                        equal(exchange(way.connect()), b"helloend")
                    else:
                        assert way.is_reset()
                        await_true("the word", lambda: f"failed: {word}" in way.text())
            equal(pipeline(service.path, "exec", "true", key="all")[:2], (125, "denied"))
        equal((target.count, other.count), (1, 0))


if __name__ == "__main__":
    main([both_kinds, version_six, large, half_close, refused, resets, bad_requests, many, limits,
          stalled, deaf_target, client_dies, service_dies, service_stops, told_to_end, dialler_waits, places,
          wrong_usage, rights])
