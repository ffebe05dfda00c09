"""slc: commands."""
import hashlib
import os
import signal
import threading

from slc_client import (CREDIT, DATA, END, EXEC, MESSAGE, OPEN, REFUSE, RESET, STATUS, Client,
                        Ended, command, fields, frame, number, await_true)
from slc_service import Service, equal, is_there, main, processes_with


def until(*signals):
    """Shell: says "ready" and waits for ever, or for a trap. A signal reaches the whole group, and a
    shell tells of a child that dies of it; so the child, which holds no stream, ignores these."""
    return f"(trap '' {' '.join(signals)}; echo ready; exec sleep 1000 >&- 2>&-) & wait"


def long_sleep(seconds):
    """Arguments of a sleep that no other process has, so that it is found again."""
    return f"{seconds}.{os.getpid():07d}"


def streams_and_status():
    """exec: out, err and status come apart"""
    with Service() as service:
        equal(service.run("sh", "-c", "echo out; echo err >&2; exit 7"), (b"out\n", b"err\n", 7))
        equal(service.run("true"), (b"", b"", 0))
        equal(service.run("sh", "-c", "kill -9 $$"), (b"", b"", 137))
        equal(service.run("sh", "-c", "kill -TERM $$"), (b"", b"", 143))
        equal(service.run("cat", data=b"a\0b\xff"), (b"a\0b\xff", b"", 0))
        equal(service.run("printf", "%s.", b"\xff\x01", "", "x y")[0], b"\xff\x01..x y.")


def not_found_and_not_executable():
    """exec: 127 and 126 come with their reasons and texts"""
    with Service() as service:
        client = service.client()
        for program, status, reason in (("no-such-program", 127, 11), ("/no/such", 127, 11),
                                        ("/etc/passwd", 126, 12), ("/", 126, 12)):
            channel = client.exec(program)
            out, err, (kind, found, rest) = client.finish(channel)
            equal((out, err, kind, found), (b"", b"", STATUS, status))
            said = dict(fields(rest))
            equal(said[113], number(reason))
            assert program.encode() in said[114]
        equal(client.leave(), "none")


def environment_of_a_job():
    """exec: a job has its own session, three descriptors, no signal ignored or blocked"""
    with Service() as service:
        out = service.run("sh", "-c", "ls /proc/self/fd; cat /proc/self/status; "
                          "cut -d' ' -f5,6 /proc/$$/stat; echo $$")[0].decode().split("\n")
        equal(out[:4], ["0", "1", "2", "3"])  # 3 is the folder that ls reads
        rows = dict(line.split(":\t", 1) for line in out if ":\t" in line)
        equal({name: int(rows[name], 16) for name in ("SigBlk", "SigIgn", "SigCgt")},
              {"SigBlk": 0, "SigIgn": 0, "SigCgt": 0})
        equal(out[-3].split(), [out[-2], out[-2]])


def signals():
    """exec: signals of the client arrive, at once and in a process that does not read"""
    with Service() as service:
        client = service.client()
        channel = client.exec("sh", "-c", f"trap 'echo got; exit 3' USR1; {until('USR1')}")
        equal(client.read()[3], b"ready\n")
        client.send(frame(DATA, channel, b"x" * 65536) * 4)
        for odd in (0, 65, 0xffffffff):
            client.signal(channel, odd)
        client.send(frame(MESSAGE, channel, number(77)))
        client.send(frame(MESSAGE, channel, number(1) + number(9) + number(9)))
        client.signal(channel, signal.SIGUSR1)
        equal(client.finish(channel), (b"got\n", b"", (STATUS, 3, b"")))
        channel = client.exec("sleep", "1000")
        client.signal(channel, signal.SIGKILL)
        equal(client.finish(channel)[2][1], 137)


def signals_reach_the_group():
    """exec: a signal reaches the children of a command too"""
    with Service() as service:
        client = service.client()
        channel = client.exec("sh", "-c", "sleep 1000 & echo $!; wait")
        child = int(client.read()[3])
        client.signal(channel, signal.SIGTERM)
        equal(client.finish(channel)[2][1], 143)
        await_true("the end of the child", lambda: not is_there(child))


def large_input():
    """exec: 100,000,000 bytes through sha256sum give the local digest"""
    size, piece = 100_000_000, bytes(65536)
    digest = hashlib.sha256(bytes(size)).hexdigest().encode()
    with Service() as service:
        client = service.client()
        channel = client.exec("sha256sum")
        credit, left = client.theirs[4], size
        while left > 0:
            while credit == 0:
                kind, _, where, payload = client.read()
                equal((kind, where), (CREDIT, channel))
                credit += int.from_bytes(payload, "big")
            part = min(left, credit, len(piece))
            client.send(frame(DATA, channel, piece[:part]))
            left, credit = left - part, credit - part
        client.send(frame(END, channel))
        out, err, (kind, status, _) = client.finish(channel)
        equal((out.split()[0], err, kind, status), (digest, b"", STATUS, 0))


def large_output():
    """exec: 30,000,000 bytes of output on both streams arrive whole, with a small window too"""
    script = "head -c 20000000 /dev/zero & head -c 10000000 /dev/zero >&2; wait"
    with Service() as service:
        for credit in (262144, 1000):
            if credit == 1000:
                script = script.replace("0000000", "0000")
            client = service.client(credit=credit)
            out, err, (kind, status, _) = client.finish(client.exec("sh", "-c", script))
            size = 20_000_000 if credit == 262144 else 20_000
            equal((len(out), len(err), kind, status), (size, size // 2, STATUS, 0))
            client.leave()


def long_requests():
    """exec: arguments of 60,000 bytes, and 5,000 arguments"""
    with Service() as service:
        long = "x" * 60000
        equal(service.run("printf", "%s", long)[0], long.encode())
        words = [str(n) for n in range(5000)]
        equal(service.run("echo", *words)[0].split(), [word.encode() for word in words])


def many_at_once():
    """exec: 200 in one session and 200 sessions, all at once, all return"""
    with Service("--channels", "200") as service:
        client = service.client()
        for n in range(200):
            client.send(frame(OPEN, 2 * n + 1, number(EXEC) + command("sh", "-c", f"exit {n}")))
        statuses = {}
        while len(statuses) < 200:
            kind, _, channel, payload = client.read()
            assert kind not in (REFUSE, RESET), (kind, channel, payload)
            if kind == STATUS:
                statuses[channel] = payload
        equal(statuses, {2 * n + 1: number(n) for n in range(200)})
        clients = [service.client() for _ in range(200)]
        channels = [each.exec("sh", "-c", f"echo {n}") for n, each in enumerate(clients)]
        for n, (each, channel) in enumerate(zip(clients, channels)):
            equal(each.finish(channel), (f"{n}\n".encode(), b"", (STATUS, 0, b"")))
            each.leave()
        service.await_no_jobs()


def unread_output():
    """exec: one `yes` that nobody reads leaves the others alone, and ends"""
    with Service() as service:
        lazy = service.client()
        channel = lazy.exec("yes")
        for n in range(50):
            equal(service.run("echo", str(n))[0], f"{n}\n".encode())
        equal(lazy.finish(lazy.exec("echo", "beside"), grants=False)[0], b"beside\n")
        lazy.send(frame(RESET, channel, number(17)))
        service.await_no_jobs()
        lazy.close()


def a_reader_that_stops():
    """exec: who grants but does not read its socket is dropped, and its jobs end"""
    with Service() as service:
        client = service.client(credit=1 << 30, keepalive=1)
        client.exec("yes")
        equal(client.read()[0], DATA)  # and no more of it
        service.await_no_jobs()
        client.close()


def input_nobody_reads():
    """exec: input for a process that has closed it, or ended, is dropped, and never blocks"""
    with Service() as service:
        client = service.client()
        channel = client.exec("sh", "-c", f"exec <&-; trap 'exit 4' USR1; {until('USR1')}")
        equal(client.read()[3], b"ready\n")
        sent = 0
        while sent < client.theirs[4]:  # half a window is granted again, though nobody reads
            client.send(frame(DATA, channel, bytes(32768)))
            sent += 32768
        granted = 0
        while granted < client.theirs[4] // 2:
            kind, _, _, payload = client.read()
            equal(kind, CREDIT)
            granted += int.from_bytes(payload, "big")
        client.signal(channel, signal.SIGUSR1)
        equal(client.finish(channel)[2][:2], (STATUS, 4))
        equal(service.run("true", data=bytes(200000))[2], 0)


def left_behind():
    """exec: children that hold the pipes are killed with their group after a while"""
    mark = long_sleep(4712)
    with Service() as service:
        out, _, status = service.run("sh", "-c", f"echo begin; sleep {mark} & exit 5")
        equal((out, status), (b"begin\n", 5))
        await_true("the end of the child", lambda: not processes_with(mark))


def output_at_the_end():
    """exec: what a process wrote last arrives, though the client reads late"""
    with Service() as service:
        client = service.client(credit=1000)
        channel = client.exec("sh", "-c", "head -c 60000 /dev/zero; exit 9")
        await_true("the end of the process", lambda: [
            is_there(pid) for pid in service.jobs()] == [False])
        out, _, (kind, status, _) = client.finish(channel)
        equal((len(out), kind, status), (60000, STATUS, 9))


def a_client_that_leaves():
    """exec: a lost client's command gets SIGTERM, then SIGKILL; nothing is left"""
    with Service() as service:
        mark, name = os.path.join(service.folder, "mark"), long_sleep(4713)
        client = service.client()
        client.exec("sh", "-c", f"trap 'echo term > {mark}; exit' TERM; {until('TERM')}")
        equal(client.read()[3], b"ready\n")
        stubborn = service.client()
        stubborn.exec("sh", "-c", f"trap '' TERM; echo ready; sleep {name}; sleep {name}")
        equal(stubborn.read()[3], b"ready\n")
        await_true("both", lambda: len(service.jobs()) == 2)
        client.close()
        stubborn.close()
        service.await_no_jobs()
        assert os.path.exists(mark), "the command did not get SIGTERM"
        await_true("the end of its child", lambda: not processes_with(name))


def limits():
    """caps: sessions, channels and jobs beyond them are refused with `limit`, and then are free"""
    with Service("--sessions", "3", "--channels", "2", "--jobs", "3") as service:
        first, second = service.client(), service.client()
        jobs = [(first, first.exec("cat")), (first, first.exec("cat")),
                (second, second.exec("cat"))]
        for client in (first, second):  # too many channels, too many jobs
            channel = client.open(EXEC, command("true"))
            kind, _, where, payload = client.read()
            equal((kind, where, payload[:4]), (REFUSE, channel, number(7)))
        third = service.client()
        equal(Client(service.path, greet=False).farewell(), "limit")
        for client, channel in jobs:
            client.send(frame(END, channel))
            equal(client.finish(channel)[2], (STATUS, 0, b""))
        equal(first.finish(first.exec("echo", "again"))[0], b"again\n")
        for client in (first, second, third):
            equal(client.leave(), "none")
        await_true("room", lambda: is_served(service))


def is_served(service):
    """Whether a session gets through; it hears `limit` while the ones before it are being closed."""
    try:
        return service.run("true")[2] == 0
    except (AssertionError, BrokenPipeError, ConnectionResetError, Ended):
        return False


def free_when_told():
    """caps: who hears the end of his command has its place, also where the broker lags behind"""
    with Service("--jobs", "4") as service:
        first, others = service.client(), [service.client() for _ in range(3)]
        go = os.path.join(service.root, "go")
        told = first.exec("sh", "-c", f"while [ ! -e {go} ]; do sleep 0.02; done")
        await_true("the command", service.jobs)
        job, = service.jobs()
        os.kill(service.front, signal.SIGSTOP)  # it finds these, and then the end
        for client in others:  # more than the socket between the two holds
            client.open(EXEC, command("true", "x" * 60000))
        with open(go, "w", encoding="ascii"):
            pass
        await_true("its end", lambda: not is_there(job))
        os.kill(service.broker, signal.SIGSTOP)
        later = threading.Timer(1, os.kill, (service.broker, signal.SIGCONT))
        later.start()
        os.kill(service.front, signal.SIGCONT)
        equal(first.finish(told), (b"", b"", (STATUS, 0, b"")))
        equal(first.finish(first.exec("echo", "next"))[0], b"next\n")
        later.join()


def refused_requests():
    """requests: unknown types, fields and broken rows are refused, and the session goes on"""
    with Service() as service:
        client = service.client()
        for kind, payload, reason in (
                (4, b"\0", 9), (4, command("x"), 8), (5, b"", 9), (6, b"", 9), (0, b"", 8), (99, b"", 8),
                (EXEC, b"", 9), (EXEC, command(""), 9), (EXEC, command("a\0b"), 9),
                (EXEC, command("true") + b"\0", 9), (EXEC, command("true")[:-1], 9),
                (EXEC, command("true") + b"\0\x1f\0\0\0\x03A=B", 8),
                (2, b"", 9), (3, command("true"), 8)):
            channel = client.open(kind, payload)
            answer = client.read()
            equal((answer[0], answer[2], answer[3][:4]), (REFUSE, channel, number(reason)))
        equal(client.finish(client.exec("echo", "still"))[0], b"still\n")
        equal(client.leave(), "none")


if __name__ == "__main__":
    main([streams_and_status, not_found_and_not_executable, environment_of_a_job, signals,
          signals_reach_the_group, large_input, large_output, long_requests, many_at_once,
          unread_output, a_reader_that_stops, input_nobody_reads, left_behind,
          output_at_the_end, a_client_that_leaves, limits, free_when_told,
          refused_requests])
