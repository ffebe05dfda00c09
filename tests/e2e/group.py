"""Machines without the launcher, in one group: guests that reach each other by CID, and a parent
that never answers.
"""

import contextlib
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import lab
from lab import BIN, PATIENCE, await_, check, must, same

HEARTBEAT, NEWS = 9000, 9002


class Parent:
    """Listens where enclaves say that they live, and answers or does not."""

    def __init__(self, name, answers=True):
        self.folder = lab.scratch / name
        (self.folder / "3").mkdir(parents=True)
        self.answers, self.heard, self.kept, self.listeners = answers, 0, [], []
        for port in (HEARTBEAT, NEWS):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(self.folder / f"3/{port}"))
            listener.listen(16)
            self.listeners.append(listener)
            threading.Thread(target=self.serve, args=(listener, port), daemon=True).start()

    def serve(self, listener, port):
        with contextlib.suppress(OSError):
            while True:
                caller = listener.accept()[0]
                self.kept.append(caller)
                if port == HEARTBEAT:
                    byte = caller.recv(1)
                    self.heard += byte == b"\xb7"
                    if self.answers:
                        caller.sendall(byte)

    def close(self):
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            os.unlink(listener.getsockname())
            listener.close()
        for caller in self.kept:
            caller.close()


class Machine:
    """A guest of that parent: vsockd and QEMU, as the launcher would start them."""

    ends_with_qemu = True  # its backend does

    def __init__(self, parent, cid, image, qemu):
        self.folder, self.cid, self.processes = parent.folder, cid, []
        self.console_file = self.folder / f"console-{cid}"
        self.hybrid = self.folder / f"{cid}/vsock"
        try:
            self.start_backend()
            self.start_qemu(image, qemu)
        except BaseException:
            self.ends_with_qemu = False
            self.kill()
            raise

    def start_backend(self):
        end, ready = os.pipe()
        with open(self.folder / f"vsockd-{self.cid}", "wb") as log:
            self.processes.append(subprocess.Popen(
                [BIN / "vsockd", "--socket", self.folder / f"vhost-{self.cid}", "--cid",
                 str(self.cid), "--dir", self.folder, "--ready-fd", str(ready)],
                stderr=log, pass_fds=[ready]))
        os.close(ready)
        with open(end, "rb") as told:
            same(b"listening\n", told.read(), "vsockd listens")

    def start_qemu(self, image, qemu):
        with open(self.folder / f"qemu-{self.cid}", "wb") as log:
            self.processes.append(subprocess.Popen(
                [qemu, "-no-user-config", "-M", f"nitro-enclave,vsock=vsock,id=i-{self.cid}",
                 "-kernel", image, "-m", "256M", "-smp", "1", "-cpu", "max", "-accel", "tcg",
                 "-display", "none", "-monitor", "none", "-chardev",
                 f"file,id=console,path={self.console_file}", "-serial", "chardev:console",
                 "-chardev", f"socket,id=vsock,path={self.folder}/vhost-{self.cid}",
                 "-no-reboot"], stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def console(self):
        return self.console_file.read_text(errors="replace") if self.console_file.exists() else ""

    def pipeline(self, *words, **options):
        return lab.run(*self.client(), *words, **options)

    def client(self):
        return lab.client("--addr", f"hybrid:{self.hybrid}:5005")

    def inside(self, script, status=0):
        return self.pipeline("exec", "--", "sh", "-c", script, status=status).stdout.decode()

    def is_up(self):
        must(all(process.poll() is None for process in self.processes), "QEMU and vsockd go on",
             self.console()[-2000:])
        return self.pipeline("exec", "--", "true", status=None).returncode == 0

    def kill(self):
        """vsockd ends with QEMU, and removes its sockets."""
        while self.processes:
            process = self.processes.pop()
            if self.processes or not self.ends_with_qemu:
                process.kill()
            same(0 if self.ends_with_qemu and not self.processes else -signal.SIGKILL,
                 process.wait(PATIENCE), process.args[0])


def asks(cid, script, options=""):
    """A command that has another guest do something."""
    return (f"pipeline --timeout {PATIENCE} --addr vsock:{cid}:5005 --accept-unsigned "
            f"--key /tmp/key exec {options} -- {script}")


def siblings(image, qemu):
    with contextlib.ExitStack() as stack:
        parent = Parent("group")
        stack.callback(parent.close)
        machines = {}
        for cid in (16, 17):
            machines[cid] = Machine(parent, cid, image, qemu)
            stack.callback(machines[cid].kill)
        for cid, machine in machines.items():
            await_(machine.is_up, f"guest {cid} is up")
            machine.inside(f"echo guest {cid} >/tmp/who")
            machine.pipeline("--quiet", "cp", lab.KEY, ":/tmp/key")
        same("guest 17\n", machines[16].inside(asks(17, "cat /tmp/who")))
        same("guest 16\n", machines[17].inside(asks(16, "cat /tmp/who")))
        script = "head -c 300000 /dev/zero | tr '\\0' x | "
        same(machines[16].inside(script + "sha256sum"),
             machines[16].inside(script + asks(17, "sha256sum", "-i")), "thousands of bytes")
        same(2, parent.heard, "heartbeats")
        machines[16].inside(asks(18, "true"), status=125)
        machines[17].kill()
        machines[16].inside(asks(17, "true"), status=125)
        same("guest 16\n", machines[16].inside("cat /tmp/who"), "it goes on without the other")


def unanswered(image, qemu):
    """Init warns and goes on: whether an unheard enclave lives is the parent's choice."""
    with contextlib.ExitStack() as stack:
        parent = Parent("mute-parent", answers=False)
        stack.callback(parent.close)
        machine = Machine(parent, 20, image, qemu)
        stack.callback(machine.kill)
        await_(machine.is_up, "it serves all the same")
        must('step="heartbeat" reason="timeout"' in machine.console(), machine.console()[-2000:])
        same(1, parent.heard, "it had asked")


def tests(enclave):
    qemu = Path(os.readlink(f"/proc/{enclave.program('qemu-system-x86_64')}/exe"))
    check("two guests of one group reach each other by CID", siblings, enclave.image, qemu)
    check("a parent that never answers the heartbeat", unanswered, enclave.image, qemu)
