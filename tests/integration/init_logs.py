"""What units write is put into files that are bounded, and initctl reads it.
Prints TAP-like lines.

usage: init_logs.py INIT INITCTL
"""

import glob
import os
import pty
import re
import resource
import signal
import subprocess
import sys

import init_asked
from init_asked import SLEEP, shell
from init_place import (FAILED, NAMESPACES, PATIENCE, SKIPPED, Host, Image, Run, check, libraries,
                        tests, write)

INIT, INITCTL = (os.path.abspath(word) for word in sys.argv[1:3])
STAMP = re.compile(rb"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ", re.M)


def count(lines, first=0):
    return f"i={first}; while [ $i -lt {first + lines} ]; do echo line $i; i=$((i+1)); done; "


class Place(init_asked.Place):
    """init over units, with a folder for logs."""

    text, environment = False, {"PATH": os.environ["PATH"]}

    def __init__(self, units, before=None, inside=()):
        super().__init__(INIT, INITCTL, units)
        self.logs = f"{self.folder}/logs"
        os.makedirs(self.logs, 0o750)
        if before is not None:
            before(self)
        self.start([word.replace("$D", self.folder) for word in inside])

    def start(self, before=()):
        super().start(before, "--logs", self.logs, stdout=subprocess.DEVNULL)

    def files(self, name):
        """The bytes of its files, the oldest first."""
        paths = glob.glob(f"{self.logs}/{name}.log") + glob.glob(f"{self.logs}/{name}.log.[0-9]*")
        paths.sort(key=lambda path: -int("0" + path.rsplit(".log", 1)[1].strip(".")))
        parts = []
        for path in paths:
            with open(path, "rb") as file:
                parts.append(file.read())
        return parts


def numbers(data):
    return [int(word) for word in re.findall(rb"Z line (\d+)\n", data)]


def files_are_capped_and_rotated():
    place = Place({"one": shell(count(9000) + f"touch $D/done; {SLEEP}", "LogLimit = 65536",
                                "LogFiles = 4"),
                   "none": shell(f"echo words; {SLEEP}", "LogLimit = 0")})
    place.exists("done")
    place.until(lambda: numbers(b"".join(place.files("one")))[-1:] == [8999])
    parts = place.files("one")
    found = numbers(b"".join(parts))
    check("there are as many files as may be", len(parts) == 4, place)
    check("none has more than its share", all(len(part) <= 16384 for part in parts) and
          sum(len(part) for part in parts) > 49152, place)
    check("no line is lost between two files", found == list(range(found[0], 9000)), place)
    check("each line has its time", all(len(STAMP.findall(part)) == part.count(b"\n")
                                        for part in parts), place)
    check("others can't read them", {os.stat(path).st_mode & 0o777
                                     for path in glob.glob(f"{place.logs}/*")} == {0o640}, place)
    check("LogLimit = 0 is no file", place.files("none") == [] and
          "log_file" not in place.unit("none"), place)
    said = place.unit("one")
    check("status names the file and its limits", said["log_file"] == f"{place.logs}/one.log" and
          (said["log_limit"], said["log_files"], said["log_dropped"]) == (65536, 4, 0), place)
    check("logs --all reads them", place.ask("logs", "one", "--all").stdout == b"".join(parts),
          place)
    check("what has no files is told", place.ask("logs", "none", "--all").returncode == 66, place)
    check("logs-clear removes them", place.ask("logs-clear", "one").returncode == 0 and
          place.files("one") == [] and place.ask("logs", "one").stdout == b"" and
          place.ask("logs", "one", "--all").stdout == b"", place)
    check("init ends", place.end() == 0, place)


def one_file_is_capped_too():
    place = Place({"one": shell(count(5000) + f"touch $D/done; {SLEEP}", "LogLimit = 16384",
                                "LogFiles = 1")})
    place.exists("done")
    place.until(lambda: numbers(b"".join(place.files("one")))[-1:] == [4999])
    parts = place.files("one")
    found = numbers(parts[0])
    check("the only file is cut", len(parts) == 1 and 0 < len(parts[0]) <= 16384, place)
    check("and has the newest lines, all of them", found == list(range(found[0], 5000)), place)
    place.end()


def bytes_stay_as_they_are():
    def before(place):
        with open(f"{place.folder}/bytes", "wb") as file:
            file.write(os.urandom(100000))

    place = Place({"one": shell(f"cat $D/bytes; {SLEEP}", "LogTimes = false")}, before)
    place.until(lambda: place.unit("one")["written"] == 100000)
    with open(f"{place.folder}/bytes", "rb") as file:
        check("without times a file has the bytes that were written",
              b"".join(place.files("one")) == file.read(), place)
    place.end()


def a_full_disk_stalls_nothing():
    """A file system of 128 KiB that something else has filled."""
    if subprocess.run(["unshare", "-U", "-r", "-m", "true"], capture_output=True).returncode:
        print("# skipped: there are no namespaces of users here")
        return SKIPPED
    place = Place({"one": shell(f"{count(200)} while [ ! -e $D/go ]; do sleep 0.05; done; "
                                f"{count(3000, 200)} touch $D/done; "
                                f"while [ ! -e $D/more ]; do sleep 0.05; done; echo again; {SLEEP}",
                                "LogLimit = 1_048_576"),
                   "two": shell(SLEEP)},
                  inside=["unshare", "-U", "-r", "-m", "sh", "-c",
                          "mount -t tmpfs -o size=131072 none $D/logs && "
                          "head -c 90112 /dev/zero >$D/logs/other && exec \"$@\"", "sh"])
    logs = f"/proc/{place.process.pid}/root{place.logs}"
    place.until(lambda: place.unit("one")["written"] >= 200 * 9 - 110)
    check("nothing is dropped yet", place.unit("one")["log_dropped"] == 0, place)
    write(f"{place.folder}/go", "")
    check("the unit goes on", place.exists("done"))
    check("what does not fit is counted", place.until(
        lambda: place.unit("one")["log_dropped"] > 0), place)
    check("and is in memory", place.until(
        lambda: place.ask("logs", "one", "-n", "1").stdout == b"line 3199\n"), place)
    check("others are answered", place.ask("status", "two").returncode == 0, place)
    check("it is said once", place.log().count("is lost there") == 1, place)
    os.unlink(f"{logs}/other")
    write(f"{place.folder}/more", "")

    def newest():
        with open(f"{logs}/one.log", "rb") as file:
            return file.read()

    check("where there is room again it goes on", place.until(
        lambda: newest().endswith(b"Z again\n")), place)
    check("with whole lines", all(STAMP.match(line) for line in newest().splitlines()), place)
    check("init ends", place.end() == 0, place)


def no_descriptors_stall_nothing():
    place = Place({"one": shell(f"while [ ! -e $D/go ]; do sleep 0.05; done; echo lost; "
                                f"touch $D/done; while [ ! -e $D/more ]; do sleep 0.05; done; "
                                f"echo kept; {SLEEP}")})
    pid = place.process.pid
    place.until(lambda: place.unit("one")["standing"] == "up")
    limit = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limit[1]))
    write(f"{place.folder}/go", "")
    check("a unit goes on though no file can be opened", place.exists("done"))
    check("which is said", place.until(lambda: "is lost there" in place.log()), place)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
    write(f"{place.folder}/more", "")
    check("the file is there as soon as it can be", place.until(
        lambda: b"".join(place.files("one")).endswith(b"Z kept\n")), place)
    check("what was dropped is counted", place.unit("one")["log_dropped"] == len("lost\n"), place)
    place.end()


def files_lead_nowhere_else():
    def before(place):
        write(f"{place.folder}/outside", "untouched")
        os.symlink(f"{place.folder}/outside", f"{place.logs}/link.log")
        os.mkfifo(f"{place.logs}/fifo.log")
        os.link(f"{place.folder}/outside", f"{place.logs}/hard.log")

    names = ("link", "fifo", "hard")
    place = Place({name: shell(f"echo words; touch $D/{name}; {SLEEP}") for name in names}, before)
    check("units run on", all(place.exists(name) for name in names))
    check("and what they write is counted", place.until(
        lambda: all(place.unit(name)["log_dropped"] == 6 for name in names)), place)
    with open(f"{place.folder}/outside", encoding="ascii") as file:
        check("what is behind a link stays as it is", file.read() == "untouched", place)
    place.end()


def another_init_goes_on_there():
    place = Place({"one": shell(f"printf cut; touch $D/first; {SLEEP}")})
    place.exists("first")
    place.until(lambda: b"".join(place.files("one")).endswith(b"cut"))
    second = Place({"one": shell(f"echo second; {SLEEP}")},
                   lambda other: (os.rmdir(other.logs), os.symlink(place.logs, other.logs)))
    check("two do not write into one folder", second.until(
        lambda: "another init writes there" in second.log()) and
        "log_file" not in second.unit("one"), second)
    second.end()
    left = place.unit("one")["pid"]
    place.process.kill()
    place.process.wait()
    os.kill(left, signal.SIGKILL)
    for name in ("one.log.9", "one.log.next"):
        write(f"{place.logs}/{name}", "old")
    place.add({"one": shell(f"echo after; {SLEEP}")})
    place.start()
    place.until(lambda: b"".join(place.files("one")).endswith(b"after\n"))
    data = b"".join(place.files("one"))
    check("a line that was cut is ended", re.fullmatch(
        rb"\S+Z cut\n\S+Z after\n", data) is not None, place)
    check("files above its number are gone", not os.path.exists(f"{place.logs}/one.log.9"), place)
    place.end()


def a_reload_changes_limits():
    more = shell(f"{count(3000)} touch $D/done; {SLEEP}", "LogLimit = 65536", "LogFiles = 4")
    place = Place({"one": more})
    place.exists("done")
    place.until(lambda: len(place.files("one")) == 4)
    os.unlink(f"{place.folder}/done")
    place.add({"one": more.replace("LogFiles = 4", "LogFiles = 1")})
    check("the limits are read anew", place.ask("reload").returncode == 0 and
          place.ask("restart", "one").returncode == 0 and place.exists("done"), place)
    check("and files above them go", place.until(lambda: len(place.files("one")) == 1), place)
    check("what is left is capped, and has the newest lines", place.until(
        lambda: numbers(place.files("one")[0])[-1:] == [2999]) and
        len(place.files("one")[0]) <= 65536, place)
    place.end()


def many_units_write_much():
    """Ten units and 50 MB, as fast as it goes."""
    names = [f"u{i}" for i in range(10)]
    place = Place({name: shell(f"yes a line of thirty bytes or so | head -c 5000000; "
                               f"touch $D/{name}; {SLEEP}") for name in names})
    answered = 0
    while not all(os.path.exists(f"{place.folder}/{name}") for name in names):
        answered += place.ask("ping").returncode == 0
        if answered > 100000:
            break
    check("init is asked meanwhile", answered > 0, place)
    check("all of it was taken", place.until(
        lambda: all(place.unit(name)["written"] == 5000000 for name in names)), place)
    check("and the newest is kept", all(place.unit(name)["kept"] == 16384 for name in names), place)
    check("nothing was dropped from files", all(
        place.unit(name)["log_dropped"] == 0 for name in names), place)
    check("which are bounded", all(sum(map(len, place.files(name))) <= 262144 for name in names),
          place)
    check("init ends", place.end() == 0, place)


def logs_are_streamed():
    text = "ä€" * 3001  # pieces of a reply cut it
    place = Place({"one": shell(f"echo begins; {SLEEP}")},
                  lambda other: write(f"{other.folder}/text", text))
    place.until(lambda: place.ask("logs", "one").stdout == b"begins\n")
    out = f"{place.folder}/out"
    check("logs-stream ends without -f", place.ask("logs-stream", "one", "-o", out).returncode == 0
          and place.ask("logs-stream", "one", "-o", out).stdout == b"", place)
    with open(out, "rb") as file:
        check("-o appends to a file", file.read() == b"begins\n" * 2, place)
    check("which others can't read", os.stat(out).st_mode & 0o777 == 0o600, place)
    follower = subprocess.Popen([INITCTL, "--socket", place.socket, "logs-stream", "one", "-f"],
                                stdout=subprocess.PIPE)
    check("-f begins with what is there", follower.stdout.readline() == b"begins\n")
    follower.send_signal(signal.SIGINT)
    check("an interrupt ends it", follower.wait(PATIENCE) == -signal.SIGINT)
    follower.stdout.close()
    place.add({"two": shell(f"cat $D/text; echo; {SLEEP}")})
    place.end()
    place.start()
    place.until(lambda: place.unit("two")["written"] == len(text.encode()) + 1)
    master, slave = pty.openpty()
    with subprocess.Popen([INITCTL, "--socket", place.socket, "logs", "two"], stdout=slave):
        os.close(slave)
        shown = b""
        try:
            while b"\n" not in shown:
                shown += os.read(master, 4096)
        except OSError:
            pass  # the terminal has no other end any more
    os.close(master)
    check("no character is cut on a terminal", shown.decode().rstrip("\r\n") == text)
    for words in (("logs", "one", "--all", "-f"), ("logs", "one", "--all", "-n", "1"),
                  ("list", "-o", out), ("logs-stream",)):
        check(f"misuse is refused: {' '.join(words[:3])}", place.ask(*words).returncode == 2, place)
    write(f"{place.folder}/bin/pipeline", "#!/bin/sh\necho \"$@\"\n", 0o755)
    subprocess.run([INITCTL, "--enclave", "demo", "logs-stream", "-f", "web", "-n", "5", "-o",
                    f"{place.folder}/there"], check=True,
                   env={"PATH": f"{place.folder}/bin:{os.environ['PATH']}"})
    with open(f"{place.folder}/there", encoding="ascii") as file:
        check("of an enclave it comes through pipeline, and -o is a file here", file.read() ==
              "exec --enclave demo -- initctl -f -n 5 logs-stream web\n", place)
    check("a file that can't be is told", place.ask(
        "logs", "one", "-o", f"{place.folder}/no/file").returncode == 74, place)
    place.end()


def an_enclave_has_them_in_memory():
    if libraries(INIT) or subprocess.run(NAMESPACES + ["true"], capture_output=True).returncode:
        print("# skipped: init of an image is static, and wants namespaces")
        return SKIPPED
    image = Image(INIT, units={
        "one": shell(f"echo words; {SLEEP}"),
        "two": shell("until grep -q \"Z words\" /run/log/one.log; do sleep 0.1; done; "
                     f"ls -l /run/log; echo found; {SLEEP}")})
    run = Run(image, Host(image.folder))
    check("log files of an enclave are in /run/log", run.wait_for("found") is not None and
          re.search("-rw-r-----.* one.log", run.said) is not None, run)
    run.signal(signal.SIGTERM)
    check("and it ends", run.end() is not None, run)


def main():
    tests(files_are_capped_and_rotated, one_file_is_capped_too, bytes_stay_as_they_are,
          a_full_disk_stalls_nothing, no_descriptors_stall_nothing, files_lead_nowhere_else,
          another_init_goes_on_there, a_reload_changes_limits, many_units_write_much, logs_are_streamed,
          an_enclave_has_them_in_memory)
    sys.exit(1 if FAILED else 0)


main()
