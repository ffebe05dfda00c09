"""A client of the secure local channel (spec/slc.md) that says what it is told to, right or wrong."""
import os
import socket
import ssl
import struct
import time

HELLO, AUTH, PING, PONG, GOODBYE, OPEN, ACCEPT, REFUSE = range(1, 9)
DATA, END, CREDIT, MESSAGE, STATUS, RESET = range(9, 15)
EXEC, PUT, GET, ATTEST, FORWARD, CONTROL = range(1, 7)
REASONS = {0: "none", 1: "version", 2: "protocol", 3: "flow", 4: "timeout", 6: "closing",
           7: "limit", 8: "unknown", 9: "request", 10: "denied", 11: "not_found",
           12: "not_executable", 13: "path", 14: "space", 15: "io", 16: "digest",
           17: "cancelled", 18: "unreachable", 19: "internal", 32: "auth_required", 33: "auth",
           34: "no_document", 35: "document", 36: "binding", 37: "key", 38: "expired"}
GUARD = 60  # seconds after which a hang is one
READ = 1 << 16  # bytes; for many more Python maps and unmaps memory at every read


def frame(kind, channel=0, payload=b"", stream=0):
    return struct.pack(">BBHI", kind, stream, channel, len(payload)) + payload


def number(value):
    return struct.pack(">I", value)


def field(tag, value):
    return struct.pack(">HI", tag, len(value)) + value


def hello(version=1, features=1, limit=65536, keepalive=15, credit=262144):
    return struct.pack(">5I", version, features, limit, keepalive, credit)


def command(*words):
    return b"".join(field(17, word if isinstance(word, bytes) else word.encode())
                    for word in words)


def fields(payload):
    """A row of fields as a list of (tag, value)."""
    found = []
    while payload:
        tag, length = struct.unpack(">HI", payload[:6])
        found.append((tag, payload[6:6 + length]))
        payload = payload[6 + length:]
    return found


class Ended(Exception):
    """The transport has ended."""


def tls_context():
    """TLS as pipeline speaks it: who has the key is no matter of certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Client:
    """Over TLS it asks for the enclave's document, and believes it."""

    def __init__(self, path, greet=True, tls=False, context=None, prove=True, **numbers):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)  # it waits while the backlog is full
        self.socket.settimeout(GUARD)
        if tls:
            self.socket = (context or tls_context()).wrap_socket(self.socket)
        self.bytes = b""
        self.next = 1
        self.credit = numbers.get("credit", 262144)
        if tls:
            numbers.setdefault("features", 0)
        if greet:
            self.send(frame(HELLO, 0, hello(**numbers)))
            kind, _, _, payload = self.read()
            assert kind == HELLO and len(payload) == 20
            self.theirs = struct.unpack(">5I", payload)
            if tls and prove:
                self.document = self.prove()

    def auth(self, step, *row):
        self.send(frame(AUTH, 0, number(step) + b"".join(field(*part) for part in row)))

    def prove(self, nonce=None):
        """Asks for the enclave's document, and accepts it whatever it is. Returns it."""
        self.auth(1, (193, nonce or os.urandom(32)))
        kind, _, _, payload = self.read()
        assert kind == AUTH and payload[:4] == number(2), (kind, payload)
        (tag, document), = fields(payload[4:])
        assert tag == 194
        self.auth(3)
        equal = self.read()
        assert equal == (AUTH, 0, 0, number(4)), equal
        return document

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read_bytes(self, size):
        while len(self.bytes) < size:
            more = self.socket.recv(READ)
            if not more:
                raise Ended
            self.bytes += more
        found, self.bytes = self.bytes[:size], self.bytes[size:]
        return found

    def read(self):
        """The next frame: type, stream, channel, payload. A PING is answered, and not told."""
        while True:
            kind, stream, channel, length = struct.unpack(">BBHI", self.read_bytes(8))
            payload = self.read_bytes(length)
            if kind != PING:
                return kind, stream, channel, payload
            self.send(frame(PONG, 0, payload))

    def open(self, kind, payload):
        channel = self.next
        self.next += 2
        self.send(frame(OPEN, channel, number(kind) + payload))
        return channel

    def exec(self, *words):
        """Opens an exec that must be accepted; what comes on other channels meanwhile is lost."""
        return self.accepted(self.open(EXEC, command(*words)))

    def accepted(self, channel):
        found = self.read()
        while found[2] not in (0, channel):
            found = self.read()
        assert found == (ACCEPT, 0, channel, b""), found
        return channel

    def signal(self, channel, value):
        self.send(frame(MESSAGE, channel, number(1) + number(value)))

    def finish(self, channel, grants=True):
        """Reads a channel to its end: what came on 1 and 2, and how it ended: (type, number, rest)."""
        out = {1: bytearray(), 2: bytearray()}
        while True:
            kind, stream, where, payload = self.read()
            if where != channel:
                continue
            if kind == DATA:
                out[stream] += payload
                if grants:
                    self.send(frame(CREDIT, channel, number(len(payload))))
            elif kind in (STATUS, RESET, REFUSE):
                if kind == RESET:
                    self.send(frame(RESET, channel, number(0)))
                value, = struct.unpack(">I", payload[:4])
                return bytes(out[1]), bytes(out[2]), (kind, value, payload[4:])

    def farewell(self):
        """What GOODBYE says, after whatever comes before it; and that the transport ends then."""
        while True:
            kind, _, _, payload = self.read()
            if kind == GOODBYE:
                break
        reason = struct.unpack(">I", payload[:4])[0]
        self.socket.shutdown(socket.SHUT_WR)
        try:
            self.read()
        except (Ended, ConnectionResetError):
            self.close()
            return REASONS[reason]
        raise AssertionError("something follows GOODBYE")

    def leave(self):
        self.send(frame(GOODBYE, 0, number(0)))
        return self.farewell()


def run(path, *words, data=b"", tls=False):
    """Runs a command in a session of its own: out, err, status."""
    client = Client(path, tls=tls)
    channel = client.exec(*words)
    for at in range(0, len(data), 65536):
        client.send(frame(DATA, channel, data[at:at + 65536]))
    client.send(frame(END, channel))
    out, err, (kind, status, rest) = client.finish(channel)
    assert kind == STATUS, (kind, status, rest)
    client.leave()
    return out, err, status


def await_true(what, condition):
    """Polls for what is no event to us, as a number in /proc."""
    until = time.monotonic() + GUARD
    while not condition():
        assert time.monotonic() < until, f"in vain: {what}"
        time.sleep(0.02)
