"""slc: paths that lead elsewhere, clients that leave in the middle, parts that die, the filter."""
import contextlib
import hashlib
import os
import signal
import socket
import subprocess

from slc_client import (DATA, END, GET, HELLO, PUT, REASONS, REFUSE, RESET,
                        STATUS, Client, await_true, field, fields, frame, hello, number)
from slc_service import BIN, GUARD, PLAIN, Service, equal, is_there, main, memory, processes_with

PIPELINE = os.path.join(BIN, "pipeline")
GREETING = frame(HELLO, 0, hello())


def pipeline(service, *words):
    """Starts the client; nothing of it is read."""
    return subprocess.Popen([PIPELINE, "--insecure-dev", "--addr", f"unix:{service.path}", *words],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)


def ends(service, code, reason, *words):
    process = pipeline(service, *words)
    said = process.communicate(timeout=GUARD)[1].decode()
    found = [line.split()[1] for line in said.splitlines() if line.startswith("reason: ")]
    equal((process.returncode, found), (code, [reason] if reason else []))


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def member(name, kind, data=b"", link=None):
    """A member of a copy, described as it should be; a file with its bytes and their digest."""
    row = (field(64, name) + field(65, number(kind)) + field(66, number(0o644))
           + field(67, bytes(12)))
    if link is not None:
        row += field(69, link)
    row += field(70, b"")
    if kind == 1:
        row += field(71, data) if data else b""
        row += field(72, hashlib.sha256(data).digest())
    return row


def put(client, path, copy, options=0):
    """Sends a copy; how it ended: type and number of the last frame."""
    channel = client.accepted(client.open(PUT, field(33, path) + field(34, number(options))))
    client.send(frame(DATA, channel, copy) + frame(END, channel))
    return client.finish(channel)[2][:2]


FOLDER = member(b"", 2)


def paths_that_leave():
    """paths: whatever a request names is beneath the root, and a member beneath its target"""
    with Service() as service:
        outside = os.path.join(service.folder, "outside")
        os.mkdir(outside)
        write(os.path.join(outside, "file"), b"kept")
        os.symlink(outside, os.path.join(service.root, "absolute"))
        os.symlink("../outside", os.path.join(service.root, "relative"))
        os.mkdir(os.path.join(service.root, "tree"))
        client = service.client()
        for path in (b"../outside/file", b"/../outside/file", b"absolute/file", b"relative/file",
                     b"tree/../../outside/file", outside.encode() + b"/file"):
            for kind in (PUT, GET):  # beneath the root there is no such thing
                channel = client.open(kind, field(33, path))
                last = client.finish(channel)[2]
                equal((path, last[0] in (REFUSE, RESET), REASONS[last[1]]),
                      (path, True, "not_found"))
        names = [b"..", b"../x", b"/x", b"a/../x", b"a/..", b".", b"a//b", b"a/", b"x\0y", b"./x"]
        for name in names:
            kind, reason = put(client, b"tree", FOLDER + member(name, 1, b"bad"))
            equal((name, kind, REASONS[reason]), (name, RESET, "path"))
        for text in (b"..", b"../../outside", outside.encode()):  # a link in a member's way
            kind, reason = put(client, b"tree", FOLDER + member(b"link", 3, link=text)
                               + member(b"link/file", 1, b"bad"))
            equal((text, kind, REASONS[reason]), (text, RESET, "path"))
        kind, reason = put(client, b"tree", FOLDER + member(b"hard", 4, link=b"../outside/file"))
        equal((kind, REASONS[reason]), (RESET, "path"))
        equal((read(os.path.join(outside, "file")), os.listdir(outside)), (b"kept", ["file"]))
        equal(put(client, b"tree/good", member(b"", 1, b"good")), (STATUS, 0))
        equal(read(os.path.join(service.root, "tree", "good")), b"good")


def question(name, size):
    """Whether a file of this name and size is there, as field 73 asks it; its time is 1970."""
    return (field(64, name) + field(65, number(1)) + field(66, number(0o644)) + field(67, bytes(12))
            + field(68, size.to_bytes(8, "big")) + field(73, b""))


def answers_that_leave():
    """paths: nothing outside is told, stays as a member, or is resumed, whatever a copy asks for"""
    with Service() as service:
        outside, tree = os.path.join(service.folder, "outside"), os.path.join(service.root, "tree")
        for folder in (outside, tree):
            os.mkdir(folder)
        for folder in (outside, tree):
            write(os.path.join(folder, "file"), b"kept")
            os.utime(os.path.join(folder, "file"), (0, 0))
        os.symlink(outside, os.path.join(tree, "link"))
        os.link(os.path.join(outside, "file"), os.path.join(tree, "second"))
        os.symlink(os.path.join(outside, "file"), os.path.join(tree, ".cloister-part.part"))
        client = service.client()
        names = (b"file", b"link/file", b"second", b"link", b"part", b"none")
        for options, told in ((2, 76), (6, 77)):  # kept; and compared by digests
            request = field(33, b"tree") + field(34, number(options))
            channel = client.accepted(client.open(PUT, request))
            client.send(frame(DATA, channel, b"".join(question(name, 4) for name in names)
                              + field(74, b"") + FOLDER) + frame(END, channel))
            said, _, last = client.finish(channel)
            os.chmod(tree, 0o755)  # the copy's folder has another mode
            equal((last[:2], [tag for tag, _ in fields(said)]), ((STATUS, 0), [told] + [75] * 5))
        here = field(68, (4).to_bytes(8, "big")) + field(79, b"")
        parts = field(80, (4).to_bytes(8, "big") + hashlib.sha256(b"kept").digest())
        for name, what, why in ((b"../outside/file", here, "path"), (b"link/file", here, "path"),
                                (b"second", here, "io"), (b"part", parts, "io"),
                                (b"link/file", parts, "path")):
            row = (field(64, name) + field(65, number(1)) + field(66, number(0))
                   + field(67, bytes(12)))
            end = field(72, hashlib.sha256(b"kept").digest()) if what is parts else b""
            kind, reason = put(client, b"tree", FOLDER + row + what + field(70, b"") + end, 2)
            equal((name, kind, REASONS[reason]), (name, RESET, why))
        equal((read(os.path.join(outside, "file")), os.listdir(outside)), (b"kept", ["file"]))
        equal(os.stat(os.path.join(outside, "file")).st_mode & 0o777, 0o644)
        kind, reason = put(client, b"tree", FOLDER + question(b"file", 4) * 257)
        equal((kind, REASONS[reason]), (RESET, "flow"))


def leaving_in_the_middle():
    """clients: one that vanishes in a copy or a command leaves the old file, and no process"""
    with Service() as service:
        target = os.path.join(service.root, "file")
        write(target, b"old")
        with open(os.path.join(service.root, "large"), "wb") as large:
            large.truncate(1 << 36)
        idle = service.at_rest()
        for abort in (False, True):
            client = service.client()
            copying = client.accepted(client.open(PUT, field(33, b"file")))
            client.send(frame(DATA, copying, member(b"", 1, b"new")[:-20]))
            getting = client.accepted(client.open(GET, field(33, b"large")))
            running = client.exec("sh", "-c", "echo on; exec sleep 1000")
            while client.read()[2:] != (running, b"on\n"):
                pass
            await_true("all three", lambda: len(service.jobs()) == 3)
            await_true("a temporary file", lambda: any(
                name.startswith(".cloister-") for name in os.listdir(service.root)))
            if abort:
                for channel in (copying, getting, running):
                    client.send(frame(RESET, channel, number(17)))
            else:
                client.close()
            service.await_no_jobs()
            equal((sorted(os.listdir(service.root)), read(target)), (["file", "large"], b"old"))
            client.close()
        service.await_rest(idle)
        equal(service.run("echo", "served"), (b"served\n", b"", 0))


def unread_and_silent():
    """memory: one `yes` unread for 10 s while copies finish, under the sum; who says nothing hears `timeout`"""
    with Service(program=PLAIN) as service:
        total = service.number("memory", "bytes")
        silent = service.client(greet=False)
        silent.send(GREETING[:27])
        lazy = pipeline(service, "exec", "--", "yes")
        await_true("`yes`", service.jobs)
        lazy.send_signal(signal.SIGSTOP)
        reader = service.client(credit=1 << 30)
        reader.exec("yes")
        source, copy = (os.path.join(service.folder, name) for name in ("source", "copy"))
        write(source, os.urandom(1 << 20) * 30)
        most = 0
        for _ in range(2):
            ends(service, 0, None, "cp", source, ":/copied")
            ends(service, 0, None, "cp", ":/copied", copy)
            equal(read(copy), read(source))
            most = max(most, memory(service.front)[0])
        equal(silent.farewell(), "timeout")  # after the 10 s of the handshake's deadline
        most = max(most, memory(service.front)[0])
        assert most <= total, f"{most} bytes, and the sum is {total}"
        await_true("the two alone", lambda: len(service.jobs()) == 2)
        lazy.kill()
        lazy.communicate()
        reader.close()
        service.await_no_jobs()


def filter_before_bytes():
    """front: it has its filter before it acts on a foreign byte, however early that comes"""
    with Service(early=True) as service:
        await_true("the socket", lambda: os.path.exists(service.path))
        early = []
        while len(early) < 20:  # from before it listens on
            try:
                early.append(Client(service.path, greet=False))
                early[-1].send(b"\0" * 8)
            except (ConnectionRefusedError, FileNotFoundError):
                pass
        service.client(greet=False).send(b"\0" * 8)
        await_true("an answer", lambda: service.has_said("session ended"))
        said = [line["message"] for line in service.lines()]
        assert said.index("confined") < said.index("session ended"), said
        for client in early:
            client.close()


def start_jobs(service):
    """A command that ignores SIGTERM, with a child, and a copy; what finds their processes."""
    mark = f"4714.{os.getpid()}{service.keeper:07d}"
    client = service.client()
    stubborn = client.exec("sh", "-c", f"trap '' TERM; echo on; sleep {mark}; sleep {mark}")
    while client.read()[2:] != (stubborn, b"on\n"):
        pass
    copying = client.accepted(client.open(PUT, field(33, b"file")))
    client.send(frame(DATA, copying, member(b"", 1, b"new")[:-20]))
    await_true("a temporary file", lambda: os.listdir(service.root))
    return client, mark


def parts_that_die():
    """parts: when the front, the broker or both are killed all jobs end, and the service says 70"""
    cases = [(("front",), signal.SIGKILL), (("broker",), signal.SIGSEGV),
             (("front", "broker"), signal.SIGSYS), (("broker", "front"), signal.SIGKILL)]
    services = [Service(code=70, program=PLAIN) for _ in cases]
    with contextlib.ExitStack() as stack:
        jobs = [start_jobs(stack.enter_context(service)) for service in services]
        for service, (parts, number_) in zip(services, cases):
            for part in parts:
                os.kill(getattr(service, part), number_)
        for service, (client, mark) in zip(services, jobs):
            client.close()  # else the front waits for its answer to a RESET
            service.await_end()
            await_true("the end of all jobs", lambda mark=mark: not processes_with(mark))
            assert service.lines("error"), "nobody has said why"


def a_broker_that_dies():
    """parts: a client hears of the broker's end: its command has a status, then GOODBYE `internal`"""
    with Service(code=70, program=PLAIN) as service:
        client = service.client()
        channel = client.exec("sh", "-c", "echo on; exec sleep 1000")
        equal(client.read()[3], b"on\n")
        os.kill(service.broker, signal.SIGKILL)
        # 125 where the broker had no time to say that the command had started.
        assert client.finish(channel)[2][:2] in ((STATUS, 137), (STATUS, 125))
        equal(client.farewell(), "internal")
        service.await_end()


def a_keeper_that_dies():
    """parts: without its keeper the front stops, and then the broker, with all jobs"""
    with Service(code=-signal.SIGKILL, program=PLAIN) as service:
        client, mark = start_jobs(service)
        service.process.kill()
        client.socket.shutdown(socket.SHUT_RD)  # a client that hears nothing does not stop it
        service.await_end()
        await_true("the end of all jobs", lambda: not processes_with(mark))


if __name__ == "__main__":
    main([paths_that_leave, answers_that_leave, leaving_in_the_middle, unread_and_silent,
          filter_before_bytes, parts_that_die, a_broker_that_dies, a_keeper_that_dies])
