"""Configuration that comes at run time is measured before it is applied: init as PID 1 with nsmsim
as its NSM, and an operator inside. Prints TAP-like lines.

usage: init_changes.py BIN      the folder of init, initctl, attest, eif and nsmsim
"""

import shutil
import signal
import subprocess
import sys

from init_asked import until
from init_measure import BIN, Nsm, content_of, event, replay
from init_place import FAILED, NAMESPACES, Host, Image, Run, check, tests, write

LATE = "ExecStart = '/bin/sleep 1000'\n"
LATER = "ExecStart = '/bin/sleep 2000'\n"


def boot(steps, settings=None, units=None, files=None, nsms=()):
    """Boots an image whose operator takes these steps; `show NAME` leaves the events for the host,
    `ask WORDS` says what initctl answers."""
    image = Image(f"{BIN}/init", units={"operator": "ExecStart = '/bin/sh /operator'\n",
                                        **(units or {})})
    shutil.copy2(f"{BIN}/initctl", f"{image.root}/bin/initctl")
    for path, source in (files or {}).items():
        write(f"{image.root}/{path}", "A=b\n")
        if source is not None:
            shutil.copy2(f"{image.root}/{source}", f"{image.root}/{path}")
    write(f"{image.root}/late", LATE)
    write(f"{image.root}/later", LATER)
    write(f"{image.root}/operator", f"""
show() {{ cat /run/cloister/boot.events >/run/vsock/$1; }}
ask() {{ initctl "$@" 2>&1; echo "answer $1 $?"; }}
cd /etc/cloister/units
{steps}
echo all done
exec sleep 1000
""")
    if settings is not None:
        write(f"{image.root}/etc/cloister/init.conf", settings)
    host = Host(image.folder)
    nsm = Nsm(host)
    others = [Nsm(host, name) for name in nsms]
    run = Run(image, host)
    run.wait_for('all done|"the boot has failed"')
    for other in others:
        other.close()
    return image, host, nsm, run


def end(image, nsm, run):
    run.signal(signal.SIGTERM)
    run.end()
    nsm.close()
    image.remove()


def shown(host, name):
    try:
        return content_of(f"{host.folder}/{name}").decode()
    except OSError:
        return ""


def sleeps(image, *names):
    """Events of unit files, all of which run sleep."""
    program = event("exec /bin/sleep", content_of(f"{image.root}/bin/sleep"), 17)
    return "".join(event(f"unit {name}.service", text.encode(), 17) + program
                   for name, text in names)


def of_run_time(events):
    return "".join(line for line in events.splitlines(keepends=True) if line.startswith("17 "))


def the_first_change_locks_the_register():
    image, host, nsm, run = boot("""
show before
cat /late >late.service
ask reload
ask status late
show after
cat /later >late.service
ask reload
ask list
ask check /etc/cloister/units late.service
show locked
""")
    before, after = shown(host, "before"), shown(host, "after")
    check("nothing was measured at run time", of_run_time(before) == "" != before, run)
    check("a change is measured, behind what the boot was",
          after == before + sleeps(image, ("late", LATE)), run)
    check("and applied", run.says("answer reload 0", "answer status 0"), run)
    check("register 17 is that of the log, and locked",
          nsm.register(17) == (replay(of_run_time(after)), True), run)
    check("attest verifies the log", nsm.verify(after) == (0, "") and
          nsm.verify(before) == (76, "pcr"), run)
    check("a second change is refused", run.says("answer reload 77", "reason: locked"), run)
    check("initctl check has init, process 1, judge the files", run.says("answer check 0"), run)
    check("and nothing of it is told or applied", shown(host, "locked") == after and
          " changed" not in run.said.rpartition("answer reload 77")[2], run)
    end(image, nsm, run)


def many_changes_leave_it_open():
    image, host, nsm, run = boot("""
cat /late >late.service
ask reload
ask reload
cat /later >late.service
cat /late >aside.service.disabled
ask reload
ask enable aside
ask enable off --now
ask enable operator
ask enable operator
ask disable late
rm late.service
ask reload
echo Nonsense = 1 >late.service
ask reload
show all
""", "RunTimeChanges = 'many'\n", {"off": "ServiceEnable = false\n" + LATE})
    expected = (sleeps(image, ("late", LATE)) + sleeps(image, ("late", LATER)) +
                event("enable aside.service", b"", 17) + sleeps(image, ("aside", LATE)) +
                event("enable off.service", b"", 17) +
                sleeps(image, ("off", "ServiceEnable = false\n" + LATE)) +
                event("enable operator.service", b"", 17) +
                event("disable late.service", b"", 17) + sleeps(image, ("late", LATER)) +
                event("removed late.service", b"", 17))
    found = shown(host, "all")
    check("each change is measured, and what is none is not", of_run_time(found) == expected, run)
    check("register 17 is that of the log, and open",
          nsm.register(17) == (replay(expected), False), run)
    check("what the image says of init is measured at boot", found.startswith(
        event("file /etc/cloister/init.conf", b"RunTimeChanges = 'many'\n")), run)
    check("a set that is refused is not measured", run.says("answer reload 65"), run)
    end(image, nsm, run)


def an_image_may_permit_none():
    image, host, nsm, run = boot("""
cat /late >late.service
ask reload
ask enable operator
show all
""", "RunTimeChanges = \"none\"\n")
    check("no change is permitted", run.says("answer reload 77", "answer enable 77",
                                             "reason: denied"), run)
    check("register 17 is locked while it is zero", nsm.register(17) == (bytes(48), True), run)
    check("and attest accepts that", nsm.verify(shown(host, "all")) == (0, ""), run)
    end(image, nsm, run)


def no_change_before_there_are_units():
    image = Image(f"{BIN}/init", units={"one": LATE})
    host = Host(image.folder, heartbeat="silent")
    run = Run(image, host)
    check("the boot waits for the host", until(lambda: host.heartbeats), run)
    run.signal(signal.SIGHUP)
    check("a signal to reload is refused", run.says('"reason":"starting"'), run)
    check("and the boot goes on", run.says('"unit":"one"', '"ready"'), run)
    check("with one process", run.said.count('"a unit is up"') == 1, run)
    run.signal(signal.SIGTERM)
    run.end()
    image.remove()


def what_was_lost_is_measured_at_the_boot():
    """Who waits for what is not enabled can start when that is: nothing about it is new then."""
    waits = "ExecStart = '/bin/sleep 1000'\nRequires = ['off']\n"
    off = "ServiceEnable = false\n" + LATE
    image, host, nsm, run = boot("""
ask enable off --now
ask start waits
show all
""", None, {"off": off, "waits": waits})
    found = shown(host, "all")
    check("what was lost at the boot can be started", run.says("answer start 0"), run)
    check("and was measured then", event("unit waits.service", waits.encode()) in found, run)
    check("and the change is what has changed", of_run_time(found) ==
          event("enable off.service", b"", 17) + sleeps(image, ("off", off)), run)
    end(image, nsm, run)


def without_its_nsm_nothing_changes():
    image, host, nsm, run = boot("""
cat /late >late.service
mount -t tmpfs none /dev
ask reload
ln -s /run/vsock/other /dev/nsm
ask reload
ask status late
show before
umount -l /dev
ask reload
ask status late
""", nsms=("other",))
    check("an NSM that is gone, or another one: no change", run.said.count("answer reload 76") == 2
          and run.says("answer status 66"), run)
    check("and nothing of it is told", of_run_time(shown(host, "before")) == "", run)
    check("when it is there again, it is", run.says("answer reload 0", "answer status 0") and
          nsm.register(17)[1], run)
    end(image, nsm, run)


def changed_files_are_told_or_refused():
    units = {"tool": "ExecStart = '/opt/tool 1000'\nEnvFile = ['/etc/tool.env']\n"}
    for settings, code in ((None, 0), ("ChangedFiles = 'refuse'\n", 76)):
        image, _, nsm, run = boot("""
tool() { echo $1; ask restart tool; ask why tool; }
until initctl status tool | grep -q up; do sleep 0.1; done
tool same
echo A=c >/etc/tool.env
tool variables
initctl stop tool
cat /bin/sleep >/opt/tool
tool program
""", settings, units, {"opt/tool": "bin/sleep", "etc/tool.env": None})
        said = run.said.replace("\r", "")
        same, variables, program = [said.partition(f"\n{word}\n")[2].partition("answer why")[0]
                                    for word in ("same", "variables", "program")]
        warning = "are others than those that were measured"
        check("files that are the same are started without a word",
              "answer restart 0" in same and warning not in same, run)
        for what, told in (("variables", variables), ("a program", program)):
            check(f"{what} that changed: {'refused' if code else 'told'}", warning in told and
                  f"answer restart {code}" in told, run)
        check("and why says so", (code == 0) == ("not those that were measured" not in program), run)
        end(image, nsm, run)


def what_runs_beside_is_looked_at_too():
    unit = ("ExecStart = '/bin/sleep 1000'\nEnvFile = ['/etc/tool.env']\nHealthInterval = 1\n"
            "HealthExec = ['sh', '-c', 'echo $A >>/run/probes']\nHealthRetries = 2\n")
    for settings in (None, "ChangedFiles = 'refuse'\n"):
        refused = settings is not None
        image, _, nsm, run = boot("""
until grep -q b /run/probes; do sleep 0.1; done
echo A=c >/etc/tool.env
""" + ("until initctl status tool | grep -q lost; do sleep 0.1; done"
       if refused else "until [ $(grep -c c /run/probes) -gt 2 ]; do sleep 0.1; done") + """
grep -c c /run/probes
ask why tool
""", settings, {"tool": unit}, {"etc/tool.env": None})
        said = run.said.replace("\r", "")
        check(f"HealthExec with others is {'refused' if refused else 'told once'}",
              ("\n0\n" in said and "answer why 0" in said) if refused else
              said.count("are others than those that were measured") == 1, run)
        end(image, nsm, run)


def settings_that_are_wrong_fail_the_boot():
    image, host, nsm, run = boot("", "# of init\nRunTimeChanges = 'never'\n")
    check("with file, line and column", run.says("init.conf:2:1: ", "the boot has failed"), run)
    check("and nothing is started", "a unit is up" not in run.said, run)
    run.end()
    nsm.close()
    image.remove()


def main():
    if subprocess.run(NAMESPACES + ["true"], capture_output=True).returncode != 0:
        print("# skipped: no namespaces without privileges here")
        print("ok - nothing can be tested here")
        return
    tests(the_first_change_locks_the_register, many_changes_leave_it_open,
          an_image_may_permit_none, no_change_before_there_are_units,
          what_was_lost_is_measured_at_the_boot, without_its_nsm_nothing_changes,
          changed_files_are_told_or_refused, what_runs_beside_is_looked_at_too,
          settings_that_are_wrong_fail_the_boot)
    sys.exit(1 if FAILED else 0)


main()
