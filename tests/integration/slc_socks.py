#!/usr/bin/env python3
"""`pipeline forward -D`: clients of SOCKS5 that say where they want to go, right and wrong, whole and in
pieces, and some that never do."""
import base64
import socket
import struct
import tempfile

from slc_client import await_true
from slc_keys import NSM, make_keys, path_of, spki
from slc_service import Service, descriptors, equal, main
from slc_tunnel import Forward, Target, await_descriptors, echo, read_all

GREETING = b"\5\1\0"
DONE = b"\5\0\0\1\0\0\0\0\0\0"


def refusal(code):
    return b"\5" + bytes([code]) + DONE[2:]


def request(kind, address, port, command=1):
    return bytes([5, command, 0, kind]) + address + struct.pack(">H", port)


def to_v4(port, host="127.0.0.1"):
    return request(1, socket.inet_aton(host), port)


def to_name(name, port):
    return request(3, bytes([len(name)]) + name, port)


def read(connection, size):
    found = b""
    while len(found) < size:
        more = connection.recv(size - len(found))
        if not more:
            break
        found += more
    return found


def ask(way, words, which=0):
    """A connection that has greeted and asked, and what was answered to that."""
    connection = way.connect(which)
    connection.sendall(GREETING)
    equal(read(connection, 2), b"\5\0")
    connection.sendall(words)
    return connection, read(connection, 10)


def finish(connection):
    connection.sendall(b"hello")
    connection.shutdown(socket.SHUT_WR)
    equal(read_all(connection), b"helloend")
    connection.close()


# --- Right ones -----------------------------------------------------------------------------------

def kinds():
    """-D: targets by IPv4, by name and by IPv6; on TCP and on a Unix socket"""
    with tempfile.TemporaryDirectory() as folder, Service() as service, Target(echo) as target, \
            Forward(service, "-D", "0", "-D", f"unix:{folder}/s") as way:
        equal([sorted(each) for each in way.listening], [["address", "option"]] * 2)
        for which in range(2):
            for words in (to_v4(target.port), to_name(b"localhost", target.port),
                          to_name(b"127.0.0.1", target.port)):
                connection, answer = ask(way, words, which)
                equal(answer, DONE)
                finish(connection)
        try:
            six = Target(echo, socket.AF_INET6)
        except OSError:
            print("# skipped: no IPv6 here")
            return
        with six:
            there = socket.inet_pton(socket.AF_INET6, "::1")
            connection, answer = ask(way, request(4, there, six.port))
            equal(answer, DONE)
            finish(connection)


def pieces():
    """-D: greeting and request come in pieces of a byte, or at once with what is the target's"""
    with Service() as service, Target(echo) as target, Forward(service, "-D", "0") as way:
        words = b"\5\3\2\0\1" + to_name(b"localhost", target.port)
        connection = way.connect()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(words)):
            connection.sendall(words[at:at + 1])
        equal(read(connection, 12), b"\5\0" + DONE)
        finish(connection)
        connection = way.connect()
        connection.sendall(words + b"hello")
        connection.shutdown(socket.SHUT_WR)
        equal(read_all(connection), b"\5\0" + DONE + b"helloend")
        connection.close()


# --- Wrong ones -----------------------------------------------------------------------------------

def wrong():
    """-D: what is no SOCKS5, wants another command or can't be is told so, and nothing is dialled"""
    cases = [(b"\4\1\0\x50\x7f\0\0\1\0", b""), (b"GET / HTTP/1.1\r\n\r\n", b""),
             (b"\5\1\2", b"\5\xff"), (b"\5\0", b"\5\xff"), (b"\5\2\1\2", b"\5\xff"),
             (GREETING + b"\4", b"\5\0"),
             (GREETING + request(1, bytes(4), 80, command=2), b"\5\0" + refusal(7)),
             (GREETING + request(1, bytes(4), 80, command=3), b"\5\0" + refusal(7)),
             (GREETING + request(2, bytes(4), 80), b"\5\0" + refusal(8)),
             (GREETING + b"\5\1\1\1", b"\5\0" + refusal(1)),
             (GREETING + to_v4(0), b"\5\0" + refusal(1)),
             (GREETING + to_name(b"", 80), b"\5\0" + refusal(1)),
             (GREETING + to_name(b"a:1:tcp:b", 80), b"\5\0" + refusal(1)),
             (GREETING + to_name(b"a\0b", 80), b"\5\0" + refusal(1)),
             (GREETING + to_name(b"127.1", 80), b"\5\0" + refusal(1))]
    with Service() as service, Forward(service, "-D", "0") as way:
        for words, expected in cases:
            connection = way.connect()
            connection.sendall(words)
            found = b""
            try:
                while True:
                    more = connection.recv(100)
                    if not more:
                        break
                    found += more
            except ConnectionResetError:  # what was not read of it
                pass
            assert found == expected, (words, found, expected)
            connection.close()
        assert not service.has_said("forward ended")


def unreachable():
    """-D: a target that is not there, and a session that is full, are answered before the end"""
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    with Service("--channels", "1") as service, Target(echo) as target, \
            Forward(service, "-D", "0") as way:
        connection, answer = ask(way, to_v4(closed.getsockname()[1]))
        equal(answer, refusal(4))
        equal(read_all(connection), b"")
        connection.close()
        first, answer = ask(way, to_v4(target.port))
        equal(answer, DONE)
        connection, answer = ask(way, to_v4(target.port))
        equal(answer, refusal(1))
        connection.close()
        finish(first)
    closed.close()


def many_at_once():
    """-D: a session has 32 connections at once, and what is more is answered; then there is room"""
    with Service() as service, Target(echo) as target, Forward(service, "-D", "0") as way:
        connections = []
        for _ in range(32):
            connection, answer = ask(way, to_v4(target.port))
            equal(answer, DONE)
            connections.append(connection)
        connection, answer = ask(way, to_v4(target.port))
        equal(answer, refusal(1))
        connection.close()
        for connection in connections:
            finish(connection)

        def is_led():
            again, found = ask(way, to_v4(target.port))
            if found == DONE:
                finish(again)
            again.close()
            return found == DONE
        await_true("room for one more", is_led)


def not_permitted():
    """-D: a target that the key may not have is refused as not allowed"""
    make_keys()
    with Target(echo) as target, Target(echo) as other:
        with open(path_of("led"), "w", encoding="ascii") as file:
            file.write(f'[[key]]\nname = "all"\nverbs = ["forward"]\nforward = ["{target.address}"]\n'
                       f'public = "{base64.b64encode(spki("all")).decode()}"\n')
        options = ("--root", NSM.root, "--key", path_of("all"))
        with Service("--keys", path_of("led"), nsm=NSM) as service, \
                Forward(service, "-D", "0", options=options) as way:
            connection, answer = ask(way, to_v4(target.port))
            equal(answer, DONE)
            finish(connection)
            for words in (to_v4(other.port), to_name(b"localhost", target.port)):
                connection, answer = ask(way, words)
                equal(answer, refusal(2))
                connection.close()
        equal(other.count, 0)


def vanishing():
    """-D: clients that go, or are silent, at every byte leave nothing behind and stop nobody"""
    with Service() as service, Target(echo) as target, Forward(service, "-D", "0") as way:
        connection, answer = ask(way, to_v4(target.port))
        equal(answer, DONE)
        finish(connection)
        service.await_no_jobs()
        before = descriptors(way.process.pid), descriptors(service.front)
        words = GREETING + to_name(b"localhost", target.port)
        for at in range(len(words)):
            with way.connect() as connection:
                connection.sendall(words[:at])
        silent = [way.connect() for _ in range(20)]
        for each in silent[10:]:
            each.sendall(words[:7])
        connection, answer = ask(way, to_v4(target.port))
        equal(answer, DONE)
        finish(connection)
        for each in silent[:10]:
            each.close()
        service.await_no_jobs()
        await_descriptors(way.process.pid, before[0] + 10)
        await_descriptors(service.front, before[1])
    for each in silent[10:]:  # they were there when it was told to end
        each.close()


if __name__ == "__main__":
    main([kinds, pieces, wrong, unreachable, many_at_once, not_permitted, vanishing])
