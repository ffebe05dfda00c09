"""init as PID 1 of new namespaces: boots trees of files, plays their host, and looks at what was
said. Prints TAP-like lines.

usage: init_pid1.py INIT      the program, static
"""

import os
import re
import shutil
import signal
import subprocess
import sys

from init_place import FAILED, NAMESPACES, Host, Image, Run, check, order, tests, write

INIT = os.path.abspath(sys.argv[1])

LEFT = 64 * 1024 * 1024  # bytes, more than the new root has
LOOK = """exec >&2
echo "pid1 $(cat /proc/1/comm) args $#"
ls -A / | while read name; do echo "root $name"; done
[ -c /dev/null ] && [ -e /dev/fd/0 ] && [ -d /proc/self ] && echo devices are there
[ -d /dev/pts ] && [ -d /dev/shm ] && touch /dev/shm/x /tmp/x /run/x && echo mounts are there
read host </proc/sys/kernel/hostname; echo "host $host"
read_options() { while read what where type options; do
[ "$where" = /proc ] && echo "options $options"; done </proc/self/mounts; }
read_options
cat /proc/net/if_inet6 /proc/net/fib_trie | head -40
echo looked
"""


def boots_in_order():
    image = Image(INIT, units={
        "c-first": "ExecStart = \"sh -c 'echo c-first >&2; exec sleep 1000'\"\n",
        "b-second": "ExecStart = [\"sh\", \"-c\", \"echo b-second >&2; exec sleep 1000\"]\n"
                    "Requires = [\"c-first\"]\nEnvironment = [\"WHO=b\"]\n",
        "a-third": "ExecStart = \"sh /look\"\nAfter = [\"b-second.service\"]\n",
        "off": "ExecStart = \"sh -c 'echo off >&2'\"\nServiceEnable = false\n",
    })
    write(f"{image.root}/look", LOOK)
    write(f"{image.root}/etc/hostname", "small\n")
    write(f"{image.tree}/nomodules", "not read\n")
    write(f"{image.tree}/deep/er/left", "x" * LEFT)
    host = Host(image.folder)
    run = Run(image, host, ["nomodules", "random.trust_cpu=on", "--help"], trace="boot,unit")
    check("the host hears that all units are up", host.wait("ready") in ("ready 3\n", "ready 2\n"),
          run)
    check("the heartbeat is one byte, 0xB7", host.heartbeats == [b"\xb7"])
    run.wait_for("looked")
    starts = [f'"a unit is up","unit":"{name}"' for name in ("c-first", "b-second", "a-third")]
    check("units start after those they name", run.says("c-first\n", "b-second\n", *starts) and
          order(run, *starts), run)
    check("foreign arguments are of no consequence", "usage" not in run.said, run)
    check("a unit that is not enabled does not start", "\noff" not in run.said, run)
    check("/rootfs is the root", "root look" in run.said and "root rootfs" not in run.said, run)
    check("devices and file systems are mounted",
          run.says("devices are there", "mounts are there"), run)
    root = os.statvfs(f"/proc/{run.pid()}/root")
    check("the old root is emptied, and the new one is not",
          0 < (root.f_blocks - root.f_bfree) * root.f_frsize < LEFT, run)
    check("processes are hidden from other users",
          re.search("options .*hidepid=(2|invisible)", run.said), run)
    sizes = {name: os.statvfs(f"/proc/{run.pid()}/root/{name}") for name in ("tmp", "run")}
    check("file systems in memory have sizes",
          sizes["tmp"].f_blocks > 2 * sizes["run"].f_blocks > 0, run)
    check("the image names its host", "host small" in run.said, run)
    check("loopback has its addresses", "127.0.0.1" in run.said and
          ("00000000000000000000000000000001" in run.said
           or not os.path.exists("/proc/net/if_inet6")), run)
    check("steps of machines are traced",
          run.says('"machine":"boot"', '"to":"ready"', '"machine":"unit"'), run)
    run.signal(signal.SIGTERM)
    check("a power off is the signal that reboot(2) sends", run.end() == -signal.SIGINT or
          run.process.returncode == 128 + signal.SIGINT, run)
    check("the farewell says how", host.wait("farewell") == "farewell 0 poweroff\n", run)
    stops = [run.said.find(f'"instance":{i},"from":"ready","event":"STOP"') for i in (1, 2)]
    check("units stop before those they need", -1 not in stops and stops == sorted(stops), run)
    image.remove()


def runs_a_command():
    image = Image(INIT, command=["sh", "-c", "echo \"$0 $GREETING\" >&2; (sleep 1 & exec sleep 0) ; "
                           "[ -e /cmd ] || echo removed >&2; exit 7", "two words"],
                  environment=["GREETING=hello", "PATH=/bin"])
    host = Host(image.folder)
    run = Run(image, host)
    check("the end of /cmd ends the enclave as AWS's init does",
          run.end() in (-signal.SIGHUP, 128 + signal.SIGHUP), run)
    check("lines of /cmd are words, lines of /env variables", run.says("two words hello"), run)
    check("the farewell has the command's status",
          host.wait("farewell") == "farewell 7 reboot\n", run)
    image.remove()


def goes_on_unheard():
    boots_before(None, "no host")
    boots_before("silent", "a silent host")
    boots_before("other", "a host that answers something else")


def boots_before(manner, what):
    image = Image(INIT, units={"one": "ExecStart = \"sleep 1000\"\n"})
    host = Host(image.folder, heartbeat=manner)
    run = Run(image, host)
    check(f"{what}: the boot goes on", host.wait("ready") == "ready 1\n", run)
    check(f"{what}: it is reported", run.says('"step":"heartbeat"'), run)
    run.signal(signal.SIGINT)
    check(f"{what}: a reboot is the signal that reboot(2) sends",
          run.end() in (-signal.SIGHUP, 128 + signal.SIGHUP), run)
    image.remove()


def stops_in_the_middle():
    image = Image(INIT, units={"one": "ExecStart = \"sh -c 'echo must not run >&2'\"\n"})
    host = Host(image.folder, heartbeat="silent")
    run = Run(image, host, trace="boot")
    run.wait_for('"effects":."heartbeat"')
    run.signal(signal.SIGTERM)
    check("a stop while the host is silent: an orderly end",
          run.end() is not None and host.wait("farewell") == "farewell 0 poweroff\n", run)
    check("and nothing was started", "must not run" not in run.said and host.lines == [
        "farewell 0 poweroff\n"], run)
    image.remove()


def survives_bad_units():
    image = Image(INIT, units={
        "good": "ExecStart = \"sleep 1000\"\n",
        "typo": "ExecStart = \"true\"\nRestrat = \"no\"\n",
        "gone": "ExecStart = \"/no/such/program\"\n",
        "needs-gone": "ExecStart = \"sh -c 'echo must not run >&2'\"\nRequires = [\"gone\"]\n",
        "needs-none": "ExecStart = \"true\"\nRequires = [\"nobody\"]\n",
        "ring-a": "ExecStart = \"true\"\nAfter = [\"ring-b\"]\n",
        "ring-b": "ExecStart = \"true\"\nAfter = [\"ring-a\"]\n",
        "crash": "ExecStart = \"sh -c 'echo crashing >&2; exit 3'\"\nRestart = \"on-failure\"\n"
                 "RestartSec = 0\n",
        "user": "ExecStart = \"true\"\nUser = \"nobody-knows\"\n",
        "limited": "ExecStart = \"sleep 1000\"\nMemoryMax = 1_000_000\nTasksMax = 5\n",
    })
    host = Host(image.folder)
    run = Run(image, host)
    check("a good unit is up beside bad ones",
          run.wait_for(r'"a unit is up","unit":"good"') is not None, run)
    check("an unknown key is reported with its place",
          run.wait_for(r"typo.service:2:1: unknown key 'Restrat'"), run)
    check("a missing program is reported", run.wait_for(r'"unit":"gone","reason":"not_found"'), run)
    check("who requires a lost unit is not started", run.wait_for(
        r'what it requires is lost","unit":"needs-gone"') and "must not run" not in run.said, run)
    check("a missing requirement is reported", run.says("there is no such unit"), run)
    check("a circle is reported, and who is in it",
          run.says("ring-a -> ring-b -> ring-a"), run)
    check("an unknown user is reported", run.says("no user 'nobody-knows'"), run)
    check("limits that can't be set are warned of, and the unit runs",
          run.says('"there are no control groups here: units run without their limits","units":1',
                   '"a unit is up","unit":"limited"'), run)
    check("who crashes is started again", run.wait_for(r"(?s)(crashing.*){3}"), run)
    check("readiness is not claimed", host.lines == [], run)
    run.signal(signal.SIGTERM)
    run.end()
    check("a farewell without readiness", host.wait("farewell") == "farewell 0 poweroff\n", run)
    image.remove()


def reaps_and_kills():
    image = Image(INIT, units={
        "parent": "ExecStart = \"sh /parent\"\n",
        "stubborn": "ExecStart = \"sh -c \\\"trap '' TERM; echo stubborn >&2; "
                    "while :; do sleep 1; done\\\"\"\nStopTimeout = 1\n",
    })
    shutil.copy2(f"{image.root}/bin/sleep", f"{image.root}/bin/nap")
    write(f"{image.root}/parent", """sh -c 'nap 0.2 & echo orphan >&2'
while :; do # a zombie keeps its name
	naps=0
	for file in /proc/[0-9]*/comm; do
		read name <$file && [ "$name" = nap ] && naps=1
	done 2>/dev/null
	[ $naps = 0 ] && break
done
echo reaped >&2
exec sleep 1000
""")
    host = Host(image.folder)
    run = Run(image, host)
    check("orphans are reaped", run.wait_for("orphan\n(.*\n)*reaped"), run)
    run.wait_for("stubborn\n")
    host.wait("ready")
    run.signal(signal.SIGTERM)
    check("a unit that ignores SIGTERM does not hold the end up", run.end() is not None, run)
    check("and its end is SIGKILL", run.says('"unit":"stubborn","status":137'), run)
    check("the farewell is said", (host.wait("farewell") or "").startswith("farewell 0 poweroff"),
          run)
    image.remove()


def asks_the_nsm():
    image = Image(INIT, units={"one": "ExecStart = \"sleep 1000\"\n"})
    host = Host(image.folder)
    host.play_nsm(b"nonsense")
    run = Run(image, host)
    check("an NSM that answers nonsense: the boot has failed",
          host.wait("farewell") == "farewell 125 reboot\n" and run.says('"step":"nsm"'), run)
    check("and nothing more was done", host.heartbeats == [], run)
    run.end()
    image.remove()


def word(text):
    return bytes([0x60 + len(text)]) + text.encode()


def an_nsm(request, random=b"\xa1" + word("random") + b"\x59\x01\x00" + b"r" * 256):
    """What an NSM says to the first two questions, and no more."""
    if request == word("DescribeNSM"):
        numbers = b"".join(word(f"version_{part}") + b"\x01" for part in ("major", "minor", "patch"))
        return b"\xa1" + word("DescribeNSM") + b"\xa7" + numbers + word("module_id") + \
            word("i-test") + word("max_pcrs") + b"\x18\x20" + word("locked_pcrs") + b"\x80" + \
            word("digest") + word("SHA384")
    if request == word("GetRandom") and random:
        return b"\xa1" + word("GetRandom") + random
    return b"\xa1" + word("Error") + word("InternalError")


def seeds_random_numbers():
    """The kernel's random numbers have a part of the NSM's, before anything is done with them."""
    for random, farewell in ((True, "farewell 125 reboot\n"), (False, "farewell 125 reboot\n")):
        image = Image(INIT, units={"one": "ExecStart = \"sleep 1000\"\n"})
        host = Host(image.folder)
        host.play_nsm(an_nsm if random else lambda request: an_nsm(request, None))
        run = Run(image, host)
        run.end()
        check("the NSM is asked for some", word("GetRandom") in host.asked, run)
        check("with them the boot goes on" if random else "without them it has failed",
              (host.heartbeats == [b"\xb7"]) == random and host.wait("farewell") == farewell and
              run.says('"step":"measure"' if random else '"step":"nsm"'), run)
        image.remove()


def names_a_module_that_is_refused():
    image = Image(INIT, units={"one": "ExecStart = \"sleep 1000\"\n"})
    write(f"{image.tree}/nsm.ko", "no module")
    host = Host(image.folder)
    run = Run(image, host)
    check("a module that the kernel refuses: the boot has failed, and says why",
          host.wait("farewell") == "farewell 125 reboot\n" and
          run.says('"step":"nsm"', "the kernel refuses /nsm.ko: "), run)
    run.end()
    image.remove()


def tells_its_health():
    image = Image(INIT, units={
        "steady": "ExecStart = \"sleep 1000\"\n",
        "work": "ExecStart = \"true\"\n",
        "off": "ExecStart = \"true\"\nServiceEnable = false\n",
        "weak": "ExecStart = \"sh -c 'until [ -e /run/vsock/fail ]; do sleep 0.1; done; exit 1'\"\n",
    })
    host = Host(image.folder, heartbeat="silent")
    run = Run(image, host)
    # Units are not read yet while the heartbeat waits for its answer.
    check("before readiness the health is told", host.asks("starting 0 0\n"), run)
    check("units that are to run, and run", host.asks("ready 2 2\n"), run)
    idle = [host.connect() for _ in range(9)]
    flood = host.connect()
    flood.settimeout(0.1)
    try:
        while True:
            flood.sendall(b"x" * 65536)
    except OSError:
        pass  # full, or closed
    check("who neither reads nor closes, or floods, holds nobody up", host.asks("ready 2 2\n"), run)
    for connection in idle + [flood]:
        connection.close()
    write(f"{host.folder}/fail", "")
    check("a unit that fails degrades it", host.asks("degraded 1 2\n"), run)
    run.signal(signal.SIGTERM)
    check("and it ends as usual", run.end() is not None, run)
    image.remove()


def refuses_an_empty_image():
    image = Image(INIT)
    host = Host(image.folder)
    run = Run(image, host)
    check("an image that names nothing to run fails", run.end() is not None, run)
    check("the farewell has the status of our own failures",
          host.wait("farewell") == "farewell 125 reboot\n", run)
    check("the reason is reported", run.says('"step":"configuration","reason":"missing"'), run)
    image.remove()


def is_a_root_itself():
    image = Image(INIT, units={"one": "ExecStart = \"sh -c 'ls -A / >&2; exec sleep 1000'\"\n"},
                  rootfs=False)
    host = Host(image.folder)
    run = Run(image, host)
    check("a ramdisk with units of its own is a root", host.wait("ready") == "ready 1\n", run)
    run.signal(signal.SIGTERM)
    run.end()
    image.remove()
    image = Image(INIT, command=["true"], rootfs=False)
    host = Host(image.folder)
    run = Run(image, host)
    run.end()
    check("one with /cmd and without /rootfs is none",
          host.wait("farewell") == "farewell 125 reboot\n" and run.says('"step":"root"'), run)
    image.remove()


def speaks_on_the_console():
    image = Image(INIT, units={"one": "ExecStart = \"sh -c 'echo to the console; exec sleep 1000'\"\n"})
    run = Run(image, terminal=True)
    check("a unit's output is on the console", run.wait_for("to the console"), run)
    check("the log is plain on a terminal", run.wait_for(r"info init: ready units=1"), run)
    run.signal(signal.SIGTERM)
    check("it ends without a host to tell", run.end() is not None, run)
    image.remove()


def main():
    if subprocess.run(NAMESPACES + ["true"], capture_output=True).returncode != 0:
        print("# skipped: no namespaces without privileges here")
        print("ok - nothing can be tested here")
        return
    tests(boots_in_order, runs_a_command, goes_on_unheard, stops_in_the_middle, survives_bad_units,
          reaps_and_kills, asks_the_nsm, seeds_random_numbers,
          names_a_module_that_is_refused, tells_its_health, refuses_an_empty_image,
          is_a_root_itself, speaks_on_the_console)
    sys.exit(1 if FAILED else 0)


main()
