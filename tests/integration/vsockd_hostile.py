#!/usr/bin/env python3
"""vsockd with guests and front-ends that do not behave: it, or at least everybody else's, lives."""

import os
import random
import socket
import struct
import subprocess
import tempfile

import vsockd_guest as v
from vsockd_common import Daemon, Task, exactly, run
from vsockd_flow import called, connected

OUTSIDE = v.PHYSICAL + v.MEMORY


def still_serves(daemon, guest, port=9999):
    """The whole way, with connections that were not touched."""
    daemon.is_well()
    stream, host = connected(daemon, guest, port=port)
    stream.send(b"well")
    assert exactly(host, 4) == b"well"
    host.close()
    os.unlink(f"{daemon.folder}/3/{port}")


def answer_to(guest, header, data=b""):
    """What is said to a packet of no connection: its op, or None."""
    guest.stray.clear()
    guest.put(header, data)
    guest.put(guest.header(v.RW, 3, 77, 77))  # and this is answered for sure
    guest.await_that(lambda: any(p.dst_port == 77 for p in guest.stray), "an RST")
    answers = [p for p in guest.stray if p.dst_port != 77]
    assert len(answers) <= 1, answers
    return answers[0].op if answers else None


def forged_headers():
    """packets of no connection are answered by one RST, an RST and another's CID by nothing"""
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        for op in (0, v.RESPONSE, v.SHUTDOWN, v.RW, v.CREDIT_UPDATE, v.CREDIT_REQUEST, 8, 65535):
            assert answer_to(guest, guest.header(op, 3, 5, 6)) == v.RST, op
        assert answer_to(guest, guest.header(v.RST, 3, 5, 6)) is None
        assert answer_to(guest, guest.header(v.REQUEST, 3, 5, 6, kind=2)) == v.RST
        assert answer_to(guest, guest.header(v.REQUEST, 1 << 63, 5, 6)) == v.RST
        for cid in (0, 3, 17, (1 << 32) + 16, (1 << 64) - 1):
            assert answer_to(guest, guest.header(v.REQUEST, 3, 5, 6, src_cid=cid)) is None
        assert answer_to(guest, guest.header(v.RW, 3, 5, 6, size=0xFFFFFFFF), b"short") == v.RST
        assert answer_to(guest, b"x" * 43) is None
        stream.send(b"untouched")
        assert exactly(host, 9) == b"untouched"


def forged_packets():
    """whoever breaks the rules within a connection has it reset, and no other"""
    def header(stream, op, **fields):
        return guest.header(op, stream.cid, stream.own_port, stream.port, **fields)

    def overdraw(stream):
        for _ in range(64):
            stream.sent += 65536
            guest.put(header(stream, v.RW, size=65536), bytes(65536))

    def more_after_the_end(stream):
        stream.finish()
        stream.sent += 1
        guest.put(header(stream, v.RW, size=1), b"x")
    with Daemon() as daemon:
        guest = daemon.guest()
        other, host = connected(daemon, guest, port=1)
        service = daemon.listener(3, 2)
        wrong = [
            lambda s: guest.put(header(s, v.REQUEST)),
            lambda s: guest.put(header(s, v.RESPONSE)),
            lambda s: guest.put(header(s, 99)),
            lambda s: guest.put(header(s, v.RW, size=100), b"less"),
            lambda s: guest.put(header(s, v.RW, size=4, kind=2), b"type"),
            lambda s: guest.put(header(s, v.SHUTDOWN, flags=8)),
            overdraw,
            more_after_the_end,
        ]
        for act in wrong:
            stream = guest.connect(3, 2)
            accepted = service.accept()[0]
            act(stream)
            guest.await_that(lambda: stream.state == "reset", "a reset")
            accepted.close()
        stream = guest.dial(3, 2)
        stream.sent += 1
        guest.put(header(stream, v.RW, size=1), b"x")
        guest.await_that(lambda: stream.state in ("reset", "open"))
        other.send(b"untouched")
        assert exactly(host, 9) == b"untouched"


def forged_credit():
    """a guest that lies about what it has taken is sent no more than its window"""
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        writer = Task(host.sendall, bytes(1 << 20))
        guest.await_that(lambda: stream.received == stream.credit, "a full window")
        for forwarded in (stream.received + 1, 0xFFFFFFFF, 1 << 31):
            guest.put(guest.header(v.CREDIT_UPDATE, 3, stream.own_port, 9000,
                                   forwarded=forwarded))
        stream.say(v.CREDIT_REQUEST)
        for _ in range(5):
            guest.turn()
        assert stream.received == stream.credit
        assert len(stream.read(1 << 20)) == 1 << 20
        writer.result(guest)
        guest.put(guest.header(v.CREDIT_UPDATE, 3, stream.own_port, 9000, credit=0))
        still_serves(daemon, guest)


def is_given_up(daemon, guest, ring):
    """The ring's error bell has rung, and a driver that begins anew is served."""
    guest.await_that(lambda: rings(ring.error), "the error bell")
    daemon.is_well()
    for one in (guest.rx, guest.tx):
        guest.stop(one)
    guest.forget()
    still_serves(daemon, guest)


def rings(bell):
    try:
        return os.eventfd_read(bell) > 0
    except BlockingIOError:
        return False


def forged_rings():
    """chains that loop, leave memory or the ring, or are indirect end that ring, until a reboot"""
    def describe(guest, *descriptors):
        for index, descriptor in enumerate(descriptors):
            guest.tx.describe(index, *descriptor)
        guest.tx.offer(0)
    at, n = v.PHYSICAL + v.TX_BUFFERS, v.NEXT
    chains = [
        [(at, 44, n, 0)],
        [(at, 44, n, 1), (at, 10, n, 0)],
        [(at, 44, n, 128)],
        [(at, 44, n, 65535)],
        [(OUTSIDE, 44)],
        [(OUTSIDE - 43, 44)],
        [(v.PHYSICAL + v.MEMORY // 2 - 8, 44)],
        [(v.PHYSICAL - 1, 44)],
        [(0xFFFFFFFFFFFFFFF0, 44)],
        [(at, 0xFFFFFFFF)],
        [(at, 44, n, 1), (at, 0xFFFFFFFF)],
        [(at, 44, v.INDIRECT)],
        [(at, 44, 0x8000)],
        [(at, 44, v.WRITE | n, 1), (at, 44)],
        [(at, 16, n, index + 1) for index in range(100)] + [(at, 16)],
    ]
    with Daemon() as daemon:
        guest = daemon.guest()
        for chain in chains:
            describe(guest, *chain)
            guest.tx.ring()
            is_given_up(daemon, guest, guest.tx)
        guest.tx.offer(128)
        guest.tx.ring()
        is_given_up(daemon, guest, guest.tx)
        guest.tx.put = 5000
        guest.tx.offer(0)
        guest.tx.ring()
        is_given_up(daemon, guest, guest.tx)


def forged_buffers():
    """buffers that are too small, or not to be written, end the ring to the guest"""
    for descriptor in ((v.PHYSICAL + v.RX_BUFFERS, 43, v.WRITE), (OUTSIDE, 4096, v.WRITE),
                       (v.PHYSICAL + v.RX_BUFFERS, 4096, 0)):
        with Daemon() as daemon:
            guest = daemon.guest(buffers=0)
            guest.rx.describe(0, *descriptor)
            guest.rx.offer(0)
            guest.rx.ring()
            guest.put(guest.header(v.RW, 3, 5, 6))
            guest.rx_count = 64
            is_given_up(daemon, guest, guest.rx)


def no_buffers():
    """a guest that sends and takes no answers is not heard any more, and goes on when it does"""
    with Daemon() as daemon:
        guest = daemon.guest(buffers=0)
        sent = 0
        while guest.free and sent < 10000:
            guest.put(guest.header(v.RW, 3, 5, 6))
            sent += 1
            if sent < 256:
                guest.await_that(lambda: guest.free, "room for the next one")
            for _ in range(40):
                if guest.free:
                    break
                guest.turn(0.01)
        assert 256 <= sent <= 256 + 128, sent
        for index in range(64):
            guest.lend(index)
        guest.await_that(lambda: len(guest.stray) == sent, "all answers")
        still_serves(daemon, guest)


def requests():
    """requests by the thousand, answered or not, leave room for the next one"""
    with Daemon("--connections", "64") as daemon:
        guest = daemon.guest()
        daemon.listener(3, 1, backlog=1)
        for number in range(3000):
            guest.put(guest.header(v.REQUEST, 3, 10000 + number, 1 + number % 2))
            if number % 3 == 0:
                guest.put(guest.header(v.RST, 3, 10000 + number, 1 + number % 2))
        for number in range(3000):
            guest.put(guest.header(v.RST, 3, 10000 + number, 1 + number % 2))
        still_serves(daemon, guest)
        called(daemon, guest)[1].close()


def nonsense():
    """packets and chains at random do no harm"""
    seed = int(os.environ.get("SEED", "7"))
    chance = random.Random(seed)
    with Daemon() as daemon:
        guest = daemon.guest()
        daemon.listener(3, 1)
        for _ in range(3000):
            packet = bytearray(guest.header(
                chance.randrange(9), chance.choice([0, 2, 3, 16, 17]), chance.randrange(8),
                chance.randrange(3), chance.choice([0, 1, 100, 70000]), chance.randrange(4),
                chance.choice([0, 1, 4096, 0xFFFFFFFF]), chance.getrandbits(32)))
            if chance.random() < 0.2:
                packet[chance.randrange(44)] = chance.getrandbits(8)
            guest.put(bytes(packet), chance.randbytes(chance.choice([0, 1, 100])))
        for stream in list(guest.streams.values()):
            stream.forget()
        still_serves(daemon, guest)
        for number in range(300):
            for index in range(8):
                guest.tx.describe(index, chance.choice([v.PHYSICAL, OUTSIDE, 0]) +
                                  chance.randrange(1 << 20), chance.choice([0, 44, 1 << 20]),
                                  chance.randrange(4), chance.randrange(9))
            guest.tx.offer(chance.randrange(8))
            guest.tx.ring()
            if number % 3 == 0:
                for ring in (guest.rx, guest.tx):
                    guest.stop(ring)
                guest.forget()
        for ring in (guest.rx, guest.tx):
            guest.stop(ring)
        guest.forget()
        still_serves(daemon, guest)


def protocol():
    """a front-end that breaks the protocol is told off by code 65, with the reason"""
    def table(*regions):
        return struct.pack("<II", len(regions), 0) + b"".join(
            struct.pack("<QQQQ", *region) for region in regions)
    page = os.memfd_create("page")
    os.ftruncate(page, 8192)
    word = struct.Struct("<Q").pack
    pair = struct.Struct("<II").pack
    address = struct.Struct("<IIQQQQ").pack
    messages = [
        (99, b"", []),
        (0, b"", []),
        (v.GET_FEATURES, b"x", []),
        (v.GET_FEATURES, b"", [page]),
        (v.SET_FEATURES, word(1 << 63), []),
        (v.SET_PROTOCOL_FEATURES, word(1 << 20), []),
        (v.SET_MEM_TABLE, table(), []),
        (v.SET_MEM_TABLE, table((0, 4096, 0, 0)), []),
        (v.SET_MEM_TABLE, table((0, 8193, 0, 0)), [page]),
        (v.SET_MEM_TABLE, table((0, 4096, 0, 4097)), [page]),
        (v.SET_MEM_TABLE, table((0, 0, 0, 0)), [page]),
        (v.SET_MEM_TABLE, table(((1 << 64) - 1, 4096, 0, 0)), [page]),
        (v.SET_MEM_TABLE, table((0, 4096, 0, 0), (4095, 4096, 8192, 4096)), [page, page]),
        (v.SET_MEM_TABLE, table(*[(8192 * i, 4096, 8192 * i, 0) for i in range(9)]), [page] * 9),
        (v.SET_MEM_TABLE, table((0, 4096, 0, 0)), [page] * 30),
        (v.SET_VRING_NUM, pair(0, 3), []),
        (v.SET_VRING_NUM, pair(0, 2048), []),
        (v.SET_VRING_NUM, pair(9, 128), []),
        (v.SET_VRING_BASE, pair(0, 65536), []),
        (v.SET_VRING_ENABLE, pair(0, 2), []),
        (v.GET_VRING_BASE, pair(0xFFFFFFFF, 0), []),
        (v.SET_VRING_ADDR, address(0, 1, 0, 0, 0, 0), []),
        (v.SET_VRING_ADDR, address(0, 0, 8, 0, 0, 0), []),
        (v.SET_VRING_KICK, word(0), []),
        (v.SET_VRING_KICK, word(7), [page]),
        (v.SET_VRING_KICK, word(0), [page, page]),
        (v.SET_CONFIG, bytes(20), []),
    ]
    for request, payload, descriptors in messages:
        with Daemon() as daemon:
            front = v.FrontEnd(daemon.socket)
            front.send(request, payload, descriptors)
            daemon.ends(65)
            assert "reason: protocol" in daemon.log(), daemon.log()
            front.socket.close()
    for flags, size in ((0, 0), (2, 0), (5, 0), (1, 1 << 31), (0x101, 0)):
        with Daemon() as daemon:
            front = v.FrontEnd(daemon.socket)
            front.send(v.GET_FEATURES, b"", (), flags, size)
            daemon.ends(65)
            front.socket.close()
    os.close(page)


def pieces():
    """a message may come byte by byte, and a front-end may die in the middle of one"""
    with Daemon() as daemon:
        front = v.FrontEnd(daemon.socket)
        for byte in struct.pack("<IIIQ", v.SET_PROTOCOL_FEATURES, 1, 8, 9) + struct.pack(
                "<III", v.GET_FEATURES, 1, 0):
            front.socket.sendall(bytes([byte]))
        assert len(front.reply(v.GET_FEATURES)) == 8
        front.socket.sendall(struct.pack("<III", v.SET_FEATURES, 1, 8) + b"half")
        front.socket.close()
        daemon.ends()


def before_memory():
    """rings that are turned on before there is memory, or lie outside of it, are not touched"""
    with Daemon() as daemon:
        front = v.FrontEnd(daemon.socket)
        bell = os.eventfd(1, os.EFD_NONBLOCK)
        for index in (0, 1):
            front.send(v.SET_VRING_NUM, struct.pack("<II", index, 128))
            front.send(v.SET_VRING_KICK, struct.pack("<Q", index), [bell])
            front.send(v.SET_VRING_ENABLE, struct.pack("<II", index, 1))
            front.send(v.SET_VRING_ADDR, struct.pack("<IIQQQQ", index, 0, 1 << 60, 0, 16, 0))
        daemon.caller(5)
        assert front.number(v.GET_FEATURES) and front.number(v.GET_QUEUE_NUM) == 2
        front.socket.close()
        os.close(bell)
        daemon.ends()


def cut_short():
    """memory in a memfd is sealed against shrinking; cut short in a file, it ends its vsockd alone"""
    with Daemon() as daemon:
        guest = daemon.guest(seal=False)
        try:
            os.ftruncate(guest.file, 4096)
            raise AssertionError("the memory could be cut short")
        except PermissionError:
            pass
        still_serves(daemon, guest)
    with Daemon() as daemon, tempfile.TemporaryFile() as file:
        memfd, v.os.memfd_create = os.memfd_create, lambda *_: os.dup(file.fileno())
        try:
            guest = daemon.guest(seal=False)
        finally:
            v.os.memfd_create = memfd
        still_serves(daemon, guest)
        assert "cut short" in daemon.log()
        os.ftruncate(guest.file, 0)
        os.eventfd_write(guest.tx.kick, 1)
        daemon.ends(74)
        assert "reason: memory_gone" in daemon.log()


def killed():
    """a front-end that is killed takes its vsockd along, and no other"""
    with Daemon(cid=16) as one, Daemon(cid=17, folder=one.folder) as other:
        script = ("import sys, time; sys.path.insert(0, sys.argv[1]); import vsockd_guest as v\n"
                  "g = v.Guest(sys.argv[2], cid=17); s = g.connect(3, 9000); print(s.state, flush=True)\n"
                  "time.sleep(1000)")
        service = one.listener(3, 9000)
        with subprocess.Popen(["/usr/bin/python3", "-c", script, os.path.dirname(v.__file__),
                               other.socket], stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"open\n"
            host = service.accept()[0]
            process.kill()
        other.ends()
        assert host.recv(1) == b""
        still_serves(one, one.guest())


if __name__ == "__main__":
    run([forged_headers, forged_packets, forged_credit, forged_rings, forged_buffers, no_buffers,
         requests, nonsense, protocol, pieces, before_memory, cut_short, killed])
