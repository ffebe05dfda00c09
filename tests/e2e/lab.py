"""What the end-to-end tests share: a place of their own, images, enclaves that QEMU boots, and how
tests are told. Conditions are waited for, never a length of time: emulation may be slow.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

BIN = Path(os.environ.get("BIN", "out/bin")).resolve()
KERNEL = Path(os.environ.get("KERNEL", "out/kernel")).resolve()
PROBE = Path(os.environ.get("PROBE", "out/e2e/probe")).resolve()
PATIENCE = 180  # seconds; for what takes one or two on an idle machine
COMMAND_LINE = ("reboot=k panic=30 pci=off nomodules console=ttyS0 i8042.noaux i8042.nomux "
                "i8042.nopnp i8042.dumbkbd random.trust_cpu=on")

sys.path.insert(0, "tests/integration")
import eif_break  # noqa: E402

scratch = Path(tempfile.mkdtemp(prefix="cloister-e2e-"))
KEY = scratch / "operator.key"
state = scratch / "run/cloister"
os.environ.update(XDG_RUNTIME_DIR=str(scratch / "run"), XDG_STATE_HOME=str(scratch / "kept"),
                  LC_ALL="C", TZ="UTC")
for name in ("CLOISTER_ADDR", "CLOISTER_VSOCK_DIR", "CLOISTER_TRACE"):
    os.environ.pop(name, None)
(scratch / "run").mkdir()
results = {True: 0, False: 0}
RAN = Path("out/ran/e2e").resolve()  # names of tests that have passed, for verify/shown.py
shutil.rmtree(RAN, ignore_errors=True)
RAN.mkdir(parents=True)


class Failure(Exception):
    pass


def must(condition, *said):
    if not condition:
        raise Failure(" ".join(str(word) for word in said))


def same(wanted, found, what=""):
    must(wanted == found, f"{what}\nwanted {wanted!r}\nfound  {found!r}")


def await_(condition, what, patience=PATIENCE):
    """The first true answer."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.05)
    raise Failure(f"it never came to this: {what}")


def run(*command, status=0, data=None, patience=PATIENCE):
    """What a program prints; it must end with that status (None: with any)."""
    done = subprocess.run([str(word) for word in command], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=patience, check=False)
    said = f"{done.stdout[-1000:]}\n{done.stderr[-3000:]}"
    must(status is None or done.returncode == status,
         f"`{' '.join(map(str, command))[:300]}`: {done.returncode}, not {status}\n{said}")
    return done


# --- Images ---------------------------------------------------------------------------------------


def eif(name, *ramdisks, command_line=COMMAND_LINE):
    """An image of our kernel and these ramdisks: folders, or archives that are ready."""
    path = scratch / name
    words = [word for ramdisk in ramdisks for word in ("--ramdisk", ramdisk)]
    run(BIN / "eif", "build", "--kernel", KERNEL / "bzImage", "--kernel_config", KERNEL / "config",
        "--cmdline", command_line, *words, "--name", "test", "--version", "1", "--output", path)
    return path


def by_hand(name, *sections, **fields):
    """An image that our builder would not make."""
    path = scratch / name
    path.write_bytes(eif_break.Image(list(sections), **fields).pack())
    return path


def ramdisk(name, files, prefix=None):
    """A cpio of files, {path: bytes or Path}; programs are those that begin so."""
    folder = scratch / (name + ".folder")
    for inside, content in files.items():
        path = folder / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copy(content, path)
        else:
            path.write_bytes(content)
        path.chmod(0o755 if path.read_bytes()[:4] in (b"\x7fELF", b"#!/b") else 0o644)
    words = ["--prefix", prefix] if prefix else []
    run(BIN / "eif", "ramdisk", *words, "--output", scratch / name, folder)
    return scratch / name


def busybox():
    found = sorted(Path("out/packages").glob("busybox-static_*/bin/busybox"))
    must(found, "no busybox: rbuilds/image.py unpacks it for the application's image")
    return found[-1]


def client(*whom):
    """The beginning of a command that talks to an enclave. QEMU's NSM signs nothing."""
    return [BIN / "pipeline", "--timeout", str(PATIENCE), *whom, "--accept-unsigned", "--key", KEY]


# --- Enclaves -------------------------------------------------------------------------------------


class Enclave:
    """One that `enclave run --backend qemu` has started."""

    def __init__(self, image, name, *options, ready=True):
        self.name, self.image = name, image
        self.command = [BIN / "enclave", "run", "--backend", "qemu", "--eif", image, "--name", name,
                        "--cpus", "1", "--debug-mode", "--boot-timeout", str(PATIENCE),
                        "--ready-timeout", str(PATIENCE), *(["--wait-ready"] if ready else []),
                        *options]
        status, said = self.start()
        if status and b'step="nsm" reason="timeout"' in said:  # spec/e2e.md tells of it
            print(f"# {name}: QEMU's NSM has not answered the kernel; booted again", flush=True)
            status, said = self.start()
        must(status == 0 and self.console_file, f"{name} does not run: {said.decode()}")

    def start(self):
        """Its console is opened on the way: it outlives its name, once open."""
        self.console_file = None
        with subprocess.Popen(self.command, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as started:
            while self.console_file is None and started.poll() is None:
                with contextlib.suppress(FileNotFoundError):
                    self.console_file = open(state / self.name / "console", "rb")
                time.sleep(0.01)
            said = started.communicate(timeout=3 * PATIENCE)[1]
        return started.returncode, said

    def pipeline(self, *words, **options):
        return run(*client("--enclave", self.name), *words, **options)

    def inside(self, script, status=0, **options):
        """What a shell prints inside."""
        return self.pipeline("exec", *(["-i"] if "data" in options else []), "--", "sh", "-c",
                             script, status=status, **options).stdout.decode()

    def await_entered(self):
        """For one that never says that it is ready, or whose channel begins anew."""
        await_(lambda: self.pipeline("exec", "true", status=None).returncode == 0,
               "it can be entered")

    def console(self):
        self.console_file.seek(0)
        return self.console_file.read().decode(errors="replace")

    def says(self, text):
        await_(lambda: text in self.console() or self.is_gone(), f"{self.name} says '{text}'")
        must(text in self.console(), f"it never said '{text}':\n{self.console()[-3000:]}")

    def described(self):
        found = json.loads(run(BIN / "enclave", "describe").stdout)
        return next((one for one in found if one["EnclaveName"] == self.name), None)

    def is_gone(self):
        return self.described() is None and not (state / self.name).exists()

    def processes(self):
        return processes(str(state / self.name))

    def program(self, name):
        """The process id of its QEMU or vsockd."""
        found = [pid for pid in self.processes()
                 if Path(os.readlink(f"/proc/{pid}/exe")).name == name]
        same(1, len(found), f"how many {name} {self.name} has")
        return found[0]

    def kill(self, name):
        os.kill(self.program(name), signal.SIGKILL)

    def terminate(self):
        run(BIN / "enclave", "terminate", "--name", self.name)
        await_(self.is_gone, f"{self.name} is gone")

    def connect(self, port):
        """A connection to a port of the enclave, as any program of the host can make."""
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(PATIENCE)
        cid = self.described()["EnclaveCID"]
        stream.connect(os.path.relpath(state / self.name / f"vsock/{cid}/vsock"))
        stream.sendall(b"CONNECT %d\n" % port)
        answer = b""
        while not answer.endswith(b"\n"):
            byte = stream.recv(1)
            must(byte, f"port {port} refuses: {answer}")
            answer += byte
        must(answer.startswith(b"OK "), answer)
        return stream


def processes(word):
    """Those that work in that folder, or name it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if os.readlink(entry / "cwd").startswith(word) or \
                    word.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def nothing_is_left(name):
    """No process, no socket, no state of it."""
    await_(lambda: not processes(str(state / name)), f"no process of {name} is left")
    await_(lambda: not (state / name).exists(), f"{state / name} is gone")


def fails(reason, image, name, *options, status=75):
    """It does not come up, for that reason; and nothing of it is left."""
    done = run(BIN / "enclave", "run", "--backend", "qemu", "--eif", image, "--name", name,
               "--debug-mode", "--boot-timeout", PATIENCE, *options, status=None,
               patience=3 * PATIENCE)
    same((status, f"reason: {reason}"),
         (done.returncode, done.stderr.decode(errors="replace").strip().split("\n")[-1]),
         done.stderr.decode(errors="replace"))
    nothing_is_left(name)
    return done.stderr.decode(errors="replace")


# --- How it is told -------------------------------------------------------------------------------


def check(name, test, *arguments):
    begin = time.monotonic()
    try:
        test(*arguments)
        good = True
    except Exception as error:  # noqa: BLE001 (whatever it is, the others go on)
        good = False
        said = str(error) if isinstance(error, Failure) else traceback.format_exc()
    results[good] += 1
    if good:
        with open(RAN / test.__module__, "a", encoding="utf-8") as file:
            file.write(f"{name}\n")
    print(f"{'ok' if good else 'not ok'} - {name} ({time.monotonic() - begin:.1f} s)", flush=True)
    if not good:
        print("".join(f"# {line}\n" for line in said.split("\n")), flush=True)


def finish():
    subprocess.run([str(BIN / "enclave"), "terminate", "--all"], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    check("at the end no process and no socket is left", lambda: (
        await_(lambda: not processes(str(scratch)), f"none: {processes(str(scratch))}"),
        same([], [str(path) for path in scratch.rglob("*") if path.is_socket()])))
    for pid in processes(str(scratch)):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(scratch, ignore_errors=True)
    print(f"{results[True]} passed, {results[False]} failed")
    sys.exit(1 if results[False] or not results[True] else 0)
