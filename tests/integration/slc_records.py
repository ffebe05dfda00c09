#!/usr/bin/env python3
"""The log over an end of slc, as spec/audit.md says: one chain before and after it, and a new log,
told, where the file of the earlier one is not what it was."""
import os
import shutil
import signal
import stat
import struct
import subprocess
import tempfile

from slc_audit import ask, audit, pipeline
from slc_client import GUARD
from slc_service import CHECKED, ENVIRONMENT, Nsm, Service, equal, main

NEW, ON = "a new log", "the log goes on"
RECORD = 177


class Kept(Service):
    """A service with a folder for its log; what it ends by is the name of the signal."""

    def __init__(self, nsm, folder, *options, by=signal.SIGTERM, **more):
        super().__init__("--records-in", folder, *options, nsm=nsm,
                         code=-by if by == signal.SIGKILL else 0, **more)
        self.by = by

    def end(self):
        for pid in (self.keeper, self.broker, self.front) if self.by == signal.SIGKILL else ():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # its parent's end was told to it already
        super().end()

    def warnings(self):
        """What its log says of the file, or the folder."""
        return [line["fault"] for line in self.lines("warning")
                if line.get("fault", "").startswith(("the log's file", "the folder"))]


class Folder:
    """A place for a log, in a folder of its own."""

    def __enter__(self):
        self.above = tempfile.mkdtemp()
        self.path = os.path.join(self.above, "records")
        self.file = os.path.join(self.path, "log")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.above)


def said(found):
    return [(one["kind"], one["what"]) for one in found["records"]]


def starts(found):
    return [what for kind, what in said(found) if kind == "start"]


def goes_on():
    """a service that was killed or stopped and started again has one log, checked from before to after"""
    nsm, before = Nsm(), None
    with Folder() as folder:
        for by in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            with Kept(nsm, folder.path, by=by) as service:
                first = audit(service, nsm)  # nothing has been run by this one yet
                pipeline(service, nsm, "exec", "true")
                found = audit(service, nsm)
                equal((first["verdict"], found["verdict"]), ("intact", "intact"))
                equal((found["dropped"], [one["number"] for one in found["records"]]),
                      (0, list(range(1, found["count"] + 1))))
                if before is not None:
                    equal(found["records"][:before["count"]], before["records"])
                    equal((first["entered"], first["marked"], found["marked"]),
                          (True, before["marked"], before["marked"]))
                    equal(found["records"][before["count"]]["what"], ON)
                before = found
        equal((starts(found), [what for kind, what in said(found) if kind == "exec"]),
              ([NEW, ON, ON], ["true"] * 3))


def before_the_mark():
    """so it does where nobody has been inside by then, and the mark is made later"""
    nsm = Nsm()
    with Folder() as folder:
        with Kept(nsm, folder.path, by=signal.SIGKILL) as service:
            found = audit(service, nsm)
            equal((found["entered"], found["marked"]), (False, None))
        with Kept(nsm, folder.path) as service:
            pipeline(service, nsm, "exec", "true")
            found = audit(service, nsm)
            equal((found["verdict"], found["entered"], said(found)[:3]),
                  ("intact", True, [("start", NEW), ("session", ""), ("start", ON)]))
            equal(said(found)[found["marked"]], ("exec", "true"))


def bounded():
    """a log that is full goes on as one, and its file stays small"""
    nsm, count = Nsm(), 0
    with Folder() as folder:
        for _ in range(3):
            with Kept(nsm, folder.path, "--records", "4", by=signal.SIGKILL) as service:
                for _ in range(8):
                    pipeline(service, nsm, "exec", "true")
                    assert os.stat(folder.file).st_size <= 9 * 720
                found = audit(service, nsm)
                equal((found["verdict"], found["marked"], found["count"] - found["dropped"]),
                      ("intact", 2, 4))
                assert found["count"] >= count + 17, found
                count = found["count"]
        with Kept(nsm, folder.path, "--records", "2") as service:
            found = audit(service, nsm)
            equal((found["verdict"], len(found["records"])), ("intact", 2))


def held(pid, folder):
    """How many descriptors of a process lead into a folder."""
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            count += os.readlink(f"/proc/{pid}/fd/{name}").startswith(folder)
        except FileNotFoundError:
            pass
    return count


def for_its_owner_alone():
    """its file is its owner's alone, and open nowhere but in the broker"""
    nsm = Nsm()
    with Folder() as folder, Kept(nsm, folder.path, "--records", "1") as service:
        for _ in range(5):
            listed = pipeline(service, nsm, "exec", "--", "ls", "-l", "/proc/self/fd").stdout
            assert folder.above not in listed, listed
        equal([held(pid, folder.path) for pid in (service.broker, service.front, service.keeper)],
              [2, 0, 0])
        for path, mode in ((folder.path, 0o700), (folder.file, 0o600)):
            found = os.stat(path)
            equal((stat.S_IMODE(found.st_mode), found.st_uid), (mode, os.geteuid()))
        equal(os.listdir(folder.path), ["log"])


# --- Files that are not believed -------------------------------------------------------------------


def rows(data):
    """Where each field of a file begins: (tag, at, length of its value)."""
    at = 0
    while at < len(data):
        tag, length = struct.unpack(">HI", data[at:at + 6])
        yield tag, at, length
        at += 6 + length


def written(path, data):
    with open(path, "wb") as file:
        file.write(data)


def changed(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def linked(folder):
    os.rename(folder.file, folder.file + ".old")
    os.symlink("log.old", folder.file)


def a_folder(folder):
    os.unlink(folder.file)
    os.mkdir(folder.file)


def bad_bytes(data):
    """Ways in which what a file says can be bad, and what is said of it; the unit test slc_ledger has
    each byte and each cut."""
    _, at, length = [row for row in rows(data) if row[0] == RECORD][1]
    for name, made, word in (
            ("nothing", b"", "was cut"),
            ("half a record", data[:at + 6 + length // 2], "was cut"),
            ("a record that was changed", changed(data, at + 6 + length - 1), "was changed"),
            ("a mark that was changed", changed(data, 6 + 8), "was changed"),
            ("a record that was left out", data[:at] + data[at + 6 + length:], "was changed"),
            ("a field that may be skipped", data + struct.pack(">HI", 40000, 0), "was changed"),
            ("other bytes", b"\xff" * 100, "was changed"),
            ("too many bytes", data + bytes(8 << 20), "longer than any log")):
        yield name, word, lambda folder, made=made: written(folder.file, made)


def bad_files(_):
    """Ways in which a file can be none of ours."""
    yield "another mode", "mode 0644", lambda folder: os.chmod(folder.file, 0o644)
    yield "a second name", "other names", lambda folder: os.link(folder.file, folder.file + "2")
    yield "a link", "can't be opened", linked
    yield "a folder", "is no file", a_folder
    yield "a pipe", "is no file", lambda folder: (os.unlink(folder.file), os.mkfifo(folder.file))
    yield "a folder for all", "not ours alone", lambda folder: os.chmod(folder.path, 0o755)
    if os.geteuid() == 0:
        yield "another owner", "belongs to user 1", lambda folder: os.chown(folder.file, 1, 1)


def begins_anew(ways):
    nsm = Nsm()
    with Folder() as good:
        with Kept(nsm, good.path) as service:
            pipeline(service, nsm, "exec", "true")
            pipeline(service, nsm, "exec", "true")
        with open(good.file, "rb") as file:
            data = file.read()
        for name, word, spoil in ways(data):
            with Folder() as folder:
                shutil.copytree(good.path, folder.path)
                spoil(folder)
                with Kept(nsm, folder.path) as service:
                    found = audit(service, nsm, status=76)
                    told = [one for one in service.warnings() if word in one]
                    equal((name, found["verdict"], len(told) > 0, said(found)[0]),
                          (name, "mark", True, ("start", f"{NEW}: {told[0] if told else ''}")))
                    pipeline(service, nsm, "exec", "true")
        with Kept(nsm, good.path) as service:
            equal(audit(service, nsm)["verdict"], "intact")


def not_believed():
    """a file that was cut or changed is no log: a new one begins, and it is told"""
    begins_anew(bad_bytes)


def not_ours():
    """nor is one that others could write, or that is no file"""
    begins_anew(bad_files)


def a_new_one_lasts():
    """the log that begins then goes on, too, and is still not the one of the mark"""
    nsm = Nsm()
    with Folder() as folder:
        with Kept(nsm, folder.path) as service:
            pipeline(service, nsm, "exec", "true")
        written(folder.file, b"")
        for last in ([], [ON]):
            with Kept(nsm, folder.path) as service:
                pipeline(service, nsm, "exec", "true")
                found = audit(service, nsm, status=76)
                equal((found["verdict"], starts(found)[1:]), ("mark", last))


def no_word_for_the_register():
    """what the file says of the mark lets nobody in: the register is asked, and marked if it is not"""
    nsm, other = Nsm(), Nsm()
    with Folder() as folder:
        with Kept(nsm, folder.path) as service:
            pipeline(service, nsm, "exec", "true")
        with Kept(other, folder.path) as service:
            equal(audit(service, other)["entered"], False)
            pipeline(service, other, "exec", "true")
            found = audit(service, other)
            equal((found["verdict"], found["entered"]), ("intact", True))
        shut = Nsm()
        equal(ask(shut, b"\xa1\x67LockPCR\xa1\x65index\x12"), b"\x67LockPCR")
        with Kept(shut, folder.path) as service:
            done = pipeline(service, shut, "exec", "true", status=125)
            assert "\nreason: denied\n" in "\n" + done.stderr, done.stderr


# --- What can't be kept ----------------------------------------------------------------------------


def lost():
    """a log that can't be written any more is kept in memory, all of it, and a new one begins later"""
    nsm = Nsm()
    with Folder() as folder:
        with Kept(nsm, folder.path) as service:
            audit(service, nsm)
            os.mkdir(folder.file + ".new")  # in the way of the next whole file, the one with the mark
            pipeline(service, nsm, "exec", "true")
            found = audit(service, nsm)
            equal((found["verdict"], found["entered"], len(service.warnings())),
                  ("intact", True, 1))
            equal([kind for kind, _ in said(found) if kind != "session"], ["start", "exec"])
            equal(os.listdir(folder.path), ["log.new"])
        with Kept(nsm, folder.path) as service:
            equal(audit(service, nsm, status=76)["verdict"], "mark")


def one_each():
    """a second service does not get the folder of one that lives"""
    nsm = Nsm()
    with Folder() as folder, Kept(nsm, folder.path) as service:
        done = subprocess.run([CHECKED, "--addr", f"unix:{folder.above}/socket", "--records-in",
                               folder.path, "--nsm", nsm.path], capture_output=True, text=True,
                              env=ENVIRONMENT, timeout=2 * GUARD, check=False)
        equal(done.returncode, 70)
        assert "another slc keeps its records in" in done.stderr, done.stderr
        pipeline(service, nsm, "exec", "true")
        equal(audit(service, nsm)["verdict"], "intact")


if __name__ == "__main__":
    main([goes_on, before_the_mark, bounded, for_its_owner_alone, not_believed, not_ours, a_new_one_lasts,
          no_word_for_the_register, lost, one_each])
