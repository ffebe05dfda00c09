"""units are ready when they say or show it, are watched, and are stopped as their files say.
Prints TAP-like lines.

usage: init_ready.py INIT INITCTL
"""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import sys
import tempfile

from init_asked import SLEEP, shell
from init_control import HELLO, Place, request
from init_place import FAILED, check, tests, write

LONG = "StartTimeout = 3600"  # for tests that are not about time

# A program that says on NOTIFY_SOCKET what it is given, and goes on when a file is there.
TELLER = """import os, socket, sys, time
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
to.connect("\\0" + os.environ["NOTIFY_SOCKET"][1:])
for word in sys.argv[1:]:
    if word.startswith("/"):
        while not os.path.exists(word):
            time.sleep(0.01)
    else:
        to.send(word.replace("|", "\\n").encode())
print("told", flush=True)
time.sleep(1000)
"""


# One that listens when it may.
LISTENER = """import os, socket, sys, time
while not os.path.exists(sys.argv[1] + "/go"):
    time.sleep(0.01)
to = socket.socket(socket.AF_UNIX)
to.bind(sys.argv[1] + "/listening")
to.listen()
time.sleep(1000)
"""


def teller(*words, lines=()):
    listed = ", ".join(f"'{word}'" for word in words)
    return "\n".join([f"ExecStart = ['{sys.executable}', '$P/teller', {listed}]", *lines, ""])


def waits(place, name, others="after"):
    """The unit is starting, and what requires it waits."""
    return place.until(lambda: place.unit(name)["state"] == "starting" and
                       place.unit(name)["pid"] > 0) and place.unit(others)["state"] == "blocked"


def a_oneshot_is_done_when_it_has_ended():
    place = Place({"once": shell("until [ -e $D/go ]; do sleep 0.05; done; [ ! -e $D/bad ]",
                                 "Type = 'oneshot'"),
                   "after": shell(SLEEP, "Requires = ['once']")})
    check("what requires it waits", waits(place, "once"), place)
    check("why says for what", place.until(
        lambda: "does its work" in place.ask("why", "once").stdout), place)
    write(f"{place.folder}/go", "")
    check("it is done, and others start", place.stands("once", "done") and
          place.stands("after", "up"), place)
    write(f"{place.folder}/bad", "")
    place.ask("stop", "once")
    check("when it is stopped, it is as if it had not been done",
          place.unit("once")["standing"] == "stopped" and
          place.unit("after")["standing"] == "stopped", place)
    check("one that fails is told", place.ask("start", "once").returncode == 76, place)
    check("and what requires it can't start", place.ask("start", "after").returncode == 76, place)
    place.end()


def ready_by_descriptor_socket_and_command():
    go = "until [ -e $D/go ]; do sleep 0.05; done; "
    units = {"fd": shell(go + "echo >&7; exec sleep 1000", "ReadyFd = 7", LONG),
             "socket": f"ExecStart = ['{sys.executable}', '$P/listener', '$D']\n"
                       f"ReadySocket = 'unix:$D/listening'\n{LONG}\n",
             "command": shell(go + "touch $D/made; exec sleep 1000",
                              "ReadyExec = 'test -e $D/made'", LONG)}
    place = Place(with_programs(
        units | {"after": shell(SLEEP, "Requires = ['fd', 'socket', 'command']")}))
    for name in units:
        check(f"{name}: not ready yet", waits(place, name), place)
    write(f"{place.folder}/go", "")
    for name in units:
        check(f"{name}: ready", place.until(lambda: place.unit(name)["state"] == "ready"), place)
    check("then others start", place.stands("after", "up"), place)
    place.end()


def who_is_not_ready_in_time_fails():
    place = Place({"mute": shell(SLEEP, "ReadyFd = 3", "StartTimeout = 1"),
                   "early": shell("exit 0", "ReadyFd = 3"),
                   "closes": shell("exec 3>&-; exec sleep 1000", "ReadyFd = 3",
                                   "StartTimeout = 1")})
    check("who says nothing is stopped, and has failed", place.stands("mute", "lost") and
          place.unit("mute")["state"] == "failed" and
          "it was not ready in time" in place.ask("why", "mute").stdout, place)
    check("and who closes the descriptor", place.stands("closes", "lost"), place)
    check("and who ends before, even well", place.stands("early", "lost") and
          "before it was ready" in place.ask("why", "early").stdout, place)
    place.end()


def with_programs(units):
    """Programs must be there before the units are: they are in $P."""
    folder = tempfile.mkdtemp(prefix="init-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write(f"{folder}/teller", TELLER)
    write(f"{folder}/listener", LISTENER)
    return {name: text.replace("$P", folder) for name, text in units.items()}


def notify_says_ready_and_status():
    place = Place(with_programs({
        "note": teller("STATUS=loading|JUNK", "$D/go", "READY=1|STATUS=serving",
                       lines=["Type = 'notify'", LONG]),
        "plain": shell("echo socket $NOTIFY_SOCKET; exec sleep 1000"),
        "after": shell(SLEEP, "Requires = ['note']")}))
    check("status is shown before it is ready", place.until(
        lambda: place.unit("note").get("said") == "loading") and waits(place, "note"), place)
    write(f"{place.folder}/go", "")
    check("READY=1 makes it ready", place.stands("after", "up") and
          place.unit("note")["state"] == "ready", place)
    check("its status is shown", place.unit("note")["said"] == "serving" and
          "serving" in place.ask("status", "note").stdout, place)
    check("who is not to notify knows no socket", place.until(
        lambda: place.ask("logs", "plain").stdout == "socket\n"), place)
    place.end()


def a_stranger_can_not_notify():
    place = Place(with_programs({
        "note": shell("echo $NOTIFY_SOCKET >$D/name; exec sleep 1000",
                      "Type = 'notify'", LONG),
        "other": shell(f"until [ -s $D/name ]; do sleep 0.05; done; NOTIFY_SOCKET=$(cat $D/name) "
                       f"exec {sys.executable} $P/teller READY=1 STATUS=mine")}))
    check("another unit has told", place.until(
        lambda: "told" in place.ask("logs", "other").stdout), place)
    check("and was not heard", place.unit("note")["state"] == "starting" and
          "said" not in place.unit("note") and "said" not in place.unit("other"), place)
    place.end()


def the_watchdog_bites():
    place = Place(with_programs({
        "silent": teller("READY=1", lines=["Type = 'notify'", "Watchdog = 1", LONG]),
        "unwell": teller("$D/go", "WATCHDOG=trigger", lines=["Watchdog = 3600"]),
        "again": teller("READY=1", lines=["Type = 'notify'", "Watchdog = 1", "RestartSec = 0",
                                          "Restart = 'on-failure'", LONG])}))
    check("who is silent is stopped, and has failed", place.stands("silent", "lost") and
          "Watchdog" in place.ask("why", "silent").stdout, place)
    check("and started again where its policy says so", place.until(
        lambda: place.unit("again")["starts"] > 1), place)
    check("who has more time runs", place.stands("unwell", "up"), place)
    write(f"{place.folder}/go", "")
    check("unless it says itself that it is unwell", place.stands("unwell", "lost"), place)
    place.end()


def who_is_unwell_is_started_again():
    place = Place({"one": shell("touch $D/well; exec sleep 1000", "HealthExec = 'test -e $D/well'",
                                "HealthInterval = 1", "HealthRetries = 2", "RestartSec = 0",
                                "Restart = 'on-failure'"),
                   "two": shell(SLEEP, "HealthExec = 'sleep 1000'", "HealthInterval = 1",
                                "HealthRetries = 1")})
    place.until(lambda: os.path.exists(f"{place.folder}/well"))
    place.stands("one", "up")
    first = place.unit("one")["pid"]
    with contextlib.suppress(FileNotFoundError):
        os.remove(f"{place.folder}/well")
    check("a new process follows", place.until(
        lambda: place.unit("one")["pid"] not in (0, first) and
        place.unit("one")["standing"] == "up"), place)
    check("a check that does not end has failed", place.stands("two", "lost") and
          "HealthExec has failed" in place.ask("why", "two").stdout, place)
    place.end()


def stopped_as_its_file_says():
    place = Place({"asks": shell("trap \"echo got USR1; exit 0\" USR1; echo begins; "
                                 "while true; do sleep 0.05; done", "StopSignal = 'SIGUSR1'",
                                 "ExecStop = ['sh', '-c', 'echo stop $MAINPID']"),
                   "hangs": shell("trap \"\" TERM; echo begins; while true; do sleep 0.05; done",
                                  "ExecStop = 'sleep 1000'", "StopTimeout = 1")})
    for name in ("asks", "hangs"):
        place.until(lambda: "begins" in place.ask("logs", name).stdout)
    pid = place.unit("asks")["pid"]
    check("it stops", place.ask("stop", "asks").returncode == 0, place)
    check("first ExecStop, then the signal", place.until(
        lambda: [line for line in place.ask("logs", "asks").stdout.splitlines()
                 if "User defined" not in line] == ["begins", f"stop {pid}", "got USR1"]), place)
    check("an ExecStop that hangs holds up nobody", place.ask("stop", "hangs").returncode == 0 and
          place.unit("hangs")["exit"] == 137, place)
    place.end()


def what_is_wanted_is_not_missed():
    place = Place({"no": shell("exit 3"), "want": shell(SLEEP, "Wants = ['no', 'nobody', 'yes']"),
                   "yes": shell(SLEEP), "need": shell(SLEEP, "BindsTo = ['nobody']")})
    check("who wants what has failed starts", place.stands("want", "up") and
          place.stands("no", "lost") and place.unit("want")["standing"] == "up", place)
    check("who is bound to what is not there is refused", "'nobody'" in
          place.ask("why", "need").stdout, place)
    check("graph says so", "want wants yes\n" in place.ask("graph").stdout, place)
    place.ask("stop", "yes")
    check("who wants it runs on", place.unit("want")["standing"] == "up", place)
    place.ask("stop", "want")
    check("and starts it when it is started", place.ask("start", "want").returncode == 0 and
          place.unit("yes")["standing"] == "up", place)
    place.end()


def a_milestone_is_reached_once():
    place = Place({"mark": shell("until [ -e $D/go ]; do sleep 0.05; done; echo >&3; "
                                 "until [ -e $D/end ]; do sleep 0.05; done; exit 3", "ReadyFd = 3",
                                 LONG),
                   "one": shell(SLEEP, "Milestone = ['mark']")})
    check("it is waited for", waits(place, "mark", "one"), place)
    write(f"{place.folder}/go", "")
    check("when it is ready, others start", place.stands("one", "up"), place)
    write(f"{place.folder}/end", "")
    check("its end does not matter", place.stands("mark", "lost") and
          place.unit("one")["standing"] == "up", place)
    check("not for the next start either", place.ask("restart", "one").returncode == 0, place)
    place.end()


def a_milestone_stays_reached():
    place = Place({"mark": shell("[ ! -e $D/end ] || exit 3; touch $D/was; exec sleep 1000"),
                   "one": shell(SLEEP, "Milestone = ['mark']")})
    check("both run", place.stands("one", "up") and place.until(
        lambda: os.path.exists(f"{place.folder}/was")), place)
    place.ask("stop", "mark")
    check("when it was stopped, who names it starts", place.unit("mark")["standing"] == "stopped"
          and place.ask("restart", "one").returncode == 0, place)
    write(f"{place.folder}/end", "")
    place.ask("start", "mark")
    check("it has failed", place.stands("mark", "lost"), place)
    place.ask("reset-failed", "mark")
    check("when that is forgotten, too", place.unit("mark")["standing"] == "stopped" and
          place.ask("restart", "one").returncode == 0 and
          place.unit("one")["standing"] == "up", place)
    place.end()


def a_stop_ends_the_search():
    """Also one that comes before init has heard that the unit's program runs: init finds both."""
    place = Place({"one": shell(SLEEP, "ReadySocket = 'unix:$D/listening'", LONG)})
    check("it stops", place.ask("stop", "one").returncode == 0, place)
    for _ in range(3):
        with place.connect() as start, place.connect() as stop:
            place.process.send_signal(signal.SIGSTOP)
            start.sendall(HELLO + request(1, 9, (4, b"one")))
            stop.sendall(HELLO + request(1, 10, (4, b"one")))
            place.process.send_signal(signal.SIGCONT)
            check("and again", place.until(lambda: place.ask("stop", "one").returncode == 0 and
                                           place.unit("one")["standing"] == "stopped"), place)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{place.folder}/listening")
        listener.listen()
        listener.settimeout(1)
        found = True
        try:
            listener.accept()
        except TimeoutError:
            found = False
    check("nobody looks for it", not found, place)
    place.end()


def who_is_bound_ends_with_it():
    place = Place({"base": shell("touch $D/runs; until [ -e $D/end ]; do sleep 0.05; done; "
                                 "rm $D/end; exit 3", "Restart = 'on-failure'", "RestartSec = 0"),
                   "bound": shell(SLEEP, "BindsTo = ['base']"),
                   "last": shell("until [ -e $D/last ]; do sleep 0.05; done"),
                   "tied": shell(SLEEP, "BindsTo = ['last']")})
    check("both run", place.stands("bound", "up") and place.stands("tied", "up"), place)
    write(f"{place.folder}/end", "")
    check("when it ends and is tried again, who is bound starts anew", place.until(
        lambda: place.unit("bound")["starts"] == 2 and place.unit("base")["starts"] == 2 and
        place.unit("bound")["standing"] == "up"), place)
    write(f"{place.folder}/last", "")
    check("when it ends for good, even well, who is bound is lost", place.stands("tied", "lost")
          and place.unit("last")["standing"] == "done" and "requires units that are lost" in
          place.ask("why", "tied").stdout, place)
    check("it is stopped with it", place.ask("stop", "base").returncode == 0 and
          place.unit("bound")["standing"] == "stopped", place)
    place.end()


def a_failure_ends_all():
    for how in ("reboot", "poweroff"):
        place = Place({"vital": shell("until [ -e $D/go ]; do sleep 0.05; done; exit 3",
                                      f"OnFailure = '{how}'"), "other": shell(SLEEP)})
        place.stands("other", "up")
        write(f"{place.folder}/go", "")
        check(f"OnFailure = {how} ends init", place.process.wait(60) == 0, place)
        with open(f"{place.folder}/log", encoding="utf-8") as file:
            check("as it says", f'"how":"{how}"' in file.read(), place)


def a_failure_during_a_restart_ends_nothing():
    place = Place({"vital": shell("until [ -e $D/go ]; do sleep 0.05; done; "
                                  "rm $D/go; exit 3", "OnFailure = 'reboot'"),
                   "app": shell("trap \"\" TERM; touch $D/deaf; until [ -e $D/stop ]; do "
                                "sleep 0.05; done", "Requires = ['vital']", "StopTimeout = 600")})
    place.until(lambda: os.path.exists(f"{place.folder}/deaf"))
    restart = place.begin("restart", "vital")
    check("what requires it stops first", place.until(
        lambda: place.unit("app")["state"] == "stopping"), place)
    write(f"{place.folder}/go", "")
    check("its own end now is what was asked for", place.until(
        lambda: not os.path.exists(f"{place.folder}/go")) and place.until(
        lambda: place.process.poll() is not None or place.unit("vital")["pid"] == 0 or
        place.unit("vital")["starts"] > 1) and place.process.poll() is None, place)
    write(f"{place.folder}/stop", "")
    check("both run again", restart.wait(60) == 0 and place.stands("vital", "up") and
          place.unit("vital")["starts"] == 2, place)
    place.end()
    with open(f"{place.folder}/log", encoding="utf-8") as file:
        check("and init has ended because it was told to", "OnFailure" not in file.read(), place)


DEAF = "trap \"\" TERM; touch $D/deaf; until [ -e $D/stop ]; do sleep 0.05; done"


def bound_to_what_ended(*more):
    """A unit that is to stop with what it is bound to, and waits for the one that comes after."""
    place = Place({"base": shell("until [ -e $D/end ]; do sleep 0.05; done; exit 3",
                                 "Restart = 'on-failure'", "RestartSec = 3600"),
                   "vital": shell("until [ -e $D/go ]; do sleep 0.05; done; rm $D/go; exit 3",
                                  "BindsTo = ['base']", "OnFailure = 'reboot'", *more),
                   "app": shell(DEAF, "BindsTo = ['vital']", "StopTimeout = 600")})
    place.exists("deaf")
    write(f"{place.folder}/end", "")
    check("who comes after it stops first", place.until(
        lambda: place.unit("app")["state"] == "stopping") and
        place.unit("vital")["state"] == "ready", place)
    return place


def come_back(place, *words):
    """Both that had ended may run again, and one of them is told to."""
    write(f"{place.folder}/stop", "")
    place.until(lambda: place.unit("app")["state"] == "blocked")
    for name in ("stop", "end"):
        os.remove(f"{place.folder}/{name}")
    return place.ask(*words).returncode == 0 and place.stands("app", "up") and \
        place.unit("vital")["starts"] == 2


def ends_without_failure(place):
    write(f"{place.folder}/stop", "")  # the deaf one would hold up the end
    return place.end() == 0 and "OnFailure" not in place.log()


def who_fails_before_its_bond_stops_it_has_failed():
    place = bound_to_what_ended()
    write(f"{place.folder}/go", "")
    check("its OnFailure counts", place.until(lambda: "OnFailure" in place.log()), place)
    write(f"{place.folder}/stop", "")
    check("and ends init", place.process.wait(60) == 0, place)
    place = bound_to_what_ended("Restart = 'always'", "RestartSec = 0")
    write(f"{place.folder}/go", "")
    check("where Restart applies, it is tried again", place.until(
        lambda: place.unit("vital")["state"] == "blocked"), place)
    check("with what it is bound to", come_back(place, "start", "base"), place)
    check("and nothing ends", ends_without_failure(place), place)


def who_was_told_to_start_before_that_starts_again():
    place = bound_to_what_ended()
    start = place.begin("start", "vital")
    check("an operator asks for a start", place.until(lambda: '"verb":9' in place.log()), place)
    write(f"{place.folder}/go", "")
    check("it has failed, and its OnFailure does not count", place.until(
        lambda: '"unit":"vital","status":3' in place.log()) and
        "OnFailure" not in place.log(), place)
    check("and it starts with what it is bound to", come_back(place, "start", "base") and
          start.wait(60) == 0, place)
    check("and nothing ends", ends_without_failure(place), place)


def a_stop_has_the_last_word():
    """Also over a restart that waits, when the unit was found unwell meanwhile."""
    place = Place({"vital": shell("trap \"\" TERM; until [ -e $D/die ]; do sleep 0.05; done",
                                  "HealthExec = 'test ! -e $D/sick'", "HealthInterval = 1",
                                  "HealthRetries = 1", "StopTimeout = 600"),
                   "app": shell(DEAF, "Requires = ['vital']", "StopTimeout = 600")})
    place.exists("deaf")
    restart = place.begin("restart", "vital")
    check("what requires it stops first", place.until(
        lambda: place.unit("app")["state"] == "stopping"), place)
    write(f"{place.folder}/sick", "")
    check("it is told to end, since it is unwell", place.until(
        lambda: place.unit("vital")["state"] == "stopping"), place)
    stop = place.begin("stop", "vital")
    check("an operator asks for a stop", place.until(lambda: '"verb":10' in place.log()), place)
    write(f"{place.folder}/stop", "")
    check("what requires it has stopped", place.until(
        lambda: place.unit("app")["pid"] == 0), place)
    write(f"{place.folder}/die", "")
    check("it stays down", stop.wait(60) == 0 and place.stands("vital", "stopped") and
          place.unit("vital")["starts"] == 1, place)
    restart.wait(60)
    place.end()


if __name__ == "__main__":
    tests(a_oneshot_is_done_when_it_has_ended, ready_by_descriptor_socket_and_command,
          who_is_not_ready_in_time_fails, notify_says_ready_and_status, a_stranger_can_not_notify,
          the_watchdog_bites, who_is_unwell_is_started_again, stopped_as_its_file_says,
          what_is_wanted_is_not_missed, a_milestone_is_reached_once, a_milestone_stays_reached,
          a_stop_ends_the_search, who_is_bound_ends_with_it, a_failure_ends_all,
          a_failure_during_a_restart_ends_nothing,
          who_fails_before_its_bond_stops_it_has_failed,
          who_was_told_to_start_before_that_starts_again, a_stop_has_the_last_word)
    sys.exit(1 if FAILED else 0)
