"""A guest and its QEMU, for tests of vsockd: the front-end's side of vhost-user, split virtqueues in
a memfd, and the driver's side of virtio-vsock, written anew from the specifications."""

import array
import mmap
import os
import select
import socket
import struct
import threading
import time

REQUEST, RESPONSE, RST, SHUTDOWN, RW, CREDIT_UPDATE, CREDIT_REQUEST = range(1, 8)
NO_MORE_RECEIVE, NO_MORE_SEND = 1, 2
HEADER = struct.Struct("<QQIIIHHIII")
NEXT, WRITE, INDIRECT = 1, 2, 4
PATIENCE = int(os.environ.get("PATIENCE", "120"))

VERSION_1, EVENT_IDX, PROTOCOL_FEATURES = 1 << 32, 1 << 29, 1 << 30
MQ, REPLY_ACK, CONFIG = 1 << 0, 1 << 3, 1 << 9
GET_FEATURES, SET_FEATURES, SET_OWNER, RESET_OWNER, SET_MEM_TABLE = 1, 2, 3, 4, 5
SET_VRING_NUM, SET_VRING_ADDR, SET_VRING_BASE, GET_VRING_BASE = 8, 9, 10, 11
SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR = 12, 13, 14
GET_PROTOCOL_FEATURES, SET_PROTOCOL_FEATURES, GET_QUEUE_NUM = 15, 16, 17
SET_VRING_ENABLE, GET_CONFIG, SET_CONFIG = 18, 24, 25

PHYSICAL = 0x40000000  # where the guest has its memory,
VIRTUAL = 0x7F0000000000  # and where its QEMU has it
RING = 0x20000  # room of a ring's tables
RX_BUFFERS = 0x100000
TX_BUFFERS = 0x1000000
TX_SLOT = 0x11000
MEMORY = 0x4000000


LOCK = threading.Lock()


def fence():
    """What was written before is seen before what is read after: an atomic exchange does that."""
    with LOCK:
        pass


class Packet:
    def __init__(self, header, data=b""):
        (self.src_cid, self.dst_cid, self.src_port, self.dst_port, self.len, self.type, self.op,
         self.flags, self.buf_alloc, self.fwd_cnt) = HEADER.unpack(header)
        self.data = data

    def __repr__(self):
        return (f"op {self.op} {self.src_cid}:{self.src_port} -> {self.dst_cid}:{self.dst_port} len"
                f" {self.len} flags {self.flags} credit {self.buf_alloc} {self.fwd_cnt}")


class FrontEnd:
    """The conversation with the back-end."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.acknowledged = False

    def send(self, request, payload=b"", descriptors=(), flags=1, size=None):
        ancillary = []
        if descriptors:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        size = len(payload) if size is None else size
        self.socket.sendmsg([struct.pack("<III", request, flags, size) + payload], ancillary)

    def reply(self, request):
        head = self.exactly(12)
        if len(head) < 12:
            raise EOFError
        got, flags, size = struct.unpack("<III", head)
        assert got == request and flags & 7 == 5, (got, request, flags)
        return self.exactly(size)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                break
            data += more
        return data

    def order(self, request, payload=b"", descriptors=()):
        """A request whose success is told."""
        self.send(request, payload, descriptors, flags=9 if self.acknowledged else 1)
        if self.acknowledged:
            assert struct.unpack("<Q", self.reply(request)) == (0,), request

    def ask(self, request, payload=b""):
        self.send(request, payload)
        return self.reply(request)

    def number(self, request):
        return struct.unpack("<Q", self.ask(request))[0]


class Ring:
    def __init__(self, memory, index, size, event_idx):
        self.memory, self.index, self.size, self.event_idx = memory, index, size, event_idx
        self.words = memoryview(memory).cast("H")
        self.at = index * RING
        self.descriptors, self.available, self.used = self.at, self.at + 0x8000, self.at + 0x10000
        self.kick, self.call, self.error = (os.eventfd(0, os.EFD_NONBLOCK) for _ in range(3))
        self.put, self.taken = 0, 0
        self.mute = False

    def store(self, at, value):
        """A number that the device may read meanwhile: pack_into would write zeros first."""
        self.words[at // 2] = value

    def load(self, at):
        return self.words[at // 2]

    def describe(self, index, address, size, flags=0, following=0):
        struct.pack_into("<QIHH", self.memory, self.descriptors + 16 * index, address, size, flags,
                         following)

    def offer(self, head):
        self.store(self.available + 4 + 2 * (self.put % self.size), head)
        self.put = (self.put + 1) & 0xFFFF
        self.store(self.available + 2, self.put)
        fence()

    def wants_kick(self, before):
        if not self.event_idx:
            return not self.load(self.used) & 1
        event = self.load(self.used + 4 + 8 * self.size)
        return (self.put - event - 1) & 0xFFFF < (self.put - before) & 0xFFFF

    def ring(self, before=None):
        if before is None or self.wants_kick(before):
            os.eventfd_write(self.kick, 1)

    def give_back(self):
        """What the device has used: pairs of head and bytes written."""
        found = []
        while True:
            while self.load(self.used + 2) != self.taken:
                found.append(struct.unpack_from("<II", self.memory,
                                                self.used + 4 + 8 * (self.taken % self.size)))
                self.taken = (self.taken + 1) & 0xFFFF
            # Where the device is to call again; unless it has been there by now.
            self.store(self.available + 4 + 2 * self.size, self.taken)
            fence()
            if self.load(self.used + 2) == self.taken:
                return found

    def close(self):
        self.words.release()
        for descriptor in (self.kick, self.call, self.error):
            os.close(descriptor)


class Guest:
    def __init__(self, path, cid=16, size=128, event_idx=True, rx_buffer=4096, buffers=None,
                 seal=True):
        self.cid, self.event_idx, self.rx_buffer = cid, event_idx, rx_buffer
        self.file = os.memfd_create("guest", os.MFD_ALLOW_SEALING)
        os.ftruncate(self.file, MEMORY)
        if seal:
            import fcntl
            fcntl.fcntl(self.file, 1033, 2 | 4)  # F_ADD_SEALS: no shrinking, no growing
        self.memory = mmap.mmap(self.file, MEMORY)
        self.front = FrontEnd(path)
        self.streams, self.listeners, self.stray = {}, {}, []
        self.next_port = 1024
        self.rx, self.tx = (Ring(self.memory, index, size, event_idx) for index in (0, 1))
        self.negotiate()
        self.free = list(range(0, size, 2))
        self.rx_count = size if buffers is None else buffers
        for index in range(self.rx_count):
            self.lend(index)
        self.rx.ring()

    # --- vhost-user ---------------------------------------------------------------------------

    def negotiate(self):
        front = self.front
        features = front.number(GET_FEATURES)
        assert features & VERSION_1 and features & PROTOCOL_FEATURES, hex(features)
        offered = front.number(GET_PROTOCOL_FEATURES)
        assert offered & CONFIG, hex(offered)
        front.send(SET_PROTOCOL_FEATURES, struct.pack("<Q", offered & (MQ | REPLY_ACK | CONFIG)))
        assert front.number(GET_QUEUE_NUM) >= 2
        front.send(SET_OWNER)
        front.number(GET_FEATURES)
        front.acknowledged = bool(offered & REPLY_ACK)
        for ring in (self.rx, self.tx):
            front.order(SET_VRING_CALL, struct.pack("<Q", ring.index), [ring.call])
            front.order(SET_VRING_ERR, struct.pack("<Q", ring.index), [ring.error])
        config = front.ask(GET_CONFIG, struct.pack("<III", 0, 8, 0) + bytes(8))
        assert struct.unpack("<IIIQ", config)[3] == self.cid
        wanted = VERSION_1 | PROTOCOL_FEATURES | (EVENT_IDX if self.event_idx else 0)
        front.order(SET_FEATURES, struct.pack("<Q", wanted & features))
        self.tell_memory()
        for ring in (self.rx, self.tx):
            self.start(ring)

    def tell_memory(self):
        half = MEMORY // 2
        self.front.order(SET_MEM_TABLE, struct.pack("<II", 2, 0) + b"".join(
            struct.pack("<QQQQ", PHYSICAL + at, half, VIRTUAL + at, at) for at in (0, half)),
            [self.file, self.file])

    def start(self, ring, base=0):
        front, index = self.front, ring.index
        front.order(SET_VRING_NUM, struct.pack("<II", index, ring.size))
        front.order(SET_VRING_BASE, struct.pack("<II", index, base))
        front.order(SET_VRING_ADDR, struct.pack("<IIQQQQ", index, 0, VIRTUAL + ring.descriptors,
                                                VIRTUAL + ring.used, VIRTUAL + ring.available, 0))
        front.order(SET_VRING_KICK, struct.pack("<Q", index), [ring.kick])
        front.order(SET_VRING_CALL, struct.pack("<Q", index), [ring.call])
        front.order(SET_VRING_ENABLE, struct.pack("<II", index, 1))

    def stop(self, ring):
        """Returns the number of the next buffer."""
        return struct.unpack("<II", self.front.ask(GET_VRING_BASE,
                                                   struct.pack("<II", ring.index, 0)))[1]

    def forget(self):
        """As after a reboot: the rings begin at 0, and no connection is known."""
        self.streams, self.stray = {}, []
        self.memory[0:2 * RING] = bytes(2 * RING)
        self.free = list(range(0, self.tx.size, 2))
        for ring in (self.rx, self.tx):
            ring.put = ring.taken = 0
            self.start(ring)
        for index in range(self.rx_count):
            self.lend(index)

    def close(self):
        self.front.socket.close()
        self.rx.close()
        self.tx.close()
        self.memory.close()
        os.close(self.file)

    # --- Packets ------------------------------------------------------------------------------

    def lend(self, index):
        before = self.rx.put
        self.rx.describe(index, PHYSICAL + RX_BUFFERS + index * self.rx_buffer, self.rx_buffer,
                         WRITE)
        self.rx.offer(index)
        self.rx.ring(before)

    def header(self, op, dst_cid, src_port, dst_port, size=0, flags=0, credit=262144, forwarded=0,
               kind=1, src_cid=None):
        return HEADER.pack(self.cid if src_cid is None else src_cid, dst_cid, src_port, dst_port,
                           size, kind, op, flags, credit, forwarded & 0xFFFFFFFF)

    def put(self, header, data=b""):
        """Sends what is given, right or wrong."""
        self.await_that(lambda: self.free, "the device uses what was sent")
        slot = self.free.pop()
        at = TX_BUFFERS + slot // 2 * TX_SLOT
        self.memory[at:at + len(header)] = header
        self.memory[at + 64:at + 64 + len(data)] = data
        before = self.tx.put
        self.tx.describe(slot, PHYSICAL + at, len(header), NEXT if data else 0, slot + 1)
        self.tx.describe(slot + 1, PHYSICAL + at + 64, len(data))
        self.tx.offer(slot)
        self.tx.ring(before)

    def collect(self):
        """What has come meanwhile, in packets."""
        for head, _ in self.tx.give_back():
            self.free.append(head)
        packets = []
        for index, size in self.rx.give_back():
            at = RX_BUFFERS + index * self.rx_buffer
            assert 44 <= size <= self.rx_buffer, size
            data = self.memory[at:at + size]
            packet = Packet(data[:44], data[44:])
            assert packet.len == len(packet.data) and packet.dst_cid == self.cid, packet
            packets.append(packet)
            if not self.rx.mute:
                self.lend(index)
        return packets

    def turn(self, seconds=0.05):
        bells = select.poll()
        for call in (self.rx.call, self.tx.call):
            bells.register(call, select.POLLIN)
        bells.poll(1000 * seconds)
        for call in (self.rx.call, self.tx.call):
            try:
                os.eventfd_read(call)
            except BlockingIOError:
                pass
        for packet in self.collect():
            self.hear(packet)

    def await_that(self, condition, what="something", patience=PATIENCE):
        until = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < until, f"it never came to: {what}"
            self.turn()

    # --- Streams ------------------------------------------------------------------------------

    def hear(self, packet):
        key = (packet.src_cid, packet.src_port, packet.dst_port)
        if packet.op == REQUEST:
            listener = self.listeners.get(packet.dst_port)
            if listener is None:
                self.put(self.header(RST, packet.src_cid, packet.dst_port, packet.src_port))
                return
            stream = Stream(self, *key)
            stream.learn(packet)
            stream.state = "open"
            stream.say(RESPONSE)
            listener.append(stream)
        elif key in self.streams:
            self.streams[key].hear(packet)
        else:
            self.stray.append(packet)

    def listen(self, port):
        return self.listeners.setdefault(port, [])

    def accept(self, port):
        waiting = self.listeners[port]
        self.await_that(lambda: waiting, "somebody connects")
        return waiting.pop(0)

    def dial(self, cid, port):
        self.next_port += 1
        stream = Stream(self, cid, port, self.next_port)
        stream.say(REQUEST)
        return stream

    def connect(self, cid, port):
        stream = self.dial(cid, port)
        self.await_that(lambda: stream.state != "dialled", "an answer to a request")
        assert stream.state == "open", stream.state
        return stream


class Stream:
    """One connection, as a well-behaved driver has it."""

    def __init__(self, guest, cid, port, own_port, credit=262144):
        self.guest, self.cid, self.port, self.own_port = guest, cid, port, own_port
        self.state, self.credit = "dialled", credit
        self.data, self.received, self.forwarded, self.told = bytearray(), 0, 0, 0
        self.sent, self.peer_credit, self.peer_forwarded, self.peer_flags = 0, 0, 0, 0
        guest.streams[cid, port, own_port] = self

    def learn(self, packet):
        self.peer_credit, self.peer_forwarded = packet.buf_alloc, packet.fwd_cnt
        assert (self.sent - self.peer_forwarded) & 0xFFFFFFFF <= self.sent, packet

    def hear(self, packet):
        self.learn(packet)
        if packet.op == RESPONSE:
            assert self.state == "dialled", self.state
            self.state = "open"
        elif packet.op == RST:
            self.state = "reset"
            self.forget()
        elif packet.op == SHUTDOWN:
            self.peer_flags |= packet.flags
        elif packet.op == RW:
            assert self.state == "open" and not self.peer_flags & NO_MORE_SEND
            self.data += packet.data
            self.received += packet.len
            assert self.received - self.forwarded <= self.credit, "credit was overdrawn"
        elif packet.op == CREDIT_REQUEST:
            self.say(CREDIT_UPDATE)

    def forget(self):
        self.guest.streams.pop((self.cid, self.port, self.own_port), None)

    def say(self, op, data=b"", flags=0):
        self.told = self.forwarded
        self.guest.put(self.guest.header(op, self.cid, self.own_port, self.port, len(data), flags,
                                         self.credit, self.forwarded), data)

    def room(self):
        return self.peer_credit - ((self.sent - self.peer_forwarded) & 0xFFFFFFFF)

    def send(self, data):
        view = memoryview(data)
        while len(view) > 0:
            self.guest.await_that(lambda: self.room() > 0 or self.state != "open", "room to send")
            assert self.state == "open", self.state
            part = view[:min(self.room(), 65536)]
            self.say(RW, bytes(part))
            self.sent += len(part)
            view = view[len(part):]

    def take(self, size):
        """Consumes up to so many bytes of what has come."""
        data = bytes(self.data[:size])
        del self.data[:size]
        self.forwarded += len(data)
        if self.forwarded - self.told >= self.credit // 4 and self.state == "open":
            self.say(CREDIT_UPDATE)
        return data

    def read(self, size):
        """Exactly so many bytes, or those before the end."""
        found = bytearray()
        while len(found) < size:
            self.guest.await_that(lambda: self.data or self.ended(), "bytes, or their end")
            if not self.data:
                break
            found += self.take(size - len(found))
        return bytes(found)

    def ended(self):
        return self.state != "open" or bool(self.peer_flags & NO_MORE_SEND)

    def finish(self):
        self.say(SHUTDOWN, flags=NO_MORE_SEND)

    def close(self):
        """As a driver whose program has closed its socket: both ways, and then the RST."""
        if self.state == "open":
            self.say(SHUTDOWN, flags=NO_MORE_SEND | NO_MORE_RECEIVE)
            self.guest.await_that(lambda: self.state == "reset", "the end of a connection")
        self.forget()

    def reset(self):
        self.say(RST)
        self.state = "reset"
        self.forget()
