"""Stands for QEMU and for vsockd in tests of the launcher: enclave_qemu.py FOLDER qemu|vsockd ARGUMENT...

As `qemu` it is an enclave: the image holds a line "mode: WORD..." which says what it does, in the order
of the words; then it echoes what is typed on its console, for ever.
  silent    no heartbeat           unready   a heartbeat, and no more
  panic     its kernel panics      broken    QEMU itself can't go on
  reboot    its kernel restarts, and QEMU runs on
  leave     says farewell 0, and QEMU runs on
  fail      says farewell 125, and ends
As `vsockd` it takes the one connection of QEMU and ends with it. A host's connection to port 9001 is
answered with what the file FOLDER/health holds: without one it is refused, and an empty one is silence.
Where there is a file FOLDER/slow its socket's file is there for a second before it listens; where there
is a file FOLDER/unfiltered QEMU has no filter of system calls.
To port 5005 it answers the word "channel".
"""
import os
import re
import select
import socket
import sys
import time


def connect(path):
    folder, name = os.path.split(path)
    here = os.getcwd()
    os.chdir(folder or ".")  # a socket's name is short
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(name)
    os.chdir(here)
    return peer


def listen(path, slow=False):
    folder, name = os.path.split(path)
    os.chdir(folder)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(name)
    if slow:
        time.sleep(1)
    listener.listen(16)
    return listener


def say(text):
    os.write(1, text.encode() + b"\r\n")


def line_to_host(line):
    peer = connect("vsock/3/9002")
    peer.sendall(line.encode())
    peer.shutdown(socket.SHUT_WR)
    while peer.recv(64):
        pass


def beat():
    peer = connect("vsock/3/9000")
    peer.sendall(b"\xb7")
    if peer.recv(1) != b"\xb7":
        say("no answer to the heartbeat")


def forever():
    while True:
        got = os.read(0, 4096)
        if not got:
            time.sleep(3600)
        os.write(1, b"typed " + got)


def qemu(arguments, folder):
    if arguments[0] == "-sandbox" and arguments[2:] == ["-accel", "help"]:
        if os.path.exists(os.path.join(folder, "unfiltered")):
            sys.exit("-sandbox support is not enabled in this QEMU binary")
        print("Accelerators supported in QEMU binary:")
        return
    with open(arguments[arguments.index("-kernel") + 1], "rb") as image:
        words = re.search(rb"mode: ([a-z ]*)\n", image.read()).group(1).decode().split()
    say("[    0.000000] Linux version stand-in")
    say("arguments " + " ".join(arguments))
    if "broken" in words:
        sys.exit("qemu-system-x86_64: it is a stand-in that is broken")
    vhost = connect("vhost")
    if "panic" in words:
        say("[    0.500000] Kernel panic - not syncing: VFS: no root")
        forever()
    if "silent" in words:
        forever()
    beat()
    if "unready" not in words:
        line_to_host("ready 3\n")
    if "fail" in words:
        line_to_host("farewell 125 reboot\n")
        sys.exit(0)
    if "leave" in words:
        line_to_host("farewell 0 reboot\n")
    if "reboot" in words:
        say("[    9.000000] reboot: machine restart")
    say("init waits")
    forever()
    vhost.close()


def answer(peer, folder):
    line = b""
    while not line.endswith(b"\n"):
        got = peer.recv(1)
        if not got:
            return None
        line += got
    health = os.path.join(folder, "health")
    if line == b"CONNECT 5005\n":
        peer.sendall(b"OK 5005\nchannel")
    elif line == b"CONNECT 9001\n" and os.path.exists(health):
        with open(health, "rb") as file:
            text = file.read()
        peer.sendall(b"OK 9001\n" + text)
        return None if text else peer
    return None


def vsockd(arguments, folder):
    options = dict(zip(arguments[::2], arguments[1::2]))
    front = listen(options["--socket"], os.path.exists(os.path.join(folder, "slow")))
    hybrid = listen(os.path.join(options["--dir"], options["--cid"], "vsock"))
    os.write(int(options["--ready-fd"]), b"listening\n")
    kept, machine = [], None
    while True:
        watched = [front, hybrid] + ([machine] if machine else [])
        for ready in select.select(watched, [], [])[0]:
            if ready is front:
                machine = front.accept()[0]
            elif ready is machine and not machine.recv(64):
                sys.exit(0)
            elif ready is hybrid:
                peer = hybrid.accept()[0]
                kept.append(answer(peer, folder))


if __name__ == "__main__":
    if sys.argv[2] == "qemu":
        qemu(sys.argv[3:], sys.argv[1])
    else:
        vsockd(sys.argv[3:], sys.argv[1])
