#!/usr/bin/env python3
"""vsockd with a guest that behaves: both ways, ends and halves of ends, crowds, siblings."""

import hashlib
import os
import random
import signal
import socket
import subprocess

from vsockd_common import CROWD, PROGRAM, Daemon, Task, exactly, line_of, run
from vsockd_guest import NO_MORE_RECEIVE, NO_MORE_SEND, PATIENCE

SIZE = 4 << 20


def bytes_of(seed, size=SIZE):
    return random.Random(seed).randbytes(size)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def connected(daemon, guest, cid=3, port=9000):
    service = daemon.listener(cid, port)
    stream = guest.connect(cid, port)
    return stream, service.accept()[0]


def called(daemon, guest, port=5005):
    guest.listen(port)
    caller = daemon.caller(port)
    stream = guest.accept(port)
    answer = Task(line_of, caller).result(guest)
    assert answer.startswith(b"OK ") and answer.endswith(b"\n"), answer
    return stream, caller


def heartbeat():
    """a guest reaches the host as CID 0, 1, 2 and 3, each by its own socket"""
    with Daemon() as daemon:
        guest = daemon.guest()
        for cid in range(4):
            stream, host = connected(daemon, guest, cid)
            stream.send(b"\xb7")
            assert exactly(host, 1) == b"\xb7"
            host.sendall(b"\xb7")
            assert stream.read(1) == b"\xb7"
            stream.close()
            assert host.recv(1) == b""
            host.close()


def refused():
    """a port where nobody listens is reset, and the next one is not"""
    with Daemon() as daemon:
        guest = daemon.guest()
        for cid, port in ((3, 1), (2, 9000), (17, 5), (16, 5), (0xFFFFFFFF, 5), (1 << 40, 5)):
            stream = guest.dial(cid, port)
            guest.await_that(lambda: stream.state != "dialled")
            assert stream.state == "reset"
        connected(daemon, guest)[1].close()


def is_turned_away(caller):
    """Closed, which is a reset where what he said was not read to its end."""
    try:
        return caller.recv(1) == b""
    except ConnectionResetError:
        return True


def callers():
    """a caller of the host reaches the guest, or is closed"""
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, caller = called(daemon, guest)
        assert stream.cid == 3
        caller.sendall(b"hello")
        assert stream.read(5) == b"hello"
        refusal = daemon.caller(6)
        assert Task(refusal.recv, 1).result(guest) == b""
        for wrong in (b"CONNECT\n", b"connect 5\n", b"CONNECT 4294967296\n", b"GET / HTTP/1.1\r\n"):
            assert is_turned_away(daemon.caller(0, wrong)), wrong
        gone = daemon.caller(0, b"CONN")
        gone.close()
        stream.close()
        assert caller.recv(1) == b""


def early():
    """what a caller says behind its greeting reaches the guest"""
    with Daemon() as daemon:
        guest = daemon.guest()
        guest.listen(7)
        daemon.caller(7, b"CONNECT 7\nearly")
        assert guest.accept(7).read(5) == b"early"


def bulk():
    """bytes arrive whole, both ways at once, by each kind of bell and buffer"""
    for number, options in enumerate((
            {}, {"event_idx": False}, {"rx_buffer": 45, "size": 16}, {"size": 1024},
            {"size": 128, "buffers": 1}, {"rx_buffer": 65536, "size": 32})):
        size = SIZE if options.get("rx_buffer", 4096) > 1000 else 40000
        there, back = bytes_of(number, size), bytes_of(number + 100, size)
        with Daemon() as daemon:
            guest = daemon.guest(**options)
            stream, host = connected(daemon, guest)
            reader, writer = Task(exactly, host, size), Task(host.sendall, back)
            stream.send(there)
            assert digest(stream.read(size)) == digest(back), options
            assert digest(reader.result(guest)) == digest(there), options
            writer.result(guest)


def halves():
    """each direction ends alone, and what was sent before arrives"""
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        stream.send(b"question")
        stream.finish()
        assert exactly(host, 100) == b"question"
        host.sendall(b"answer")
        host.shutdown(socket.SHUT_WR)
        assert stream.read(100) == b"answer"
        guest.await_that(lambda: stream.peer_flags == NO_MORE_SEND | NO_MORE_RECEIVE)
        stream.reset()
        stream, caller = called(daemon, guest)
        caller.sendall(b"question")
        caller.shutdown(socket.SHUT_WR)
        assert stream.read(100) == b"question" and stream.peer_flags == NO_MORE_SEND
        stream.send(b"answer")
        stream.finish()
        assert Task(exactly, caller, 100).result(guest) == b"answer"


def last_word():
    """what the guest sent before it reset or closed still arrives"""
    for end in ("reset", "close"):
        with Daemon() as daemon:
            guest = daemon.guest()
            stream, host = connected(daemon, guest)
            word = bytes_of(5, 250000)
            stream.send(word)
            getattr(stream, end)()
            assert digest(exactly(host, len(word))) == digest(word)
            assert host.recv(1) == b""


def last_of_all():
    """what the guest sent before its machine ended still arrives"""
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        word = bytes_of(6, 250000)
        stream.send(word)
        guest.front.socket.close()
        assert digest(exactly(host, len(word))) == digest(word)
        assert host.recv(1) == b""
        daemon.ends()
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        os.kill(daemon.process.pid, signal.SIGSTOP)
        stream.send(b"farewell")
        guest.front.socket.close()
        os.kill(daemon.process.pid, signal.SIGCONT)
        assert exactly(host, 100) == b"farewell"
        daemon.ends()
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        stream.send(bytes_of(6, stream.room()))
        guest.front.socket.close()
        daemon.ends()  # though nobody reads


def readers_gone():
    """a program of the host that closes is told to the guest, with its last bytes or as a reset"""
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        host.sendall(b"bye")
        host.close()
        assert stream.read(100) == b"bye"
        guest.await_that(lambda: stream.peer_flags == NO_MORE_SEND | NO_MORE_RECEIVE)
        stream.reset()
        stream, host = connected(daemon, guest, port=9001)
        stream.send(b"unread")
        guest.turn()
        host.close()
        guest.await_that(lambda: stream.state == "reset" or stream.peer_flags)


def crowd():
    """a thousand connections at once each way, each with its own bytes"""
    with Daemon() as daemon:
        guest = daemon.guest()
        service, count = daemon.listener(3, 9000), CROWD
        accepting = Task(lambda: [service.accept()[0] for _ in range(count)])
        streams = [guest.dial(3, 9000) for _ in range(count)]
        guest.await_that(lambda: all(s.state == "open" for s in streams), "a thousand")
        hosts = accepting.result(guest)
        for number, stream in enumerate(streams):
            stream.send(b"%8d" % number)
        for host in hosts:
            host.sendall(exactly(host, 8))
        for number, stream in enumerate(streams):
            assert stream.read(8) == b"%8d" % number
        guest.listen(5005)
        callers_ = Task(lambda: [daemon.caller(5005) for _ in range(count)]).result(guest)
        accepted = [guest.accept(5005) for _ in range(count)]
        for number, caller in enumerate(callers_):
            caller.sendall(b"%8d" % number)
        for stream in accepted:
            stream.send(stream.read(8))

        def answers():
            for number, caller in enumerate(callers_):
                line_of(caller)
                assert exactly(caller, 8) == b"%8d" % number
        Task(answers).result(guest)
        for host in hosts:
            host.close()
        guest.await_that(lambda: all(s.peer_flags == 3 for s in streams), "their ends")


def deaf():
    """a reader that never reads, on either side, holds up nobody else"""
    with Daemon() as daemon:
        guest = daemon.guest()
        deaf_host, _ = connected(daemon, guest, port=1)
        guest.await_that(lambda: deaf_host.room() > 0)
        while deaf_host.room() > 0:
            deaf_host.say(5, bytes(min(4096, deaf_host.room())))
            deaf_host.sent += 4096
            guest.turn(0)
        _, deaf_guest = connected(daemon, guest, port=2)
        flood = Task(deaf_guest.sendall, bytes(4 << 20))
        stream, host = connected(daemon, guest, port=3)
        data = bytes_of(3)
        reader, writer = Task(exactly, host, SIZE), Task(host.sendall, data)
        stream.send(data)
        assert digest(stream.read(SIZE)) == digest(data)
        assert digest(reader.result(guest)) == digest(data)
        writer.result(guest)
        assert flood.is_alive()
        deaf_guest.shutdown(socket.SHUT_RDWR)
        flood.join()


def limit():
    """a guest that opens as many as it may is refused more, and callers of the host are not"""
    with Daemon("--connections", "32", "--buffer", "4096") as daemon:
        guest = daemon.guest()
        service = daemon.listener(3, 9000)
        streams = [guest.dial(3, 9000) for _ in range(100)]
        guest.await_that(lambda: all(s.state != "dialled" for s in streams))
        assert [s.state for s in streams].count("open") == 32
        called(daemon, guest)[1].close()
        for _ in range(32):
            service.accept()[0].close()
        guest.await_that(lambda: all(s.peer_flags == 3 for s in streams if s.state == "open"))
        for stream in streams:
            if stream.state == "open":
                stream.reset()
        again = guest.connect(3, 9000)
        again.send(b"x" * 100000 if again.peer_credit > 100000 else b"x" * 4096)


def few_descriptors():
    """where descriptors are few, connections are, and the log says so"""
    with Daemon(descriptors=164) as daemon:
        guest = daemon.guest()
        daemon.listener(3, 9000)
        streams = [guest.dial(3, 9000) for _ in range(100)]
        guest.await_that(lambda: all(s.state != "dialled" for s in streams))
        assert [s.state for s in streams].count("open") == 50
        assert "allows fewer connections" in daemon.log()
        called(daemon, guest)[1].close()


def siblings():
    """guests that share a folder reach each other by their CIDs"""
    with Daemon(cid=16) as one, Daemon(cid=17, folder=one.folder) as other:
        first, second = one.guest(), other.guest()
        second.listen(5005)
        stream = first.dial(17, 5005)
        second.await_that(lambda: second.listeners[5005])
        peer = second.accept(5005)
        first.await_that(lambda: stream.state == "open")
        data = bytes_of(9, 1 << 18)
        stream.send(data)
        assert digest(peer.read(len(data))) == digest(data)
        stream.close()
        second.await_that(lambda: peer.ended())


def reboot():
    """a guest that begins anew has no connections; one that was paused has them still"""
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        bases = [guest.stop(ring) for ring in (guest.rx, guest.tx)]
        for ring, base in zip((guest.rx, guest.tx), bases):
            guest.start(ring, base)
            ring.ring()
        stream.send(b"still there")
        assert exactly(host, 11) == b"still there"
        host.sendall(b"indeed")
        assert stream.read(6) == b"indeed"
        for ring in (guest.rx, guest.tx):
            guest.stop(ring)
        guest.forget()
        assert host.recv(1) == b""
        stream, host = connected(daemon, guest, port=9001)
        stream.send(b"anew")
        assert exactly(host, 4) == b"anew"


def endings():
    """it ends with its front-end, at once, and by a signal, and leaves no socket behind"""
    with Daemon() as daemon:
        guest = daemon.guest()
        stream, host = connected(daemon, guest)
        guest.front.socket.close()
        assert host.recv(1) == b""
        daemon.ends()
    for number in (signal.SIGTERM, signal.SIGINT):
        with Daemon() as daemon:
            daemon.guest()
            daemon.process.send_signal(number)
            daemon.ends()


def one_front_end():
    """a second front-end is turned away, and the first one goes on"""
    with Daemon() as daemon:
        guest = daemon.guest()
        second = socket.socket(socket.AF_UNIX)
        second.connect(daemon.socket)
        assert second.recv(1) == b""
        second.close()
    with Daemon() as daemon:
        for _ in range(3):
            curious = socket.socket(socket.AF_UNIX)
            curious.connect(daemon.socket)
            curious.close()
        guest = daemon.guest()
        connected(daemon, guest)[1].close()


def taken():
    """a socket that is served is refused, one that was left behind is replaced"""
    with Daemon() as daemon:
        for socket_, cid in ((daemon.socket, 20), (daemon.folder + "/other", 16)):
            found = subprocess.run([PROGRAM, "--socket", socket_, "--cid", str(cid), "--dir",
                                    daemon.folder], capture_output=True, timeout=PATIENCE, check=False)
            assert found.returncode == 73 and b"reason: in_use" in found.stderr, found
        daemon.process.kill()
        daemon.process.wait()
        assert os.path.exists(daemon.socket)
        with Daemon(folder=daemon.folder) as other:
            connected(other, other.guest())


if __name__ == "__main__":
    run([heartbeat, refused, callers, early, bulk, halves, last_word, last_of_all, readers_gone,
         crowd, deaf, limit, few_descriptors, siblings, reboot, endings, one_front_end, taken])
