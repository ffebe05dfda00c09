#!/usr/bin/env python3
"""`pipeline forward -R`: who connects inside the enclave comes out at a target here; who may listen there,
and what is left when either end goes."""
import base64
import os
import random
import socket
import subprocess
import tempfile

from slc_client import DATA, END, GUARD, REASONS, REFUSE, RESET, await_true, field, frame
from slc_keys import NSM, make_keys, path_of, spki
from slc_service import ENVIRONMENT, Service, descriptors, equal, main
from slc_tunnel import (CHECKED, Forward, Target, await_descriptors, echo, exchange, read_all, reset,
                        sees_reset)

LISTEN = 8


def fails(service, *words):
    """Exit code and the reason of a forward that does not begin."""
    done = subprocess.run([CHECKED, "--insecure-dev", "--addr", f"unix:{service.path}", "forward",
                           *words], capture_output=True, text=True, env=ENVIRONMENT, timeout=GUARD,
                          check=False)
    return done.returncode, done.stderr.rsplit("reason: ", 1)[-1].strip()


def both_kinds():
    """-R: TCP and Unix sockets at both ends, a port that is chosen there, and 3 MB both ways"""
    data = random.Random(11).randbytes(3_000_000)
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as tcp, \
            Target(echo, socket.AF_UNIX, folder + "/target") as unix:
        ways = [f"0:{tcp.address}", f"127.0.0.1:0:{unix.address}", f"unix:{folder}/a:{tcp.address}",
                f"unix:{folder}/b:{unix.address}", f"0:localhost:{tcp.port}"]
        with Forward(service, *[word for way in ways for word in ("-R", way)]) as forward:
            for which in range(len(ways)):
                assert forward.port(which) if which not in (2, 3) else True
                assert exchange(forward.connect(which), data) == data + b"end"
            equal([each["option"] for each in forward.listening], ["-R"] * 5)
        await_true("the files' end", lambda: os.listdir(folder) == ["target"])
        service.await_no_jobs()


def both_directions():
    """-L, -R and -D: all of them in one session"""
    with Service() as service, Target(echo) as target, \
            Forward(service, "-L", f"0:{target.address}", "-R", f"0:{target.address}", "-D", "0") as way:
        for which in range(2):
            equal(exchange(way.connect(which)), b"helloend")
        equal([each["option"] for each in way.listening], ["-L", "-R", "-D"])


def ends_and_resets():
    """-R: ends, resets and targets that are not there are passed on as with -L"""
    def talk_first(connection):
        connection.sendall(b"greeting")
        connection.shutdown(socket.SHUT_WR)
        heard.append(read_all(connection))

    def abandon(connection):
        connection.recv(1)
        reset(connection)

    heard = []
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    with Service() as service, Target(talk_first) as first, Target(abandon) as second, \
            Forward(service, "-R", f"0:{first.address}", "-R", f"0:{second.address}", "-R",
                    f"0:127.0.0.1:{closed.getsockname()[1]}") as way:
        connection = way.connect(0)
        equal(read_all(connection), b"greeting")
        connection.sendall(b"after the end")
        connection.close()
        await_true("what came after the end", lambda: heard == [b"after the end"])
        connection = way.connect(1)
        connection.sendall(b"x")
        assert sees_reset(connection)
        assert way.is_reset(2)
        await_true("the word", lambda: "failed: unreachable" in way.text())
    closed.close()


def many():
    """-R: 100 connections at once, and no descriptor is left of them; one too many is reset"""
    with Service("--channels", "101") as service, Target(echo) as target, \
            Forward(service, "-R", f"0:{target.address}") as way:
        pids = (way.process.pid, service.front, service.broker)
        before = [descriptors(pid) for pid in pids]
        equal(exchange(way.connect()), b"helloend")
        await_descriptors(service.front, before[1])  # its channel is free again
        connections = [way.connect() for _ in range(100)]
        for at, each in enumerate(connections):
            each.sendall(b"%d" % at)
        for at, each in enumerate(connections):
            equal(each.recv(100), b"%d" % at)
        assert way.is_reset()
        for each in connections:
            equal(exchange(each, b""), b"end")
        for pid, most in zip(pids, before):
            await_descriptors(pid, most)


def places():
    """-R: a place that is taken, that is a name or that is not this host's is refused with a reason"""
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as target:
        with Target(echo, socket.AF_UNIX, folder + "/s"):
            equal(fails(service, "-R", f"unix:{folder}/s:{target.address}"), (74, "io"))
        equal(fails(service, "-R", f"{target.port}:{target.address}"), (74, "io"))
        equal(fails(service, "-R", f"localhost:0:{target.address}"), (65, "request"))
        equal(fails(service, "-R", f"unix:relative:{target.address}"), (65, "request"))
        equal(fails(service, "-R", f"192.0.2.1:0:{target.address}"), (68, "unreachable"))
        equal(fails(service, "-R", "0:h")[0], 2)
        service.await_no_jobs()
        equal(os.listdir(folder), ["s"])


def is_refused(way):
    try:
        way.connect(1).close()
        return False
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # accepted by the kernel before the socket was closed
        return False


def client_dies():
    """-R: a client that is killed leaves no socket there, and its connections are reset"""
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as target:
        before = descriptors(service.front)
        with Forward(service, "-R", f"unix:{folder}/s:{target.address}", "-R",
                     f"0:{target.address}", code=-9) as way:
            connection = way.connect(1)
            connection.sendall(b"x")
            equal(connection.recv(1), b"x")
            way.kill()
            assert sees_reset(connection)
            await_true("the file's end", lambda: os.listdir(folder) == [])
            await_true("the port's end", lambda: is_refused(way))
        service.await_no_jobs()
        await_descriptors(service.front, before)


def service_stops():
    """-R: a service that stops takes no new connection, and removes its sockets"""
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as target:
        with Forward(service, "-R", f"unix:{folder}/s:{target.address}", code=69) as way:
            service.process.terminate()
            equal(way.process.wait(GUARD), 69)
            service.await_end()
            equal(os.listdir(folder), [])


def bad_requests():
    """-R: requests without a place, and bytes for who listens, are refused; a client's END ends it"""
    good = field(146, b"tcp:127.0.0.1:0")
    with Service() as service:
        client = service.client()
        for row in (b"", good + good, field(146, b""), field(146, b"hybrid:/x:1"),
                    field(146, b"tcp:h:1"), field(145, b"tcp:127.0.0.1:0"), good[:-1]):
            channel = client.open(LISTEN, row)
            kind, _, where, payload = client.read()
            equal((kind, where), (REFUSE, channel))
            assert REASONS[int.from_bytes(payload[:4], "big")] in ("request", "unknown"), row
        assert not service.jobs()
        channel = client.accepted(client.open(LISTEN, good))
        client.send(frame(DATA, channel, b"x"))
        equal(client.finish(channel)[2][:2], (RESET, 2))
        channel = client.accepted(client.open(LISTEN, good))
        client.send(frame(END, channel))
        equal(client.finish(channel)[2][1], 0)
        service.await_no_jobs()


def rights():
    """-R: a key may listen where its list says, and nowhere else; to lead somewhere is no right to it"""
    make_keys()
    with Target(echo) as target, tempfile.TemporaryDirectory() as folder:
        with open(path_of("led"), "w", encoding="ascii") as file:
            for name, more in (("all", f'forward = ["tcp:127.0.0.1:1"]\nlisten = ["unix:{folder}/s"]'),
                               ("few", f'forward = ["unix:{folder}/s", "*"]')):
                public = base64.b64encode(spki(name)).decode()
                file.write(f'[[key]]\nname = "{name}"\npublic = "{public}"\n'
                           f'verbs = ["forward"]\n{more}\n')
        with Service("--keys", path_of("led"), nsm=NSM) as service:
            for key, place, may in (("all", "s", True), ("all", "t", False), ("few", "s", False)):
                options = ("--root", NSM.root, "--key", path_of(key))
                way = Forward(service, "-R", f"unix:{folder}/{place}:{target.address}",
                              options=options, code=0 if may else 77)
                equal(way.is_ready, may)
                with way if may else Ended(way):
                    if may:
                        equal(exchange(way.connect()), b"helloend")
            await_true("the file's end", lambda: os.listdir(folder) == [])


class Ended:
    """A forward that has not begun."""

    def __init__(self, way):
        self.way = way

    def __enter__(self):
        equal(self.way.process.wait(GUARD), self.way.code)

    def __exit__(self, *words):
        self.way.__exit__(*words)


if __name__ == "__main__":
    main([both_kinds, both_directions, ends_and_resets, many, places, client_dies, service_stops,
          bad_requests, rights])
