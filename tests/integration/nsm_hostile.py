#!/usr/bin/env python3
"""What clients may do to a simulated NSM without harm to it or to others.

usage: nsm_hostile.py SOCKET     fails by exception
"""

import errno
import os
import socket
import sys

RANDOM = b"\x69GetRandom"


def connect(path):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.connect(path)
    client.settimeout(60)
    return client


def is_served(client):
    client.send(RANDOM)
    return b"random" in client.recv(12288)


def too_long(path):
    client = connect(path)
    client.send(b"x" * 4097)
    assert b"InputTooLarge" in client.recv(12288)
    client.send(b"x" * 100000)
    assert b"InputTooLarge" in client.recv(12288)
    assert is_served(client)


def nonsense(path):
    client = connect(path)
    for size in range(1, 300):
        client.send(os.urandom(size))
        assert b"Error" in client.recv(12288)
    assert is_served(client)


def unread(path):
    """One who asks and does not read is not read from, and gets every reply in the end."""
    greedy, other = connect(path), connect(path)
    greedy.setblocking(False)
    asked = 0
    try:
        while asked < 100000:
            greedy.send(RANDOM)
            asked += 1
    except BlockingIOError:
        pass
    assert 0 < asked < 100000
    assert is_served(other)
    greedy.settimeout(60)
    for _ in range(asked):
        assert b"random" in greedy.recv(12288)
    assert is_served(greedy)


def vanish(path):
    for number in range(1000):
        client = connect(path)
        if number % 2:
            client.send(RANDOM)
        client.close()
    assert is_served(connect(path))


def crowd(path):
    """More than are served wait, and have their turn when others leave."""
    clients = [connect(path) for _ in range(300)]
    assert all(is_served(client) for client in clients[:250])
    for client in clients[:100]:
        client.close()
    assert all(is_served(client) for client in clients[100:])


def empty(path):
    """A packet of no bytes is an end to who receives it: the connection is over, no more."""
    client = connect(path)
    client.send(b"")
    try:
        assert client.recv(12288) == b""
    except OSError as error:
        assert error.errno == errno.ECONNRESET
    assert is_served(connect(path))


def main():
    for test in (too_long, nonsense, unread, vanish, crowd, empty):
        test(sys.argv[1])


if __name__ == "__main__":
    main()
