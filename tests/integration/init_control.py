"""init is asked and told by initctl, over a Unix socket, and by those who mean no good.
Prints TAP-like lines.

usage: init_control.py INIT INITCTL
"""

import json
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import init_asked
from init_asked import SLEEP, shell
from init_place import (FAILED, NAMESPACES, PATIENCE, SKIPPED, Host, Image, Run, add_program, check,
                        libraries, tests, write)

INIT, INITCTL = (os.path.abspath(word) for word in sys.argv[1:3])
HELLO = struct.pack(">BBHI", 1, 0, 0, 10) + struct.pack(">HII", 1, 4, 1)


def request(number, verb, *fields):
    body = struct.pack(">HII", 3, 4, verb) + b"".join(
        struct.pack(">HI", tag, len(value)) + value for tag, value in fields)
    return struct.pack(">BBHI", 6, 0, number, len(body)) + body


class Place(init_asked.Place):
    """init over units; `before` goes before its command."""

    def __init__(self, units, before=(), **options):
        super().__init__(INIT, INITCTL, units)
        self.start(before, **options)

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(self.socket)
        return connection


def gone(connection):
    """Whether init ends this connection; what it says before is passed over."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    finally:
        connection.close()
    return True


def units_are_listed_and_explained():
    place = Place({"db": shell(SLEEP), "web": shell(SLEEP, "Requires = ['db']"),
                   "bad": shell("exit 3"), "needs": shell(SLEEP, "Requires = ['typo']"),
                   "wrong": "Nonsense = 1\nExecStart = 'x'\n", "off": shell(SLEEP) +
                   "ServiceEnable = false\n"})
    check("units come up", place.stands("web", "up") and place.stands("bad", "lost"), place)
    check("list has all of them in order", [row["name"] for row in place.rows("list")] ==
          ["bad", "db", "needs", "off", "web", "wrong"], place)
    check("status has one of them", place.unit("web")["pid"] > 1 and
          place.unit("bad")["exit"] == 3 and place.unit("off")["standing"] == "disabled", place)
    check("why says the line of a fault", "wrong.service:1:1: unknown key" in
          place.ask("why", "wrong").stdout, place)
    check("why says what is missing", "'typo'" in place.ask("why", "needs").stdout, place)
    check("graph says who waits for whom", place.ask("graph").stdout == "web requires db\n", place)
    check("and draws it", '"db" -> "web";' in place.ask("graph", "--dot").stdout, place)
    check("events tell what has happened", "web: starting -> ready" in place.ask("events").stdout,
          place)
    check("ps has the processes of units", {row["unit"] for row in place.rows("ps")} ==
          {"db", "web"}, place)
    check("system-status counts", place.rows("system-status")["lost"] == 3, place)
    check("ping is answered", place.ask("ping").returncode == 0, place)
    check("an unknown unit is named", place.ask("status", "nope").returncode == 66 and
          "'nope'" in place.ask("status", "nope").stderr, place)
    for words in ((), ("bogus",), ("start",), ("list", "x"), ("start", "a", "b"), ("-f", "list"),
                  ("logs", "-n", "x", "web")):
        check(f"misuse is refused: {' '.join(words)}", place.ask(*words).returncode == 2, place)
    check("init ends", place.end() == 0 and not os.path.exists(place.socket), place)
    check("and then can't be reached", place.ask("ping").returncode == 75, place)


def no_program_is_started_by_name():
    """`ps` shows, and does nothing else: what runs is in a unit's file, which was measured."""
    place = Place({"one": shell(SLEEP)})
    place.stands("one", "up")
    for words in (("ps", "start", "true"), ("ps", "start", "true", "--config", "x"),
                  ("start", "one", "--config", "x"), ("ps", "kill", "1"), ("exec", "true")):
        check(f"there is no `{' '.join(words)}`", place.ask(*words).returncode == 2, place)
    check("a program is no unit", place.ask("start", "/bin/true").returncode == 66, place)
    seconds = {row["name"]: row["seconds"] for row in place.rows("list")}["one"]
    check("how long a unit runs is its own time, not init's",
          0 <= seconds <= place.rows("system-status")["seconds"], place)
    place.end()


def a_folder_is_checked():
    with tempfile.TemporaryDirectory(prefix="init-") as folder:
        def checked():
            return subprocess.run([INIT, "--check", folder], capture_output=True, text=True,
                                  timeout=PATIENCE)

        write(f"{folder}/good.service", shell("touch started", "After = ['fine']",
                                              f"WorkingDirectory = '{folder}'"))
        write(f"{folder}/fine.service", "ExecStart = 'true'\n")
        done = checked()
        check("nothing is wrong", done.returncode == 0 and
              done.stdout == "2 units, 0 of them with a fault\n" and done.stderr == "")
        check("and nothing was started", not os.path.exists(f"{folder}/started"))
        write(f"{folder}/typo.service", "ExecStart = 'true'\nRestrat = 'no'\n")
        write(f"{folder}/needs.service", "ExecStart = 'true'\nRequires = ['nobody']\n")
        write(f"{folder}/ring.service", "ExecStart = 'true'\nAfter = ['ring']\n")
        done = checked()
        check("all that is wrong is told", done.returncode == 65 and all(
            word in done.stderr for word in ("typo.service:2:1: ", "'nobody'", "ring -> ring")) and
            done.stdout == "5 units, 3 of them with a fault\n")
        def asked(*words):
            return subprocess.run([INITCTL, "check", *words], capture_output=True, text=True,
                                  timeout=PATIENCE, cwd=folder)

        done = asked(folder)
        check("initctl has init check", done.returncode == 65 and "typo.service:2:1: " in done.stderr)
        done = asked("good.service", f"{folder}/fine.service")
        check("files are judged among the others", done.returncode == 0 and
              done.stdout == "2 units, 0 of them with a fault\n" and done.stderr == "")
        check("and only they", asked("typo.service").returncode == 65 and
              "'nobody'" not in asked("typo.service").stderr)
        rows = [json.loads(line) for line in asked("--json", ".").stdout.splitlines()]
        check("findings are JSON", {row.get("unit") for row in rows} ==
              {"typo", "needs", "ring", None} and rows[-1]["faulty"] == 3)
        for words in (["nope.service"], ["typo"], ["nope/x.service"], ["nope"]):
            check(f"what is not there is 66: {words[0]}", asked(*words).returncode == 66)
        check("and nothing at all is misuse", asked().returncode == 2)
    check("a folder that is not there is 66", checked().returncode == 66)


def units_are_stopped_and_started():
    place = Place({"db": shell(SLEEP), "web": shell(SLEEP, "Requires = ['db']"),
                   "other": shell(SLEEP, "After = ['db']"),
                   "loop": shell("exit 3", "Restart = 'always'", "RestartSec = 3600"),
                   "bad": shell("exit 3"), "none": "ExecStart = '/no/such/program'\n"})
    for name, standing in (("web", "up"), ("other", "up"), ("bad", "lost"), ("none", "lost")):
        place.stands(name, standing)
    before = {row["name"]: row["pid"] for row in place.rows("list")}
    check("stop stops what requires it first", place.ask("stop", "db").returncode == 0 and
          place.unit("web")["standing"] == "stopped" and
          place.unit("db")["standing"] == "stopped", place)
    check("and what only comes after it runs on", place.unit("other")["pid"] == before["other"],
          place)
    check("what was stopped is not missed", place.rows("system-status")["lost"] == 2, place)
    check("start starts what it requires", place.ask("start", "web").returncode == 0 and
          place.unit("db")["standing"] == "up" and place.unit("web")["starts"] == 2, place)
    check("restart restarts both", place.ask("restart", "db").returncode == 0 and
          place.stands("web", "up") and place.unit("db")["starts"] == 3 and
          place.unit("web")["starts"] == 3, place)
    check("a start that fails is told", place.ask("start", "none").returncode == 76 and
          "127" in place.ask("start", "none").stderr, place)
    place.ask("start", "bad")
    check("what has failed is tried again", place.unit("bad")["starts"] == 2 and
          place.stands("bad", "lost"), place)
    check("reset-failed forgets it", place.ask("reset-failed", "bad").returncode == 0 and
          place.unit("bad")["standing"] == "stopped", place)
    check("init ends", place.end() == 0, place)


def a_crash_loop_is_stopped_between_two_starts():
    place = Place({"loop": shell("exit 3", "Restart = 'always'", "RestartSec = 3600")})
    check("it waits for its next try", place.until(
        lambda: "tried again" in place.unit("loop")["why"]), place)
    check("it is stopped", place.ask("stop", "loop").returncode == 0 and
          place.unit("loop")["standing"] == "stopped", place)
    check("and started", place.ask("start", "loop").returncode in (0, 76) and
          place.unit("loop")["starts"] == 2, place)
    place.end()


def a_crash_loop_ends_in_failed():
    place = Place({"loop": shell("exit 3", "Restart = 'always'", "RestartSec = 0",
                                 "RestartLimit = 2", "RestartWindow = 3600")})
    check("it fails when its tries are used up", place.stands("loop", "lost") and
          place.unit("loop")["state"] == "failed" and place.unit("loop")["starts"] == 3, place)
    check("and why says so", "it ended with status 3, after 2 tries in 3600 s" in
          place.ask("why", "loop").stdout, place)
    check("a start begins anew", place.ask("start", "loop").returncode in
          (0, 76) and place.stands("loop", "lost") and place.unit("loop")["starts"] == 6, place)
    check("every move was told", [line.split(": ")[1] for line in
                                  place.ask("events").stdout.splitlines() if " loop: " in line][:7]
          == ["inactive -> blocked", "blocked -> starting", "starting -> ready",
              "ready -> backoff", "backoff -> blocked", "blocked -> starting",
              "starting -> ready"], place)
    place.end()


def restart_waits_for_the_old_process():
    place = Place({"one": shell("trap \"sleep 1; echo old has ended; exit 0\" TERM; "
                                "echo begins; while true; do sleep 0.1; done")})
    place.until(lambda: "begins" in place.ask("logs", "one").stdout)
    check("restart is done when the new one runs", place.ask("restart", "one").returncode == 0)
    place.until(lambda: place.ask("logs", "one").stdout.count("begins") == 2)
    check("which begins when the old one has ended", [
        line for line in place.ask("logs", "one").stdout.splitlines() if line != "Terminated"] ==
        ["begins", "old has ended", "begins"], place)
    place.end()


def logs_are_read_and_followed():
    place = Place({"one": shell("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; "
                                "touch $D/done; until [ -e $D/go ]; do sleep 0.05; done; "
                                "echo more; exec sleep 1000")})
    place.until(lambda: os.path.exists(f"{place.folder}/done"))
    place.until(lambda: "line 2999\n" in place.ask("logs", "one").stdout)
    kept = place.ask("logs", "one").stdout
    check("the newest bytes are kept, and no more", len(kept) == 16384 and
          kept.endswith("line 2998\nline 2999\n"), place)
    check("what was overwritten is counted", place.unit("one")["written"] > 16384 ==
          place.unit("one")["kept"], place)
    check("-n has the last lines", place.ask("logs", "one", "-n", "2").stdout ==
          "line 2998\nline 2999\n", place)
    check("as JSON too", json.loads(place.ask("logs", "one", "-n", "1", "--json").stdout) ==
          {"unit": "one", "text": "line 2999"}, place)
    follower = place.begin("logs", "-f", "-n", "1", "one")
    events = place.begin("events", "-f", "--json")
    check("a follower reads what is there", follower.stdout.readline() == "line 2999\n")
    write(f"{place.folder}/go", "")
    check("and what comes", follower.stdout.readline() == "more\n")
    check("logs-clear forgets", place.ask("logs-clear", "one").returncode == 0 and
          place.ask("logs", "one").stdout == "", place)
    place.ask("stop", "one")
    check("events are followed", any(json.loads(line)["to"] == "stopping"
                                     for line in events.stdout))
    place.end()
    check("followers end with init", follower.wait(PATIENCE) == 74 and
          events.wait(PATIENCE) == 74)
    follower.stdout.close()
    events.stdout.close()


def text_is_escaped():
    place = Place({"one": shell("printf \"red \\\\033[31m \\\\377 äöü\\\\n\"; exec sleep 1000")})
    place.until(lambda: "red" in place.ask("logs", "one", "--json").stdout)
    check("JSON is JSON whatever was written", json.loads(
        place.ask("logs", "one", "--json").stdout)["text"] == "red \x1b[31m \ufffd äöü", place)
    master, slave = pty.openpty()
    subprocess.run([INITCTL, "--socket", place.socket, "logs", "one"], stdout=slave, check=True)
    os.close(slave)
    shown = b""
    try:
        while b"\n" not in shown:
            shown += os.read(master, 4096)
    except OSError:
        pass  # the terminal has no other end any more
    os.close(master)
    with open("/dev/full", "wb") as full:
        check("output that is lost is told", subprocess.run(
            [INITCTL, "--socket", place.socket, "list"], stdout=full, stderr=subprocess.DEVNULL,
            check=False).returncode == 74)
    check("a terminal gets no escapes", shown.startswith(
        "red \\x1b[31m \\xff äöü".encode()), place)
    place.end()


def a_reader_that_stops_stalls_nothing():
    place = Place({"one": shell("while true; do echo many words in a line; done")})
    place.stands("one", "up")
    idle = [place.connect() for _ in range(6)]
    for connection in idle:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        connection.sendall(HELLO + request(1, 7, (4, b"one"), (6, struct.pack(">I", 1))))
    check("others are answered", place.ask("status", "one").returncode == 0, place)
    before = place.unit("one")["written"]
    check("the unit goes on", place.until(lambda: place.unit("one")["written"] > before + 100000),
          place)
    check("who does not read is let go", all(gone_slowly(connection) for connection in idle))
    check("init ends", place.end() == 0, place)


def gone_slowly(connection):
    """Nothing is read until init must have given it up."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            connection.send(b"x")
        except OSError:
            connection.close()
            return True
        time.sleep(0.05)
    return False


def requests_that_are_none_are_refused():
    place = Place({"one": shell(SLEEP)})
    place.stands("one", "up")
    long = struct.pack(">BBHI", 6, 0, 1, 1 << 30)
    for what, bytes_ in (
            ("a gigabyte", HELLO + long), ("a frame of no type", b"\xff" * 64),
            ("HTTP", b"GET / HTTP/1.1\r\n\r\n"), ("a request before HELLO", request(1, 1)),
            ("two HELLOs", HELLO * 2), ("an unknown verb", HELLO + request(1, 99)),
            ("an unknown field", HELLO + request(1, 1, (99, b""))),
            ("a field that is cut", HELLO + struct.pack(">BBHI", 6, 0, 1, 3) + b"\0\3\0"),
            ("a name with a NUL", HELLO + request(1, 3, (4, b"a\0b"))),
            ("a name without end", HELLO + request(1, 3, (4, b"x" * 3000)))):
        connection = place.connect()
        connection.sendall(bytes_)
        check(f"{what} ends the connection", gone(connection), place)
    connection = place.connect()
    connection.sendall(HELLO + b"".join(request(n, 3, (4, b"nope")) for n in range(1, 501)))
    answers = b""
    while answers.count(b"not_found") < 500 and (chunk := connection.recv(65536)):
        answers += chunk
    check("five hundred requests in a row are answered", answers.count(b"not_found") == 500)
    connection.close()
    for name in ("../one", "/etc/passwd", "-1", "one/", ""):
        check(f"no unit is called '{name}'", place.ask("stop", "--", name).returncode == 66, place)
    check("init goes on", place.ask("ping").returncode == 0 and
          place.unit("one")["starts"] == 1, place)
    place.end()


def a_request_cut_anywhere_is_read():
    place = Place({"one": shell(SLEEP)})
    place.stands("one", "up")
    connection = place.connect()
    for byte in HELLO + request(7, 1):
        connection.send(bytes([byte]))
    answer = b""
    while len(answer) < 8 + 20 + 8 + 10 and (chunk := connection.recv(4096)):
        answer += chunk
    check("byte by byte it is understood", answer.endswith(
        struct.pack(">BBHI", 9, 0, 7, 10) + struct.pack(">HII", 7, 4, 0)))
    connection.close()
    place.end()


def clients_are_few_and_have_deadlines():
    place = Place({"one": shell(SLEEP)})
    slow = [place.connect() for _ in range(8)]
    slow[0].send(HELLO[:5])
    check("eight that say nothing are let go, and then others are served",
          place.ask("ping").returncode == 0 and all(gone(connection) for connection in slow), place)
    check("init has not crashed", place.process.poll() is None)
    place.end()


def others_are_not_permitted():
    if os.geteuid() != 0:
        print("# skipped: another user wants privileges")
        return SKIPPED
    place = Place({"one": shell(SLEEP)})
    os.chmod(place.folder, 0o755)
    os.chmod(place.socket, 0o777)
    done = subprocess.run([sys.executable, "-c", (
        "import os, socket, sys; os.setgid(65534); os.setuid(65534);"
        "c = socket.socket(socket.AF_UNIX); c.settimeout(60); c.connect(sys.argv[1]);"
        "print('connected', flush=True); c.send(bytes.fromhex(sys.argv[2]));"
        "print('answer', c.recv(1))"), place.socket, HELLO.hex()], capture_output=True, text=True)
    place.said = str(done)
    told = re.findall("connected|b'.+'", done.stdout)  # a reset, or the end
    check("another user is sent away, and it is logged", told == ["connected"] and
          place.until(lambda: "not permitted" in open(f"{place.folder}/log").read()), place)
    place.end()


def no_unit_gets_sockets_of_init():
    place = Place({"one": shell("ls -l /proc/self/fd | grep -c socket; exec sleep 1000")})
    busy = [place.connect() for _ in range(3)]
    place.until(lambda: place.ask("logs", "one").stdout.count("0\n") == 1)
    place.ask("restart", "one")
    place.until(lambda: place.ask("logs", "one").stdout.count("0\n") == 2)
    check("it has none", place.ask("logs", "one").stdout == "0\n0\n", place)
    for connection in busy:
        connection.close()
    place.end()


def reboot_and_shutdown_end_it():
    for verb in ("reboot", "shutdown"):
        place = Place({"one": shell(SLEEP)})
        place.stands("one", "up")
        check(f"{verb} is answered", place.ask(verb).returncode == 0, place)
        check(f"{verb} ends init", place.process.wait(PATIENCE) == 0)


def an_enclave_is_entered_by_pipeline():
    with tempfile.TemporaryDirectory(prefix="init-") as folder:
        write(f"{folder}/pipeline", "#!/bin/sh\necho \"$@\"\nexit 7\n", 0o755)
        done = subprocess.run([INITCTL, "--enclave", "e", "logs", "one", "-f", "-n", "3", "--json"],
                              env={"PATH": f"{folder}:/usr/bin:/bin"}, capture_output=True,
                              text=True)
    check("the same is asked inside, and its code is ours", done.returncode == 7 and
          done.stdout == "exec --enclave e -- initctl --json -f -n 3 logs one\n")


def the_host_may_observe_and_nothing_else():
    if libraries(INIT) or subprocess.run(NAMESPACES + ["true"], capture_output=True).returncode:
        print("# skipped: init of an image is static, and wants namespaces")
        return SKIPPED
    tells = ("$_ = $ENV{NOTIFY_SOCKET}; s/^@/\\0/; socket(S, 1, 2, 0); "
             "send(S, qq(STATUS=secret\\nREADY=1), 0, pack(q(Sa*), 1, $_)); sleep 1000")
    image = Image(INIT, units={"one": shell("echo secret; exec sleep 1000"),
                               "tells": f"ExecStart = ['perl', '-e', '{tells}']\nType = 'notify'\n"})
    shutil.copy2(INITCTL, f"{image.root}/bin/initctl")
    add_program(image.root, "perl")
    write(f"{image.root}/etc/cloister/units/two.service", shell(
        "until initctl status one | grep -q up; do sleep 0.1; done; initctl stop one; "
        "echo code $? >&2; exec sleep 1000"))
    host = Host(image.folder)
    run = Run(image, host)
    run.wait_for('"message":"ready"')

    def ask(*words):
        return subprocess.run([INITCTL, "--socket", f"{host.folder}/any/9003", *words],
                              capture_output=True, text=True, timeout=3 * PATIENCE)

    check("the host may list", '"one"' in ask("list", "--json").stdout, run)
    for words in (("status", "tells", "--json"), ("why", "tells")):
        done = ask(*words)
        check(f"it may {words[0]}, and is not told what a unit says of itself",
              done.returncode == 0 and "runs as process" in done.stdout and
              "secret" not in done.stdout, run)
    for words in (("stop", "two"), ("logs", "one"), ("reboot",), ("logs-clear", "one")):
        done = ask(*words)
        check(f"it may not: {' '.join(words)}", done.returncode == 77 and
              "secret" not in done.stdout, run)
    check("inside, root may, at the usual place", run.wait_for("code 0") is not None, run)
    run.signal(signal.SIGTERM)
    check("and it ends", run.end() is not None, run)


if __name__ == "__main__":
    tests(no_program_is_started_by_name, a_folder_is_checked, units_are_listed_and_explained, units_are_stopped_and_started,
          a_crash_loop_is_stopped_between_two_starts, a_crash_loop_ends_in_failed,
          restart_waits_for_the_old_process,
          logs_are_read_and_followed, text_is_escaped, a_reader_that_stops_stalls_nothing,
          requests_that_are_none_are_refused, a_request_cut_anywhere_is_read,
          clients_are_few_and_have_deadlines, others_are_not_permitted,
          no_unit_gets_sockets_of_init, reboot_and_shutdown_end_it,
          an_enclave_is_entered_by_pipeline, the_host_may_observe_and_nothing_else)
    sys.exit(1 if FAILED else 0)
