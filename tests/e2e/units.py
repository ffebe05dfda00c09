"""Units in a real enclave: five that need each other, one that crashes for ever, and one that is a
fork bomb; and what a boot does besides.
"""

import json
import re
import shutil
import sys
import time

import lab
from lab import BIN, Enclave, await_, check, must, run, same

CHAIN = ["e-one", "d-two", "c-three", "b-four", "a-five"]  # by their names they would start last
SLEEPS = "ExecStart = ['/bin/sh', '-c', 'exec sleep 100000']\n"
LOOP = ("ExecStart = ['/bin/sh', '-c', 'exit 3']\nRestart = 'always'\nRestartSec = 0\n"
        "RestartLimit = 3\n")
BOMB = ("ExecStart = ['/bin/sh', '-c', 'until [ -e /run/go ]; do sleep 1; done; "
        "b() { b & b & wait; }; b']\nTasksMax = 30\nStopTimeout = 1\n")


def image():
    """The application of the other tests, with these units."""
    folder = lab.scratch / "units"
    shutil.copytree("tests/e2e/app", folder)
    for path in (folder / "units").glob("*.service"):
        if path.name != "slc.service":
            path.unlink()
    for name, needs in zip(CHAIN, [None, *CHAIN]):
        (folder / f"units/{name}.service").write_text(
            SLEEPS + (f"Requires = ['{needs}']\n" if needs else ""))
    (folder / "units/loop.service").write_text(LOOP)
    (folder / "units/bomb.service").write_text(BOMB)
    run(sys.executable, "rbuilds/image.py", folder, lab.scratch / "units.eif", "--key",
        f"{lab.KEY}.pub", patience=3600)
    return lab.scratch / "units.eif"


def status(enclave, name):
    return json.loads(enclave.inside(f"initctl status --json {name}"))


def pids(enclave):
    return {row["name"]: row["pid"] for row in json.loads(enclave.inside("initctl list --json"))
            if row["name"] in CHAIN}


def dependent(enclave):
    enclave.await_entered()  # one of its units fails, so it never says that it is ready
    await_(lambda: status(enclave, CHAIN[-1])["state"] == "ready", "the last of them is up")
    starts = [line.split()[1] for line in enclave.inside("initctl events").splitlines()
              if line.endswith("-> starting") and line.split()[1].strip(":") in CHAIN]
    same(CHAIN, [name.strip(":") for name in starts], "they start in order")


def crashes(enclave):
    await_(lambda: status(enclave, "loop")["state"] == "failed", "it is given up")
    same(4, status(enclave, "loop")["starts"], "a start and three tries")
    enclave.inside("initctl reset-failed loop")
    same("inactive", status(enclave, "loop")["state"], "until somebody resets it")


def explodes(enclave):
    """It fills its own group, and nobody else sees anything of it."""
    before, group = pids(enclave), "/sys/fs/cgroup/bomb.service/"
    enclave.inside("touch /run/go")
    await_(lambda: int(enclave.inside(f"sed -n 's/^max //p' {group}pids.events")) > 0,
           "a process of it was refused")
    enclave.inside("initctl stop bomb")
    await_(lambda: enclave.inside(f"cat {group}pids.current") == "0\n", "nothing is left of it")
    same(before, pids(enclave), "others run on")


def reloaded(enclave):
    """What is unchanged keeps its process, what is new runs; a second change is not permitted."""
    before, folder = pids(enclave), "/etc/cloister/units"
    enclave.inside(f"echo 'ExecStart = \"sleep 100000\"' >{folder}/new.service; "
                   f"echo 'StopTimeout = 3' >>{folder}/{CHAIN[0]}.service; initctl reload")
    await_(lambda: status(enclave, "new")["state"] == "ready", "what is new runs")
    same(before, pids(enclave), "all others have the processes that they had")
    done = enclave.pipeline("exec", "--", "sh", "-c", f"rm {folder}/new.service; initctl reload",
                            status=None)
    must(done.returncode != 0 and b"locked" in done.stderr, done)
    same("ready", status(enclave, "new")["state"], "nothing of it was applied")


def replayed(enclave):
    """The log of init leads to both registers that a document has."""
    document, events = lab.scratch / "units.cbor", lab.scratch / "units.events"
    done = enclave.pipeline("attest", "-o", document, "--json", status=76)  # nobody signs
    found = json.loads(done.stdout)["document"]["pcrs"]
    events.write_text(enclave.inside("cat /run/cloister/boot.events"))
    done = run(BIN / "attest", "verify", "--doc", document, "--event-log", events, "--json",
               status=76)
    told = json.loads(done.stdout)["replayed"]
    same([found["16"], found["17"]], [told["16"], told["17"]], "the log and the document")


def clock(enclave):
    """It is set to the time stamp of a document, which QEMU takes from this machine's clock; what
    the guest counts from then on, it may count slowly."""
    told = int(enclave.inside("date +%s"))
    must(abs(told - time.time()) < 3600, f"it is {told} inside, and {time.time()} here")
    must("the clock is not the NSM's" not in enclave.console(), "it was set")


def numbers(enclave):
    enclave.says("the hardware's random numbers are of")
    must(re.search(r"random numbers are of.*source.{0,3}nsm-hwrng", enclave.console()),
         enclave.console()[-3000:])


def hidden(enclave):
    same("1\n", enclave.inside("grep -cE 'hidepid=(invisible|2)' /proc/mounts"))


def ends(enclave):
    enclave.pipeline("exec", "--", "kill", "-TERM", "1", status=None)
    await_(enclave.is_gone, "it has shut down")
    said = enclave.console()
    places = [re.search(rf"a unit has ended.*unit.{{0,3}}{name}", said) for name in CHAIN]
    must(all(places), said[-3000:])
    found = [place.start() for place in places]
    same(sorted(found, reverse=True), found, "the last ones first")
    lab.nothing_is_left(enclave.name)


def tests():
    enclave = Enclave(image(), "units", "--memory", "256M", ready=False)
    check("five units that need each other start in order", dependent, enclave)
    check("a crash loop ends in failed, and stays there until it is reset", crashes, enclave)
    check("a fork bomb is its own unit's matter", explodes, enclave)
    check("a reload keeps processes, and a second one is refused", reloaded, enclave)
    check("the log of the boot and of the reload leads to PCR16 and PCR17", replayed, enclave)
    check("the clock is the NSM's", clock, enclave)
    check("random numbers of the hardware are the NSM's", numbers, enclave)
    check("processes are hidden from other users", hidden, enclave)
    check("units stop in reverse order at the end", ends, enclave)
