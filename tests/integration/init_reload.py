"""Another configuration at run time: reload as a diff, enable and disable. Prints TAP-like lines.

usage: init_reload.py INIT INITCTL
"""

import os
import signal
import sys

import init_asked
from init_asked import SLEEP, shell, until
from init_place import FAILED, check, tests

INIT, INITCTL = (os.path.abspath(word) for word in sys.argv[1:3])


def Place(units):  # noqa: N802
    return init_asked.Place(INIT, INITCTL, units).start()


def trap(name, *more):
    """Says that it can be told to end, and when it was, and ends when it may."""
    return shell(f"trap \"while [ -d $D/units -a ! -e $D/may_end ]; do sleep 0.05; done; "
                 f"echo {name} >>$D/order; "
                 f"exit 0\" TERM; echo {name} >>$D/armed; "
                 "while [ -d $D/units ]; do sleep 0.05; done",
                 "StopTimeout = 600", *more)


def armed(place, *names):
    """Whether these units have set their traps, sooner or later: they are up before that."""
    return until(lambda: set(place.content("armed").split()) >= set(names))


def let_end(place):
    with open(f"{place.folder}/may_end", "w", encoding="utf-8"):
        pass


def a_reload_is_a_diff():
    place = Place({"db": shell(f"echo one; echo two; {SLEEP}"), "web": shell(SLEEP, "Requires = ['db']"),
                   "old": shell(SLEEP)})
    check("units are up", all(place.stands(name, "up") for name in ("db", "web", "old")), place)
    follower = place.begin("logs", "-f", "db")
    check("a log is followed", follower.stdout.readline() == "one\n", place)
    before = place.pids()
    check("nothing has changed: all are as they were", place.changes("reload") ==
          ({"db": "unchanged", "old": "unchanged", "web": "unchanged"}, 0), place)
    place.write("web", shell(SLEEP, "Requires = ['db']", "Environment = ['A=b']"))
    place.write("new", shell(SLEEP, "Requires = ['web']"))
    place.write("off", shell(SLEEP, "ServiceEnable = false"))
    place.remove("old")
    check("what differs is told", place.changes("reload") ==
          ({"db": "unchanged", "new": "added", "off": "added", "web": "changed",
            "old": "removed"}, 0), place)
    check("what is new and enabled starts", place.stands("new", "up") and
          place.stands("off", "disabled"), place)
    check("what is gone is stopped and forgotten", until(lambda: "old" not in place.names()) and
          place.ask("status", "old").returncode == 66, place)
    after = place.pids()
    check("whoever stays keeps its process", [after[name] for name in ("db", "web")] ==
          [before[name] for name in ("db", "web")] and place.unit("db")["starts"] == 1, place)
    check("and who follows its log", follower.stdout.readline() == "two\n" and
          follower.poll() is None, place)
    check("and the log", place.ask("logs", "db").stdout == "one\ntwo\n", place)
    check("names are in order", place.names() == ["db", "new", "off", "web"], place)
    check("edges are those of the new set", set(place.ask("graph").stdout.splitlines()) ==
          {"web requires db", "new requires web"}, place)
    follower.kill()
    follower.communicate()
    check("init ends", place.end() == 0, place)


def changes_wait_for_the_next_start():
    place = Place({"web": shell("echo $A >>$D/said; exec sleep 1000", "Environment = ['A=old']"),
                   "idle": shell("echo $A >>$D/idle; exec sleep 1000", "Environment = ['A=old']")})
    check("they are up", until(lambda: place.content("said") == place.content("idle") == "old\n"), place)
    place.ask("stop", "idle")
    pid = place.unit("web")["pid"]
    for name, file in (("web", "said"), ("idle", "idle")):
        place.write(name, shell(f"echo $A >>$D/{file}; exec sleep 1000", "Environment = ['A=new']"))
    done = place.ask("reload")
    check("one is told to run by its old definition", "web, which runs by its old" in done.stdout and
          "idle\n" in done.stdout, place)
    check("status and list say so", place.unit("web").get("changed") is True and
          "changed" in place.ask("list").stdout and "changed" not in place.unit("idle"), place)
    check("what an operator has stopped stays stopped", place.unit("idle")["standing"] == "stopped",
          place)
    check("it is the same process", place.unit("web")["pid"] == pid and
          place.content("said") == "old\n", place)
    place.ask("restart", "web")
    place.ask("start", "idle")
    check("the next start is by the new one", until(lambda: place.content("said") == "old\nnew\n") and
          until(lambda: place.content("idle") == "old\nnew\n") and
          "changed" not in place.unit("web"), place)
    place.write("web", "ExecStart = 'true'\n")
    place.changes("reload")
    place.write("web", shell("echo $A >>$D/said; exec sleep 1000", "Environment = ['A=new']"))
    place.changes("reload")
    check("what is again as it was, is not changed", "changed" not in place.unit("web"), place)
    check("init ends", place.end() == 0, place)


def an_invalid_set_applies_nothing():
    units = {"db": shell(SLEEP), "web": shell(SLEEP, "Requires = ['db']")}
    place = Place(units)
    check("units are up", place.stands("web", "up"), place)
    before = place.pids()
    for what, name, text, said in (
            ("a wrong key", "bad", "ExecStart = 'true'\nRestrat = 'no'\n", "bad.service:2:1: "),
            ("no syntax", "bad", "ExecStart = 'true\n", "bad.service:1:"),
            ("a requirement that is missing", "bad", shell(SLEEP, "Requires = ['typo']"), "'typo'"),
            ("a circle", "db", shell(SLEEP, "After = ['web']"), "db -> web -> db"),
            ("a text that is too long", "bad", "#" + "x" * 270000, "262144")):
        place.write("more", shell(SLEEP))
        place.write(name, text)
        done = place.ask("reload")
        check(f"{what} is told", done.returncode == 65 and said in done.stderr and
              "reason: invalid" in done.stderr and done.stdout == "", place)
        rows = place.rows("reload")
        check("and is JSON", [row for row in rows if said in row["fault"]] != [], place)
        check("nothing is applied", place.pids() == before and
              place.ask("status", "more").returncode == 66, place)
        place.remove("more", name)
        place.write("db", units["db"])
    place.remove("db")
    check("what is required can't go", place.ask("reload").returncode == 65 and
          place.pids() == before, place)
    place.write("db", units["db"])
    for number in range(63):
        place.write(f"many{number}", "ExecStart = 'true'\nServiceEnable = false\n")
    done = place.ask("reload")
    check("one unit too many is refused", done.returncode == 65 and place.pids() == before, place)
    place.remove("many62")
    check("and as many as there may be are not", place.changes("reload")[1] == 0 and
          len(place.names()) == 64, place)
    for number in range(62):
        place.remove(f"many{number}")
    check("they go again", place.changes("reload")[1] == 0 and place.names() == ["db", "web"], place)
    place.process.send_signal(signal.SIGHUP)
    os.rename(f"{place.folder}/units", f"{place.folder}/gone")
    check("a folder that is gone is told", until(lambda: place.ask("reload").returncode == 66), place)
    check("and changes nothing", place.pids() == before, place)
    check("init ends", place.end() == 0, place)


def removed_units_stop_in_order():
    place = Place({"a": trap("a"), "b": trap("b", "Requires = ['a']"),
                   "c": trap("c", "Requires = ['b']"), "stays": shell(SLEEP)})
    check("units are up", place.stands("c", "up") and place.stands("stays", "up") and
          armed(place, "a", "b", "c"), place)
    pid = place.unit("stays")["pid"]
    place.remove("a", "b", "c")
    check("they are told to go", place.changes("reload") ==
          ({"a": "removed", "b": "removed", "c": "removed", "stays": "unchanged"}, 0), place)
    check("one that is stopping can't be started", place.ask("start", "a").returncode in (66, 76),
          place)
    check("a reload meanwhile does no harm", place.changes("reload") ==
          ({"stays": "unchanged"}, 0), place)
    let_end(place)
    check("all are forgotten", until(lambda: place.names() == ["stays"]), place)
    check("the last ones were stopped first", place.content("order") == "c\nb\na\n", place)
    check("who stays was not touched", place.unit("stays")["pid"] == pid, place)
    place.write("a", shell(SLEEP))
    place.changes("reload")
    check("a name may come again", place.stands("a", "up") and place.unit("a")["starts"] == 1, place)
    check("init ends", place.end() == 0, place)


def a_unit_comes_back_while_it_stops():
    place = Place({"slow": trap("slow"), "loop": shell("exit 3", "Restart = 'always'",
                                                       "RestartSec = 3600")})
    check("one is up, one waits for its next try", place.stands("slow", "up") and
          armed(place, "slow") and until(lambda: place.unit("loop")["state"] == "backoff"), place)
    waiting = place.begin("logs", "-f", "loop")
    place.remove("slow", "loop")
    place.changes("reload")
    check("who waits for a try is forgotten at once", "loop" not in place.names(), place)
    check("and who follows it is told", waiting.wait(60) == 66 and
          "reason: not_found" in waiting.communicate()[1], place)
    check("and why says what goes on", "was removed" in place.ask("why", "slow").stdout, place)
    place.write("slow", shell(SLEEP))
    place.changes("reload")
    let_end(place)
    check("who is back before its end starts anew", until(lambda: place.unit("slow")["starts"] == 2),
          place)
    check("by its new definition", "changed" not in place.unit("slow") and
          place.stands("slow", "up"), place)
    check("init ends", place.end() == 0, place)


def faults_are_mended():
    place = Place({"bad": "Nonsense = 1\n", "needs": shell(SLEEP, "Requires = ['bad']"),
                   "lacks": shell(SLEEP, "Requires = ['late']"), "fails": shell("exit 1")})
    check("they are lost", all(place.stands(name, "lost")
                               for name in ("bad", "needs", "lacks", "fails")), place)
    place.write("bad", shell(SLEEP))
    place.write("late", shell(SLEEP))
    check("all of it changes", place.changes("reload")[1] == 0, place)
    check("they start now", all(place.stands(name, "up")
                                for name in ("bad", "needs", "lacks", "late")), place)
    place.write("fails", shell(SLEEP))
    place.changes("reload")
    check("what has failed stays failed until it is started", place.unit("fails")["standing"] == "lost"
          and place.ask("start", "fails").returncode == 0, place)
    check("init ends", place.end() == 0, place)


def a_signal_reloads():
    place = Place({"one": shell(SLEEP)})
    place.write("two", shell(SLEEP))
    place.process.send_signal(signal.SIGHUP)
    check("SIGHUP is a reload", until(lambda: place.names() == ["one", "two"]) and
          place.stands("two", "up"), place)
    place.write("three", "Nonsense = 1\n")
    place.process.send_signal(signal.SIGHUP)
    check("and is told when it fails", until(lambda: '"reason":"invalid"' in place.log()) and
          place.names() == ["one", "two"], place)
    check("init ends", place.end() == 0, place)


def storms_do_no_harm():
    place = Place({"db": shell(SLEEP), "web": shell(SLEEP, "Requires = ['db']")})
    check("units are up", place.stands("web", "up"), place)
    before = place.pids()
    codes = set()
    for number in range(100):
        place.write("turn", shell(SLEEP, f"Environment = ['N={number}']"))
        if number % 3 == 0:
            place.process.send_signal(signal.SIGHUP)
        codes.add(place.ask("reload").returncode)
    check("100 reloads in a row", codes == {0}, place)
    asking = [place.begin("reload") for _ in range(6)]
    said = [process.communicate(timeout=180) and process.returncode for process in asking]
    check("six at the same time wait for each other", said == [0] * 6, place)
    for number in range(30):
        (place.remove if number % 2 == 0 else lambda name: place.write(name, shell(SLEEP)))("turn")
        codes.add(place.ask("reload").returncode)
    check("one unit comes and goes", codes == {0} and place.stands("turn", "up"), place)
    check("the others are the same processes", {name: place.pids()[name] for name in before} ==
          before, place)
    check("init ends", place.end() == 0, place)


def instances_are_enabled_and_disabled():
    place = Place({"worker@": shell("echo I am %i; exec sleep 1000"), "one": shell(SLEEP)})
    check("a template is no unit", place.stands("one", "up") and place.names() == ["one"], place)
    check("enable makes an instance of it", place.ask("enable", "worker@b", "--now").returncode == 0 and
          place.stands("worker@b", "up") and place.names() == ["one", "worker@b"], place)
    check("which knows its name", until(lambda: place.ask("logs", "worker@b").stdout == "I am b\n"),
          place)
    check("it is there after a reload", place.changes("reload") ==
          ({"one": "unchanged", "worker@b": "unchanged"}, 0), place)
    check("disable ends it", place.ask("disable", "worker@b", "--now").returncode == 0 and
          place.stands("worker@b", "disabled"), place)
    check("what has no template can't be enabled", place.ask("enable", "nobody@b").returncode == 66,
          place)
    check("init ends", place.end() == 0, place)


def units_are_enabled_and_disabled():
    place = Place({"on": shell(SLEEP), "off": shell(SLEEP, "ServiceEnable = false"),
                   "needs": shell(SLEEP, "Requires = ['on']"), "wrong": "Nonsense = 1\n"})
    place.write("aside.service.disabled", shell(SLEEP))
    check("they stand as their files say", place.stands("needs", "up") and
          place.stands("off", "disabled") and "aside" not in place.names(), place)
    pid = place.unit("on")["pid"]
    check("enable makes it one that can be started", place.changes("enable", "off")[0]["off"] ==
          "changed" and place.unit("off")["standing"] == "stopped", place)
    check("and start does", place.ask("start", "off").returncode == 0, place)
    check("--now does both", place.ask("enable", "aside", "--now").returncode == 0 and
          place.unit("aside")["standing"] == "up", place)
    check("again is no fault", place.ask("enable", "aside", "--now").returncode == 0, place)
    check("disable leaves the process", place.ask("disable", "on").returncode == 0 and
          place.unit("on")["pid"] == pid and place.unit("on").get("changed") is True, place)
    check("--now stops who requires it, and it", place.ask("disable", "on", "--now").returncode == 0
          and place.unit("on")["standing"] == "disabled" and
          place.unit("needs")["standing"] == "stopped", place)
    check("it can't be started", place.ask("start", "on").returncode == 76, place)
    place.write("off", shell(SLEEP, "ServiceEnable = false", "Environment = ['A=b']"))
    place.remove("wrong")
    check("a reload keeps what an operator has said", place.changes("reload")[1] == 0 and
          place.unit("on")["standing"] == "disabled" and place.unit("off")["standing"] == "up" and
          "aside" in place.names(), place)
    check("enable it again", place.ask("enable", "on", "--now").returncode == 0 and
          place.ask("start", "needs").returncode == 0, place)
    check("disable of what is aside stops it", place.ask("disable", "aside", "--now").returncode == 0
          and place.unit("aside")["standing"] == "disabled", place)
    for words in (("enable", "nobody"), ("enable", "../on"), ("disable", "nobody")):
        check(f"{words} is refused", place.ask(*words).returncode == 66, place)
    check("--now is for these two", place.ask("reload", "--now").returncode == 2, place)
    check("init ends", place.end() == 0, place)


def what_an_operator_says_is_kept():
    place = Place({"on": shell(SLEEP), "off": shell(SLEEP, "ServiceEnable = false"),
                   "wrong": "Nonsense = 1\n"})
    place.write("aside.service.disabled", shell(SLEEP))
    check("they are there", place.stands("on", "up") and place.stands("wrong", "lost"), place)
    done = place.ask("enable", "wrong")
    check("what has a fault can't be enabled, and the fault is told", done.returncode == 65 and
          "wrong.service:1:1: " in done.stderr, place)
    check("and can be disabled", place.ask("disable", "wrong").returncode == 0, place)
    check("what is enabled already can be enabled", place.changes("enable", "on")[1] == 0, place)
    check("and what is not, disabled", place.ask("disable", "off").returncode == 0 and
          place.ask("disable", "aside").returncode == 0, place)
    place.remove("wrong")
    place.write("on", shell(SLEEP, "ServiceEnable = false"))
    place.write("off", shell(SLEEP))
    place.ask("stop", "on")
    check("their files may say otherwise later", place.changes("reload")[1] == 0, place)
    check("that is kept", place.unit("on")["standing"] == "stopped" and
          place.unit("off")["standing"] == "disabled" and
          place.unit("aside")["standing"] == "disabled", place)
    check("init ends", place.end() == 0, place)


def relations_have_a_limit():
    """Those that leave keep theirs until they have left."""
    names = [[f"{kind}{number:02}" for number in range(32)] for kind in "ab"]
    lists = lambda some: f"Before = {some[1]}\nAfter = {some[0]}\n"
    some = lambda all_of, i: (all_of[:i], all_of[i + 1:])
    place = Place({name: trap("one") + lists(some(names[0], i)) for i, name in enumerate(names[0])})
    check("all are up", until(lambda: place.content("armed").count("one") == len(names[0])), place)
    before = place.pids()
    place.remove(*names[0])
    for i, name in enumerate(names[1]):
        place.write(name, shell(SLEEP, lists(some(names[1], i))))
    done = place.ask("reload")
    check("more of both than there is room for are refused", done.returncode == 76 and
          "reason: limit" in done.stderr and "relations" in done.stderr, place)
    check("and nothing is changed", place.pids() == before, place)
    place.remove(*names[1])
    let_end(place)
    check("in two steps it is well", place.changes("reload")[1] == 0 and
          until(lambda: place.names() == []), place)
    check("init ends", place.end() == 0, place)


def no_change_while_init_ends():
    place = Place({"stubborn": shell("trap \"touch $D/told\" TERM; touch $D/stubborn.traps; "
                                     "while :; do sleep 0.05; done", "StopTimeout = 600")})
    check("it is up", until(lambda: os.path.exists(f"{place.folder}/stubborn.traps")), place)
    place.write("late", shell("touch $D/late"))
    pid = place.unit("stubborn")["pid"]
    place.process.send_signal(signal.SIGTERM)
    check("init waits for it", until(lambda: os.path.exists(f"{place.folder}/told")), place)
    done = place.ask("reload")
    check("a reload is refused", done.returncode == 76 and "reason: stopping" in done.stderr, place)
    place.process.send_signal(signal.SIGHUP)
    os.kill(pid, signal.SIGKILL)
    check("init ends", place.process.wait(60) == 0 and
          not os.path.exists(f"{place.folder}/late"), place)


def who_follows_events_outlives_units():
    """A unit takes the first place that is free, which was nobody's when the events began."""
    place = Place({"one": shell(SLEEP)})
    check("it is up", place.stands("one", "up"), place)
    follower = place.begin("events", "-f")
    check("events are followed", "one" in follower.stdout.readline(), place)
    place.write("two", shell(SLEEP))
    place.ask("reload")
    check("a unit comes", place.stands("two", "up"), place)
    place.remove("two")
    place.ask("reload")
    check("and goes", until(lambda: "two" not in place.names()), place)
    place.ask("stop", "one")
    seen = next((line for line in follower.stdout if "one" in line and "inactive" in
                 line.split("->")[-1]), None)
    check("who follows sees what comes later", seen is not None, place)
    follower.kill()
    follower.communicate()
    check("init ends", place.end() == 0, place)


def main():
    tests(a_reload_is_a_diff, changes_wait_for_the_next_start, an_invalid_set_applies_nothing,
          removed_units_stop_in_order, a_unit_comes_back_while_it_stops, faults_are_mended,
          a_signal_reloads, storms_do_no_harm, units_are_enabled_and_disabled,
          instances_are_enabled_and_disabled, what_an_operator_says_is_kept,
          relations_have_a_limit, who_follows_events_outlives_units,
          no_change_while_init_ends)
    sys.exit(1 if FAILED else 0)


main()
