#!/usr/bin/env python3
"""The service slc over TLS: what it speaks, who is refused, what broken and half-open handshakes
leave behind, and what an image's slc does not know."""
import os
import socket
import ssl
import subprocess

from slc_client import (DATA, EXEC, GUARD, HELLO, OPEN, Client, await_true, command, frame,
                        hello, number, tls_context)
from slc_service import BIN, PLAIN, Nsm, Service, equal, main, memory


NSM = Nsm()


def speaks():
    """tls: a session is TLS 1.3, without a ticket to come back with, and its bytes arrive"""
    with Service(nsm=NSM) as service:
        out, err, status = service.run("sh", "-c", "cat; echo err >&2; exit 7",
                                       data=bytes(range(256)) * 1000)
        equal((out, err, status), (bytes(range(256)) * 1000, b"err\n", 7))
        client = service.client()
        equal(client.socket.version(), "TLSv1.3")
        equal(client.finish(client.exec("echo", "x"))[0], b"x\n")
        assert not client.socket.session or not client.socket.session.has_ticket
        assert not client.socket.session_reused


def key_of(client):
    return client.socket.getpeercert(binary_form=True)


def key():
    """tls: the key is one for all sessions, and another when slc starts again"""
    with Service(nsm=NSM) as service:
        first = key_of(service.client())
        equal(key_of(service.client()), first)
    with Service(nsm=NSM) as service:
        assert key_of(service.client()) != first


def old():
    """tls: TLS 1.2 is refused, and so is who wants other suites"""
    with Service(nsm=NSM) as service:
        context = tls_context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            Client(service.path, tls=True, context=context)
            raise AssertionError("TLS 1.2 was spoken")
        except (ssl.SSLError, OSError):
            pass
        equal(service.run("echo", "beside")[0], b"beside\n")


def plain():
    """tls: plain frames are not acted on, and the log says what they were"""
    with Service(nsm=NSM) as service:
        client = Client(service.path, greet=False)
        client.send(frame(HELLO, 0, hello()) + frame(OPEN, 1, number(EXEC) + command("true")))
        try:
            while client.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass
        client.close()
        await_true("the word", lambda: any(
            "TLS 1.3 is not what the peer speaks" in line.get("why", "")
            for line in service.lines()))
        assert not service.has_said("command ended")
        equal(service.run("echo", "beside")[0], b"beside\n")


def cut():
    """tls: a connection that is cut without a word is lost, and its command is ended"""
    with Service(nsm=NSM) as service:
        client = service.client()
        client.exec("sleep", "1000")
        await_true("the command", lambda: len(service.jobs()) == 1)
        os.close(client.socket.detach())
        service.await_no_jobs()
        await_true("lost", lambda: any(line.get("reason") == "lost" for line in service.lines()))


def greeting_of_tls():
    """The first bytes that a client of TLS sends."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        tls_context().wrap_bio(incoming, outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def broken_handshakes():
    """tls: 2,000 handshakes that are broken off leave no memory and no descriptor behind"""
    with Service(nsm=NSM, program=PLAIN) as service:
        whole = greeting_of_tls()

        def break_off(count):
            for n in range(count):
                peer = socket.socket(socket.AF_UNIX)
                peer.settimeout(GUARD)
                peer.connect(service.path)
                part = whole[:n * 7 % (len(whole) + 1)]
                if n % 3 == 0:  # one byte of it is another
                    at = n % len(whole)
                    part = whole[:at] + bytes([whole[at] ^ 1 << n % 8]) + whole[at + 1:]
                try:
                    peer.send(part or b"x")
                    if n % 5 == 0:
                        peer.shutdown(socket.SHUT_WR)
                        while peer.recv(65536):
                            pass
                except OSError:
                    pass
                peer.close()
            service.await_rest(closed)

        closed = service.at_rest()
        break_off(1000)
        before = memory(service.front)[1]
        break_off(2000)
        after = memory(service.front)[1]
        # If each of them left 300 bytes behind, that were more.
        assert after <= before + (512 << 10), (before, after)
        equal(service.run("echo", "served")[0], b"served\n")


def half_open():
    """tls: handshakes that stop are given up at the deadline, and make room for others"""
    with Service("--sessions", "8", nsm=NSM) as service:
        whole = greeting_of_tls()
        peers = []
        for n in range(8):
            peers.append(socket.socket(socket.AF_UNIX))
            peers[-1].settimeout(GUARD)
            peers[-1].connect(service.path)
            peers[-1].send(whole[:n * 20])
        for peer in peers:  # the service ends them, sooner or later
            try:
                while peer.recv(65536):
                    pass
            except ConnectionResetError:
                pass
            peer.close()
        equal(service.run("echo", "served")[0], b"served\n")


def memory_under_the_sum():
    """tls: with every session and channel full in both directions memory is under its sum"""
    with Service("--sessions", "12", "--channels", "4", "--jobs", "48", program=PLAIN,
                 nsm=NSM) as service:
        total = service.number("memory", "bytes")
        idle = memory(service.front)[0]
        clients = [service.client(credit=1 << 30) for _ in range(12)]
        for client in clients:
            for n in range(4):
                client.send(frame(OPEN, 2 * n + 1, number(EXEC) + command("yes")))
                client.send(frame(DATA, 2 * n + 1, bytes(65536)) * 4)
        await_true("all jobs", lambda: len(service.jobs()) == 48)
        await_true("what fills it", lambda: memory(service.front)[0] > idle + (12 << 20))
        full = memory(service.front)[0]
        assert full - idle <= total, f"{full - idle} bytes, and the sum is {total}"
        for client in clients:
            client.close()
        service.await_no_jobs()


def image():
    """image: the slc and the pipeline of images do not know --insecure-dev"""
    for program in ("slc", "pipeline"):
        path = os.path.join(BIN, "image", program)
        for arguments in (["--insecure-dev"], ["--insecure-dev", "--addr", "unix:@none", "ping"]):
            done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
            equal(done.returncode, 2)
            assert "unknown" in done.stderr, done.stderr
        done = subprocess.run([path, "--help"], capture_output=True, text=True, check=False)
        assert "insecure" not in done.stdout
        with open(path, "rb") as file:
            assert b"insecure-dev" not in file.read()


if __name__ == "__main__":
    main([speaks, key, old, plain, cut, broken_handshakes, half_open, memory_under_the_sum, image])
