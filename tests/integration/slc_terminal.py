"""slc and pipeline: commands with a terminal, seen from a real one."""
import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time

from slc_client import (EXEC, GUARD, MESSAGE, REFUSE, STATUS, await_true, command, field, frame,
                        number)
from slc_options import PIPELINE
from slc_service import ENVIRONMENT, Service, equal, is_there, main, processes_with

TYPED = field(21, b"xterm") + field(23, struct.pack(">4I", 80, 24, 0, 0))


def own_terminal():
    """In the new process: signals that a shell's background ignores are not ignored."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number_ in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number_, signal.SIG_DFL)


class Terminal:
    """A terminal with the program pipeline in it, as the leader of its session."""

    def __init__(self, service, *words, size=(24, 80), **variables):
        self.main, self.other = os.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(self.other)
        self.said = b""
        self.process = subprocess.Popen(
            [PIPELINE, "--insecure-dev", "--addr", f"unix:{service.path}", *words],
            stdin=self.other, stdout=self.other, stderr=self.other, start_new_session=True,
            preexec_fn=own_terminal,
            env=dict(ENVIRONMENT, TERM="vt100", **variables))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.main)
        os.close(self.other)

    def resize(self, rows, columns):
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.main, text)

    def take(self, seconds):
        ready = select.select([self.main], [], [], seconds)[0]
        if ready:
            self.said += os.read(self.main, 65536)
        return bool(ready)

    def await_said(self, text):
        until = time.monotonic() + GUARD
        while text not in self.said:
            assert time.monotonic() < until, f"in vain {text!r}: {self.said[-500:]!r}"
            self.take(0.1)

    def is_raw(self):
        return not termios.tcgetattr(self.other)[3] & termios.ICANON

    def await_end(self, why=""):
        """Its code, with the terminal being as it was."""
        until = time.monotonic() + GUARD
        while self.process.poll() is None:
            assert time.monotonic() < until, f"it goes on: {why} {self.said[-500:]!r}"
            self.take(0.1)
        while self.take(0):  # what it has said at last
            pass
        equal(termios.tcgetattr(self.other), self.before)
        return self.process.returncode


def a_terminal():
    """exec -t: the command's three streams are one terminal, which is its own, with TERM and a size"""
    with Service() as service:
        with Terminal(service, "exec", "-i", "-t", "--", "sh", "-c",
                      "test -t 0 && test -t 1 && test -t 2 && stty size && echo $TERM &&"
                      "tty && : </dev/tty >/dev/tty && cut -d' ' -f5,6,8 /proc/$$/stat; exit 5",
                      size=(33, 111)) as terminal:
            equal(terminal.await_end(), 5)
            said = terminal.said.split(b"\r\n")
            at = said.index(b"33 111")
            equal((said[at + 1], said[at + 2][:9]), (b"vt100", b"/dev/pts/"))
            equal(len(set(said[at + 3].split())), 1)


def keys():
    """exec -i -t: keys go through one by one, ^C and ^D among them; nothing is echoed twice"""
    with Service() as service:
        with Terminal(service, "exec", "-i", "-t", "--", "sh", "-c",
                      "trap 'echo caught' INT; echo ready; cat; echo over; read x; echo got $x"
                      ) as terminal:
            terminal.await_said(b"ready")
            await_true("raw mode", terminal.is_raw)
            terminal.type(b"hello\r")
            terminal.await_said(b"hello\r\nhello\r\n")
            terminal.type(b"\x03")
            terminal.await_said(b"over")
            terminal.type(b"word\r")
            terminal.await_said(b"got word")
            equal(terminal.await_end(), 0)
        with Terminal(service, "exec", "-i", "-t", "cat") as terminal:
            await_true("raw mode", terminal.is_raw)
            terminal.type(b"x\r\x04")
            equal(terminal.await_end(), 0)


def size():
    """exec -t: a change of the window's size arrives"""
    with Service() as service:
        with Terminal(service, "exec", "-i", "-t", "--", "sh", "-c",
                      "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"
                      ) as terminal:
            terminal.await_said(b"ready")
            await_true("raw mode", terminal.is_raw)
            terminal.resize(50, 132)
            terminal.await_said(b"50 132")
            terminal.process.send_signal(signal.SIGTERM)
            equal(terminal.await_end(), 143)


def ends_by_signals():
    """exec -i -t: whatever ends pipeline leaves the terminal as it was"""
    with Service() as service:
        for number_ in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT,
                        signal.SIGUSR1, signal.SIGALRM, signal.SIGABRT):
            with Terminal(service, "exec", "-i", "-t", "--", "sh", "-c", "ulimit -c 0; echo ready; exec sleep 1000"
                          ) as terminal:
                terminal.await_said(b"ready")
                await_true("raw mode", terminal.is_raw)
                terminal.process.send_signal(number_)
                code = terminal.await_end(number_)
                passed_on = number_ not in (signal.SIGALRM, signal.SIGABRT)
                equal(code, 128 + number_ if passed_on else -number_)
        service.await_no_jobs()


def end_of_the_service():
    """exec -i -t: a service that dies leaves the terminal as it was, and says why"""
    with Service(code=70) as service:
        with Terminal(service, "exec", "-i", "-t", "--", "sh", "-c", "echo ready; sleep 1000"
                      ) as terminal:
            terminal.await_said(b"ready")
            await_true("raw mode", terminal.is_raw)
            os.kill(service.front, signal.SIGKILL)
            equal(terminal.await_end(), 125)
            terminal.await_said(b"reason: lost")
        service.await_end()


def stopped():
    """exec -i -t: a pipeline that is stopped leaves the terminal meanwhile"""
    with Service() as service:
        with Terminal(service, "exec", "-i", "-t", "--", "sh", "-c", "echo ready; cat") as terminal:
            terminal.await_said(b"ready")
            await_true("raw mode", terminal.is_raw)
            terminal.process.send_signal(signal.SIGTSTP)
            await_true("cooked mode", lambda: not terminal.is_raw())
            pid = terminal.process.pid
            await_true("its stop", lambda: state(pid) == "T")
            terminal.process.send_signal(signal.SIGCONT)
            await_true("raw mode", terminal.is_raw)
            terminal.type(b"again\r\x04")
            terminal.await_said(b"again\r\nagain")
            equal(terminal.await_end(), 0)


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def name(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="latin-1") as file:
            return file.read().strip()
    except OSError:
        return ""


def logins():
    """shell: a login at home, whose name has a dash, and which job control works in"""
    with Service() as service:
        with Terminal(service, "shell", "-e", f"HOME={service.root}") as terminal:
            await_true("raw mode", terminal.is_raw)
            terminal.type(b'echo "$0 is $(pwd)"\r')
            terminal.await_said(b"-sh is ")
            long = f"1000.{os.getpid()}"
            terminal.type(f"sleep {long}\r".encode())
            await_true("sleep", lambda: any(name(pid) == "sleep" for pid in processes_with(long)))
            terminal.type(b"\x1a")
            terminal.await_said(b"topped")
            terminal.type(b"kill -9 %1; wait %1; exit 9\rexit 9\r")
            equal(terminal.await_end(), 9)
        service.await_no_jobs()


def children_in_groups_of_their_own():
    """shell: what it runs in other groups ends with it"""
    with Service() as service:
        client = service.client()
        channel = client.accepted(client.open(
            EXEC, command("sh", "-c", "set -m; sleep 1000 & echo pid $!; wait") + TYPED))
        said = b""
        while b"\n" not in said:
            said += client.read()[3]
        child = int(said.split(b"pid ")[1].split()[0])
        client.signal(channel, signal.SIGKILL)
        equal(client.finish(channel)[2][1], 137)
        await_true("the end of the child", lambda: not is_there(child))


def much_output():
    """exec -t: all that a command says before it ends arrives, and then its end"""
    with Service() as service:
        client = service.client()
        for n in (1, 1000, 30000):
            channel = client.accepted(client.open(EXEC, command("seq", str(n)) + TYPED))
            out, err, (kind, status, _) = client.finish(channel)
            equal((out.split(), err, kind, status),
                  ([str(i).encode() for i in range(1, n + 1)], b"", STATUS, 0))


def odd_requests():
    """requests: terminals and windows that can't be are refused; odd messages are ignored"""
    with Service() as service:
        client = service.client()
        for row in (field(21, b""), field(21, b"a/b"), field(21, b".."), field(21, b"x" * 65),
                    field(23, b"x"), field(23, b"\xff" * 16), field(24, b"x"),
                    TYPED + field(21, b"vt100")):
            channel = client.open(EXEC, command("true") + row)
            answer = client.read()
            equal((answer[0], answer[2], answer[3][:4]), (REFUSE, channel, number(9)))
        channel = client.accepted(client.open(EXEC, command("sh", "-c", "read x; stty size") + TYPED))
        for numbers in ((1, 2, 3), (1, 2, 3, 4, 5), (65536, 1, 1, 1), (90, 30, 1, 1)):
            client.send(frame(MESSAGE, channel, number(2) + b"".join(map(number, numbers))))
        client.send(frame(9, channel, b"\n"))
        assert b"30 90" in client.finish(channel)[0]
        channel = client.exec("cat")  # which has no window
        client.send(frame(MESSAGE, channel, number(2) + b"".join(map(number, (90, 30, 1, 1)))))
        client.send(frame(10, channel))
        equal(client.finish(channel)[2], (STATUS, 0, b""))


def no_terminal():
    """exec -i -t, shell: without a terminal they are wrong usage; exec -t is not"""
    with Service() as service:
        for words, code in ((["exec", "-i", "-t", "true"], 2), (["shell"], 2),
                            (["shell", "true"], 2),
                            (["exec", "-t", "--", "sh", "-c", "test -t 1 && cat"], 0)):
            done = subprocess.run(
                [PIPELINE, "--insecure-dev", "--addr", f"unix:{service.path}", *words],
                stdin=subprocess.DEVNULL, capture_output=True, check=False, env=ENVIRONMENT)
            equal(done.returncode, code)


if __name__ == "__main__":
    main([a_terminal, keys, size, ends_by_signals, end_of_the_service, stopped, logins,
          children_in_groups_of_their_own, much_output, odd_requests, no_terminal])
