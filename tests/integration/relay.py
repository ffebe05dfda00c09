"""A host in the middle: listens on a socket, passes on what comes to another one and back, keeps all
of it, and may change one byte of one direction."""
import contextlib
import os
import socket
import threading

UP, DOWN = "up", "down"  # from the client, to the client


class Relay:
    """`with Relay(path, dial) as relay`: dial() makes the way on. change: (direction, at): the byte at
    that place of each connection becomes another one."""

    def __init__(self, path, dial, change=None):
        self.path, self.dial, self.change = path, dial, change
        self.heard = {UP: bytearray(), DOWN: bytearray()}  # of all connections
        self.changed = False
        self.threads, self.sockets = [], []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)

    def __enter__(self):
        self.start(self.accept)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for end in self.sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        for end in self.sockets:
            end.close()
        os.unlink(self.path)

    def start(self, function, *arguments):
        self.threads.append(threading.Thread(target=function, args=arguments, daemon=True))
        self.threads[-1].start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                enclave = self.dial()
                client.settimeout(None)
                enclave.settimeout(None)
                self.sockets += [client, enclave]
                self.start(self.pump, client, enclave, UP)
                self.start(self.pump, enclave, client, DOWN)

    def altered(self, direction, at, data):
        if self.change is None or self.change[0] != direction:
            return data
        place = self.change[1] - at
        if not 0 <= place < len(data):
            return data
        self.changed = True
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]

    def pump(self, source, target, direction):
        at = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.heard[direction] += data
                target.sendall(self.altered(direction, at, data))
                at += len(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
