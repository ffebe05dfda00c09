"""slc: clients that do what they must not."""
import os
import socket
import struct
import time

from slc_client import (ACCEPT, AUTH, CREDIT, DATA, END, EXEC, GOODBYE, HELLO, MESSAGE, OPEN, PING,
                        PONG, REASONS, REFUSE, RESET, STATUS, Client, Ended, await_true, command,
                        frame, hello, number)
from slc_service import PLAIN, Service, descriptors, equal, main, memory, ticks

GREETING = frame(HELLO, 0, hello())
CAT = frame(OPEN, 1, number(EXEC) + command("cat"))


def header(kind, stream, channel, length):
    return struct.pack(">BBHI", kind, stream, channel, length)


def bad_beginnings():
    """session: every bad beginning is answered by GOODBYE with its reason"""
    cases = [(frame(HELLO, 0, hello(version=version)), "version") for version in (0, 2, 1 << 31)]
    cases += [(frame(HELLO, 0, hello(**bad)), "protocol") for bad in (
        {"limit": 1023}, {"limit": 1048577}, {"keepalive": 0}, {"keepalive": 3601},
        {"credit": 0}, {"credit": 1073741825})]
    cases += [(data, "protocol") for data in (
        frame(HELLO, 0, hello()[:19]), frame(HELLO, 0, hello() + b"\0"), frame(HELLO, 0),
        frame(HELLO, 1, hello()), frame(HELLO, 0, hello(), stream=1),
        header(HELLO, 0, 0, 1025), header(HELLO, 0, 0, 0xffffffff),
        header(0, 0, 0, 0), header(15, 0, 0, 0), header(255, 255, 65535, 0),
        CAT, frame(PING, 0, b"abcd"), frame(GOODBYE, 0, b"abc"),
        b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" + bytes(300))]
    with Service() as service:
        for data, reason in cases:
            client = service.client(greet=False)
            client.send(data)
            equal((data[:30], client.farewell()), (data[:30], reason))
        equal(service.run("echo", "served"), (b"served\n", b"", 0))
        service.await_no_jobs()


def bad_frames():
    """session: every frame that it does not allow ends it, with its reason, and all its jobs"""
    cases = [
        header(0, 0, 0, 0), header(15, 0, 0, 0), header(200, 0, 1, 4) + b"abcd",
        header(DATA, 0, 1, 65537), header(DATA, 0, 1, 0xffffffff), header(OPEN, 0, 3, 1 << 20),
        header(DATA, 3, 1, 1) + b"x",
        header(PING, 0, 1, 4) + b"abcd", header(OPEN, 0, 0, 4) + number(1),
        frame(DATA, 0, b"x"), GREETING, frame(PING, 0, b"abc"), frame(PING, 0, b"abcde"),
        frame(PONG, 0, b""), frame(GOODBYE, 0, b"abc"), frame(GOODBYE, 0, bytes(517)),
        frame(OPEN, 2, number(EXEC) + command("true")), CAT,
        frame(DATA, 2, b"x"), frame(STATUS, 2, number(0)), frame(RESET, 65534, number(0))]
    with Service() as service:
        for data in cases:
            client = service.client()
            equal(client.exec("cat"), 1)
            client.send(data)
            equal((data[:30], client.farewell()), (data[:30], "protocol"))
        client = service.client()
        client.send(frame(AUTH, 0, number(1)))
        equal(client.farewell(), "protocol")
        service.await_no_jobs()
        equal(service.run("echo", "served"), (b"served\n", b"", 0))


def bad_channels():
    """channel: what it does not allow resets it alone, with the reason, and ends its job"""
    cases = [(frame(kind, 1, number(0)), "protocol") for kind in (REFUSE, STATUS)]
    cases += [(frame(ACCEPT, 1), "protocol"), (frame(DATA, 1), "protocol"),
              (frame(DATA, 1, b"x", stream=1), "protocol"),
              (frame(DATA, 1, b"x", stream=2), "protocol"),
              (frame(END, 1, b"x"), "protocol"), (frame(END, 1, stream=1), "protocol"),
              (frame(END, 1, stream=2), "protocol"), (frame(END, 1) * 2, "protocol"),
              (frame(END, 1) + frame(DATA, 1, b"x"), "flow"),
              (frame(CREDIT, 1, b"abc"), "protocol"), (frame(CREDIT, 1, bytes(5)), "protocol"),
              (frame(CREDIT, 1, number(1 << 30)), "flow"),
              (frame(CREDIT, 1, number(0xffffffff)), "flow"),
              (frame(DATA, 1, bytes(65536)) * 16, "flow"),
              (frame(MESSAGE, 1, b"abc"), "protocol"), (frame(MESSAGE, 1, bytes(68)), "protocol")]
    with Service() as service:
        for data, reason in cases:
            client = service.client()
            equal(client.exec("sh", "-c", "cat >/dev/null; sleep 1000")
                  if reason == "protocol" else client.exec("sleep", "1000"), 1)
            client.send(data)
            _, _, (kind, found, _) = client.finish(1, grants=False)
            equal((data[:30], kind, REASONS[found]), (data[:30], RESET, reason))
            equal(client.finish(client.exec("echo", "beside"))[0], b"beside\n")
            equal(client.leave(), "none")
        service.await_no_jobs()


def late_frames():
    """channel: frames for a channel that has ended are dropped, and the session goes on"""
    with Service() as service:
        client = service.client()
        channel = client.exec("true")
        equal(client.finish(channel)[2][:2], (STATUS, 0))
        client.send(frame(DATA, channel, b"late") + frame(END, channel)
                    + frame(CREDIT, channel, number(5)) + frame(MESSAGE, channel, number(1) * 2)
                    + frame(RESET, channel, number(17)) + frame(DATA, 4711, b"never opened"))
        equal(client.finish(client.exec("echo", "still"))[0], b"still\n")
        equal(client.leave(), "none")


def truncations():
    """session: a conversation that ends after each of its bytes, or pauses there, leaves nothing"""
    whole = (GREETING + CAT + frame(PING, 0, b"abcd") + frame(DATA, 1, b"data")
             + frame(CREDIT, 1, number(9)) + frame(MESSAGE, 1, number(1) + number(18))
             + frame(END, 1) + frame(RESET, 1, number(17) + b"why") + frame(GOODBYE, 0, number(0)))
    with Service() as service:
        before = service.at_rest()
        for size in range(len(whole)):
            for how in ("close", "shutdown"):
                client = service.client(greet=False)
                client.send(whole[:size])
                if how == "shutdown":
                    client.socket.shutdown(socket.SHUT_WR)
                    try:
                        while client.read():
                            pass
                    except (Ended, ConnectionResetError):
                        pass
                client.close()
        service.await_no_jobs()
        service.await_rest(before)
        client = service.client(greet=False)
        for at in range(len(whole)):  # byte by byte
            client.send(whole[at:at + 1])
        equal(client.farewell(), "none")


def pings_without_end():
    """session: a flood of PINGs by one who reads nothing stores no more than its limit"""
    with Service(program=PLAIN) as service:
        client = service.client()
        client.socket.setblocking(False)
        flood = frame(PING, 0, b"abcd") * 5000 + b"".join(
            frame(OPEN, n, number(99)) for n in range(1, 60001, 2))
        before = memory(service.front)[1]
        try:
            for _ in range(200):
                client.socket.send(flood)
        except BlockingIOError:
            pass
        equal(service.run("echo", "beside"), (b"beside\n", b"", 0))
        assert memory(service.front)[1] - before < 4 << 20
        client.close()


BREAKS = [
    lambda client: None,
    lambda client: client.send(b"\0"),
    lambda client: client.send(GREETING[:20]),
    lambda client: client.send(GREETING),
    lambda client: client.send(GREETING + CAT[:11]),
    lambda client: client.send(GREETING + header(OPEN, 0, 1, 65536) + bytes(1000)),
    lambda client: client.send(bytes(100)),
    lambda client: client.send(GREETING + frame(OPEN, 1, number(99)) * 2),
    lambda client: client.send(GREETING + frame(PING, 0, b"abcd") * 20),
    lambda client: client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                            struct.pack("ii", 1, 0)),
]


def broken_connections(service, count):
    for n in range(count):
        client = service.client(greet=False)
        if n % 50 == 0:
            client.send(GREETING + CAT + frame(DATA, 1, bytes(100)))
        else:
            BREAKS[n % len(BREAKS)](client)
        client.close()


def fill(service, sessions, spare):
    """Has all places in use at once, so that each has the memory that it keeps."""
    clients = [service.client(greet=False) for _ in range(sessions)]
    for client in clients:
        client.send(GREETING + CAT + frame(DATA, 1, bytes(100)) + frame(PING, 0, b"abcd") * 20
                    + header(OPEN, 0, 3, 65536) + bytes(1000))
    for client in clients:
        while client.read()[0] != ACCEPT:
            pass
    for _ in range(spare):
        clients.append(service.client(greet=False))
        while clients[-1].read()[0] != GOODBYE:
            pass
    for client in clients:
        client.close()


def is_quiet(parts):
    """Whether no tick of a processor is used in a second; a process that spins never is."""
    used = [ticks(pid) for pid in parts]
    time.sleep(1)
    return [ticks(pid) for pid in parts] == used


def ten_thousand():
    """10,000 broken connections: descriptors and memory as before, then no tick in a quiet second"""
    with Service(program=PLAIN) as service:
        parts = service.keeper, service.broker, service.front

        def quiet():
            service.await_no_jobs()
            service.await_rest(closed)
            return [memory(pid)[1] for pid in parts]

        closed = service.at_rest()
        fill(service, 256, 8)
        before = quiet()
        broken_connections(service, 10000)
        after = quiet()
        for least, most in zip(before, after):
            assert most <= least + (64 << 10), (before, after)
        await_true("a quiet second", lambda: is_quiet(parts))
        equal(service.run("echo", "served"), (b"served\n", b"", 0))


def memory_under_the_sum():
    """memory: with every session, channel and job full in both directions it is under its sum"""
    with Service("--sessions", "12", "--channels", "4", "--jobs", "48", program=PLAIN) as service:
        total = service.number("memory", "bytes")
        idle = memory(service.front)[0]
        clients = [service.client(credit=1 << 30) for _ in range(12)]
        for client in clients:
            for n in range(4):
                client.send(frame(OPEN, 2 * n + 1, number(EXEC) + command("yes")))
                client.send(frame(DATA, 2 * n + 1, bytes(65536)) * (client.theirs[4] // 65536))
        await_true("all jobs", lambda: len(service.jobs()) == 48)
        await_true("what fills it", lambda: memory(service.front)[0] > idle + (12 << 20))
        await_true("a quiet second", lambda: is_quiet((service.front, service.broker)))
        full = memory(service.front)[0]
        assert full - idle <= total, f"{full - idle} bytes, and the sum is {total}"
        for client in clients:
            client.close()
        service.await_no_jobs()


def confined():
    """front: nobody, without capabilities, with a filter, and no descriptor but its own"""
    with Service() as service:
        held = descriptors(service.front)
        service.run("true")
        await_true("the end of the session", lambda: descriptors(service.front) == held)
        with open(f"/proc/{service.front}/status", encoding="ascii") as file:
            rows = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        equal((rows["Seccomp"], rows["NoNewPrivs"], int(rows["CapEff"], 16),
               int(rows["CapPrm"], 16)), ("2", "1", 0, 0))
        folder = f"/proc/{service.front}/fd"
        held = [os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)]
        equal([name for name in held if name.startswith("/")
               and name not in ("/dev/null", service.log_path)
               and not os.path.samefile(name, "/dev/stdout")], [])
        if os.geteuid() == 0:
            equal((rows["Uid"], rows["Gid"], rows["Groups"].strip()),
                  ("65533\t" * 3 + "65533", "65533\t" * 3 + "65533", ""))


if __name__ == "__main__":
    main([bad_beginnings, bad_frames, bad_channels, late_frames, truncations,
          pings_without_end, ten_thousand, memory_under_the_sum, confined])
