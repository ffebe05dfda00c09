"""init where there is little of everything, where it is no root, and where programs can't start.
Prints TAP-like lines.

usage: init_faults.py INIT INITCTL
"""

import contextlib
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading

from init_asked import SLEEP, shell, until
from init_control import HELLO, INIT, INITCTL, Place, request
from init_place import FAILED, NAMESPACES, PATIENCE, SKIPPED, check, libraries, tests, write

NOBODY = 65534


def logged(place, *patterns):
    """Whether all of these are in the log, sooner or later."""
    found = place.until(lambda: all(re.search(one, place.log()) for one in patterns))
    place.said = place.log()
    return found


def what_can_not_start_says_where():
    """Each step on the way to a program, with the error's own words."""
    place = Place({"gone": "ExecStart = '/no/such/program'\n", "plain": "ExecStart = '$D/text'\n",
                   "folder": shell("exit 0", "WorkingDirectory = '/no/such/folder'"),
                   "script": "ExecStart = '$D/script'\n", "isolated": "ExecStart = '$D'\n",
                   "user": shell("exit 0", "User = 'nobody-knows'"), "good": shell(SLEEP)})
    write(f"{place.folder}/text", "no program")
    write(f"{place.folder}/script", "#!/no/such/interpreter\n", 0o755)
    for name in ("plain", "script"):  # they were there too late, perhaps
        place.ask("start", name)
    check("what is missing, what is no program, what its interpreter lacks, and where", logged(
        place, "/no/such/program.*executing it failed: No such file or directory",
        "/text.*executing it failed: Permission denied",
        "/script.*executing it failed: No such file or directory",
        "entering its working directory failed: No such file or directory",
        "no user 'nobody-knows'"), place)
    check("with the codes of a shell", [place.unit(name)["exit"] for name in
                                        ("gone", "plain", "script", "folder", "user")] ==
          [127, 126, 127, 125, 125], place)
    check("the good one is up", place.stands("good", "up"), place)
    place.end()


def nothing_is_inherited():
    """Every descriptor of init's is closed by exec, and a unit has its three and no other."""
    place = Place({"one": shell("for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done; "
                                "echo; exec sleep 1000"), "two": shell(SLEEP)})
    busy = [place.connect() for _ in range(3)]
    for connection in busy:
        connection.sendall(HELLO)
    place.until(lambda: place.ask("logs", "one").stdout.count("\n\n") == 1)
    place.ask("restart", "one")
    place.until(lambda: place.ask("logs", "one").stdout.count("\n\n") == 2)
    check("a unit has three", place.ask("logs", "one").stdout == "0\n1\n2\n\n" * 2, place)
    pid, open_ones = place.process.pid, 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError), \
                open(f"/proc/{pid}/fdinfo/{name}", encoding="ascii") as file:
            flags = int(re.search(r"flags:\s*(\d+)", file.read())[1], 8)
            open_ones += 1
            if int(name) > 2:
                check(f"{os.readlink(f'/proc/{pid}/fd/{name}').split(':')[0]} is closed by exec",
                      flags & os.O_CLOEXEC)
    check("and there were some to look at", open_ones > 10)
    for connection in busy:
        connection.close()
    place.end()


def few_descriptors_are_survived():
    """EMFILE in init: what can't be started is tried again, and nobody spins."""
    units = {f"u{n:02}": shell(SLEEP, "Restart = 'always'", "RestartSec = 0", "RestartLimit = 0")
             for n in range(12)}
    place = Place(units, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128)))
    for name in units:
        place.stands(name, "up")
    pid = place.process.pid
    used = len(os.listdir(f"/proc/{pid}/fd"))
    check("a limit that is enough is enough", used < 128, place)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 1, 128))
    waiting = [place.connect() for _ in range(4)]
    os.kill(children(pid)[0], signal.SIGKILL)
    check("what can't be started says so", logged(
        place, "Too many open files|No file descriptors available"), place)
    check("and init is at rest, though somebody waits", rested_but_for_timers(pid))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (128, 128))
    for connection in waiting:
        connection.close()
    check("with descriptors again all are up", all(place.stands(name, "up") for name in units),
          place)
    check("it ends", place.end() == 0, place)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def seconds_used(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rested_but_for_timers(pid):
    """Of two seconds it uses next to nothing: who spins uses them all, on an idle machine, and on
    a busy one what there is; looked at until it holds."""
    for _ in range(PATIENCE):
        before = seconds_used(pid)
        threading.Event().wait(1)
        if seconds_used(pid) - before < 0.2:
            return True
    return False


def little_memory_is_enough():
    """All units that there may be, in 32 MiB of addresses; and RSS stays below 1.5 MiB."""
    if libraries(INIT):
        print("# skipped: a sanitized init takes terabytes of addresses")
        return SKIPPED
    most = 32 << 20
    units = {f"u{n:02}": shell("echo some words; exec sleep 1000") for n in range(50)}
    place = Place(units, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)))
    check("fifty units are up", all(place.stands(name, "up") for name in units), place)
    with open(f"/proc/{place.process.pid}/status", encoding="ascii") as file:
        size = int(re.search(r"VmRSS:\s*(\d+) kB", file.read())[1])
    check(f"init has {size} KiB, no more than 1,536", size <= 1536, place)
    check("and its file 300 kB", os.path.getsize(INIT) <= 300_000, place)
    for name in list(units)[:10]:
        place.ask("restart", name)
    check("and restarts what it is asked for", place.unit("u09")["starts"] == 2, place)
    check("it ends", place.end() == 0, place)
    return None


def floods_are_survived():
    """A client that sends without end, and one that asks without reading, are let go."""
    place = Place({"one": shell(SLEEP)})
    for what, data in (("zeros", bytes(1 << 20)), ("requests", HELLO + request(1, 2) * 100000)):
        connection = place.connect()
        try:
            for _ in range(64):
                connection.sendall(data)
            sent = True
        except OSError:
            sent = False
        connection.close()
        check(f"{what} without end are refused", not sent, place)
    check("others are served", place.ask("ping").returncode == 0, place)
    check("it ends", place.end() == 0, place)


# --- Elsewhere ------------------------------------------------------------------------------------

def mounts(pid):
    with open(f"/proc/{pid}/mountinfo", encoding="ascii") as file:
        return file.read()


def it_is_a_container_s_first_process():
    """In namespaces of a container it is process 1: it reaps, mounts nothing, and ends with 0."""
    if subprocess.run(NAMESPACES + ["true"], capture_output=True).returncode != 0:
        print("# skipped: no namespaces without privileges here")
        return SKIPPED
    place = Place({"one": shell("(sleep 0.1 & exec true); echo pid $PPID; exec sleep 1000")},
                  before=["unshare", "-U", "-r", "-m", "-p", "-f", "--mount-proc"])
    check("it is process 1, and was not asked to be", place.until(
        lambda: place.ask("logs", "one").stdout == "pid 1\n"), place)
    pid = children(place.process.pid)[0]
    before = mounts(pid)
    place.ask("restart", "one")
    check("it mounts nothing", mounts(pid) == before, place)
    check("orphans are reaped", place.until(lambda: len(children(pid)) == 1), place)
    os.kill(pid, signal.SIGTERM)
    check("SIGTERM ends it", place.process.wait(PATIENCE) == 0, place)
    return None


def it_is_anybody_s_supervisor():
    """Without any privilege: it supervises, answers its user, and root."""
    if os.geteuid() != 0:
        print("# skipped: becoming nobody wants privileges")
        return SKIPPED

    def become():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(Folder())
        write(f"{folder}/units/one.service", shell("echo I am $(id -u); exec sleep 1000"))
        write(f"{folder}/units/root.service", shell("echo no", "User = 'root'"))
        os.chmod(folder, 0o755)
        os.makedirs(f"{folder}/mine")
        os.chown(f"{folder}/mine", NOBODY, NOBODY)
        programs = [f"{folder}/init", f"{folder}/initctl"]
        for source, target in zip((INIT, INITCTL), programs):
            write(target, "", 0o755)
            with open(source, "rb") as file, open(target, "wb") as copy:
                copy.write(file.read())
        path = f"{folder}/mine/socket"
        with open(f"{folder}/log", "wb") as log:
            process = subprocess.Popen([programs[0], "--supervise", f"{folder}/units", "--control",
                                        path], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env={}, preexec_fn=become)
        stack.callback(process.kill)

        def ask(*words, **options):
            return subprocess.run([programs[1], "--socket", path, *words], capture_output=True,
                                  text=True, timeout=3 * PATIENCE, check=False, **options)

        check("its unit is that user too", until(
            lambda: ask("logs", "one").stdout == f"I am {NOBODY}\n"))
        check("which asks it, and is obeyed",
              ask("restart", "one", preexec_fn=become).returncode == 0)
        check("a unit that wants to be root can't be started", until(
            lambda: '"exit":125' in ask("status", "root", "--json").stdout))
        process.terminate()
        check("it ends", process.wait(PATIENCE) == 0 and not os.path.exists(path))
    return None


class Folder:
    """A folder that everybody may enter."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="init-")
        return self.folder.name

    def __exit__(self, *error):
        self.folder.cleanup()


if __name__ == "__main__":
    tests(what_can_not_start_says_where, nothing_is_inherited, few_descriptors_are_survived,
          little_memory_is_enough, floods_are_survived, it_is_a_container_s_first_process,
          it_is_anybody_s_supervisor)
    sys.exit(1 if FAILED else 0)
