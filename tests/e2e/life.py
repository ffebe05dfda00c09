"""One enclave's life: it is heard and ready, entered, copied into and out of, attested, limited,
and shut down in order.
"""

import hashlib
import json
import os
import re
import secrets
import socket
import subprocess

import lab
from lab import BIN, PATIENCE, await_, check, client, must, run, same, scratch

from slc_tunnel import exchange  # noqa: E402 (lab has said where it is)


def measured(image):
    return json.loads(run(BIN / "eif", "describe", image).stdout)["Measurements"]


def heard(enclave):
    """Run has returned: the heartbeat was answered, and init has said that its units are up."""
    found = enclave.described()
    same(("qemu", "RUNNING"), (found["Cloister"]["Backend"], found["State"]))
    enclave.says("ready")
    enclave.says("slc")
    must("Linux version 6.12" in enclave.console(), "the console has the kernel's first line")


def units(enclave):
    await_(lambda: enclave.inside("wget -q -O - http://127.0.0.1:8080/", status=None) ==
           "served from inside\n", "its web server listens a moment after it was started")
    same("init\n", enclave.inside("cat /proc/1/comm"))
    must("httpd" in enclave.inside("ps"), "httpd runs")


def health_line(enclave):
    said = b""
    with enclave.connect(9001) as stream:
        while more := stream.recv(64):
            said += more
    return said


def asked(enclave):
    """Inside, init is told what to do by whoever may execute initctl."""
    before = json.loads(enclave.inside("initctl status --json web"))
    enclave.inside("initctl restart web")
    after = json.loads(enclave.inside("initctl status --json web"))
    same(("up", before["starts"] + 1), (after["standing"], after["starts"]))
    must(before["pid"] != after["pid"], "web is another process now")
    must('"slc"' in enclave.inside("initctl logs -n 1 slc"), "slc's lines are kept")


def renewed(enclave):
    """Who restarts the channel from within loses the session, in order, and the log goes on."""
    before = json.loads(enclave.inside("initctl status --json slc"))
    done = enclave.pipeline("exec", "--", "initctl", "restart", "slc", status=125)
    must(b"the service stops" in done.stderr, done.stderr)
    enclave.await_entered()
    after = json.loads(enclave.inside("initctl status --json slc"))
    same((0, before["starts"] + 1), (after["exit"], after["starts"]))
    told = enclave.pipeline("audit").stdout.decode()  # intact, but that nobody has signed it
    must("start    the log goes on" in told and "verdict     unattested" in told, told)


# QEMU's NSM signs nothing: the client talks to the enclave because it was told to.
ALARM = b"pipeline: NOT ATTESTED: nobody has signed the enclave's document\n"


def health(enclave):
    await_(lambda: health_line(enclave) == b"ready 3 3\n", "all three units are up")


def streams(enclave):
    done = enclave.pipeline("exec", "--", "sh", "-c", "echo out; echo err >&2; exit 7", status=7)
    same((b"out\n", ALARM + b"err\n"), (done.stdout, done.stderr))
    data = secrets.token_bytes(5_000_000)
    same(hashlib.sha256(data).hexdigest() + "  -\n", enclave.inside("sha256sum", data=data))
    done = enclave.pipeline("exec", "--", "sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' x")
    same(b"x" * 5_000_000 == done.stdout, True, "five million bytes come out as they were")


def strangers(enclave):
    """Who has no key, or another one, does not enter."""
    other = scratch / "other.key"
    run(BIN / "pipeline", "--quiet", "keygen", "-o", other)
    for reason, options in ((b"auth_required", []), (b"key", ["--key", other])):
        done = run(BIN / "pipeline", "--timeout", lab.PATIENCE, "--enclave", enclave.name,
                   "--accept-unsigned", *options, "exec", "true", status=125)
        must(b"\nreason: " + reason + b"\n" in done.stderr, done.stderr)


def copies(enclave):
    folder = scratch / "in"
    (folder / "deep/er").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "random").write_bytes(secrets.token_bytes(3_000_000))
    for number in range(50):
        (folder / f"deep/{number}").write_text(f"{number}\n")
    os.symlink("../random", folder / "deep/link")
    enclave.pipeline("--quiet", "cp", folder, ":/tmp/there")
    same(hashlib.sha256((folder / "random").read_bytes()).hexdigest() + "\n",
         enclave.inside("sha256sum </tmp/there/random | cut -d ' ' -f 1"))
    enclave.pipeline("--quiet", "cp", ":/tmp/there", scratch / "back")
    run("diff", "-r", folder, scratch / "back")


def led(enclave):
    """A socket here is a port inside, both ways, until who leads there is told to end."""
    job = enclave.pipeline("exec", "--detach", "--", "nc", "-l", "-p", "7007", "-e",
                           "cat").stdout.decode().strip()
    await_(lambda: re.search(":1B5F 0+:0000 0A ", enclave.inside("cat /proc/net/tcp*")),
           "port 7007 listens")
    way, data = scratch / "way", secrets.token_bytes(300_000)
    command = [*client("--enclave", enclave.name), "--quiet", "forward", "--json", "-L",
               f"unix:{way}:127.0.0.1:7007"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as forward:
        try:
            line = forward.stdout.readline()
            must(line, f"it does not listen: {forward.stderr.read() if not line else ''}")
            same(f"unix:{way}", json.loads(line)["listening"][0]["address"])
            with socket.socket(socket.AF_UNIX) as stream:
                stream.settimeout(PATIENCE)
                stream.connect(str(way))
                must(exchange(stream, data) == data, "300,000 bytes come back as they were")
            forward.terminate()
            same((0, False), (forward.wait(PATIENCE), way.exists()))
        finally:
            forward.kill()
    enclave.pipeline("wait", job)


def document(enclave):
    """QEMU's NSM signs nothing, so its document is refused; it holds the image all the same."""
    nonce = secrets.token_hex(32)
    file = scratch / "document.cbor"
    done = enclave.pipeline("attest", "--nonce", nonce, "-o", file, "--json", status=76)
    judged = json.loads(done.stdout)
    same(("unsigned", False, False, nonce), (judged["verdict"], judged["accepted"],
                                             judged["attested"], judged["nonce"]))
    found, wanted = judged["document"]["pcrs"], measured(enclave.image)
    same([wanted[f"PCR{n}"] for n in range(3)], [found[str(n)] for n in range(3)])
    must("16" in found and set(found["16"]) != {"0"}, f"PCR16 is extended and locked: {found}")
    value = bytes(48)
    events = enclave.inside("cat /run/cloister/boot.events")
    for line in events.splitlines():
        if line.startswith("16 "):
            value = hashlib.sha384(value + bytes.fromhex(line.split()[1])).digest()
    same(value.hex(), found["16"], "the log of init leads to PCR16")
    (scratch / "events").write_text(events)
    done = run(BIN / "attest", "verify", "--doc", file, "--event-log", scratch / "events", "--json", status=76)
    same(found["16"], json.loads(done.stdout)["replayed"]["16"], "attest leads the log there, too")
    return found


def register(enclave):
    """It is locked already: two documents show one value, and a second log would lead elsewhere."""
    same(document(enclave)["16"], document(enclave)["16"])


def limits(enclave):
    group = "/sys/fs/cgroup/limited.service/"
    controllers = enclave.inside("cat /sys/fs/cgroup/cgroup.controllers").split()
    must({"cpu", "memory", "pids"} <= set(controllers), controllers)
    same("33554432\n5\n20000 100000\n",
         enclave.inside(f"cd {group} && cat memory.max pids.max cpu.max"))
    # Whoever joins it is held by it: the sixth task is refused, and memory ends the eater.
    script = (f"echo $$ >{group}cgroup.procs; "
              "for n in 1 2 3 4 5 6; do sleep 100 & done 2>&1; kill $(jobs -p); wait")
    enclave.inside(script, status=None)
    must(int(field(enclave, group + "pids.events", "max")) > 0, "a task was refused")
    script = (f"echo $$ >{group}cgroup.procs; tail -c 100000000 /dev/zero | wc -c")
    enclave.inside(script, status=None)
    await_(lambda: int(field(enclave, group + "memory.events", "oom_kill")) > 0, "memory ended it")
    health(enclave)


def confined(enclave):
    """What the unit's file gives up is given up, on the kernel of an enclave."""
    process = f"/proc/{json.loads(enclave.inside('initctl status --json limited'))['pid']}"
    status = dict(line.split(":\t", 1) for line in
                  enclave.inside(f"cat {process}/status").splitlines())
    same(["54321"] * 4, status["Uid"].split())
    same(["54321"], status["Groups"].split())
    same({0}, {int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")})
    same(("1", "2"), (status["NoNewPrivs"], status["Seccomp"]))
    must("Max open files            64" in enclave.inside(f"cat {process}/limits"), "it has 64 files")
    said = enclave.inside("initctl logs limited")
    must("refused" in said and "Linux version" not in said, "Landlock holds", said)


def field(enclave, file, name):
    for line in enclave.inside(f"cat {file}").splitlines():
        if line.split()[0] == name:
            return line.split()[1]
    raise lab.Failure(f"{file} has no {name}")


def shutdown(enclave):
    """Init is asked to end: units stop, it says farewell, and the launcher lets go."""
    enclave.pipeline("exec", "--", "kill", "-TERM", "1", status=None)
    await_(enclave.is_gone, "it has shut down")
    must("farewell" in enclave.console(), "its last words are a farewell", enclave.console()[-800:])
    must("Kernel panic" not in enclave.console(), "without a panic")
    lab.nothing_is_left(enclave.name)


def advised(enclave):
    """What is printed before a run is true of it: the memory is enough, and this machine can."""
    told = json.loads(run(BIN / "enclave", "size", enclave.image, "--json").stdout)
    memory = enclave.described()["MemoryMiB"]
    must(0 < told["AdvisedMiB"] <= memory, told, memory)
    found = run(BIN / "enclave", "doctor", "--backend", "qemu", "--memory", memory).stdout.decode()
    must("qemu can run enclaves here" in found, found)


def filtered(enclave):
    """All threads of QEMU, where it was built with a filter of system calls."""
    if '"filter":true' not in (lab.state / enclave.name / "log").read_text():
        print("# this QEMU was built without a filter")
        return
    for task in (lab.Path("/proc") / str(enclave.program("qemu-system-x86_64")) / "task").iterdir():
        must("Seccomp:\t2" in (task / "status").read_text(), task)


def taken(enclave):
    done = subprocess.run([BIN / "enclave", "run", "--backend", "qemu", "--eif", enclave.image,
                           "--cid", str(enclave.described()["EnclaveCID"]), "--name", "second"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    must(done.returncode == 69 and b"in_use" in done.stderr, done.stderr)


def tests(enclave):
    check("it is heard and ready, and its console is kept", heard, enclave)
    check("its units run, and reach each other", units, enclave)
    check("it says how it is on port 9001", health, enclave)
    check("initctl restarts a unit, and has what another has written", asked, enclave)
    check("the channel is restarted from within: the session ends in order, the log goes on",
          renewed, enclave)
    check("commands: streams, status, five megabytes in and out", streams, enclave)
    check("who has no key, or another one, does not enter", strangers, enclave)
    check("a tree goes in and comes out again, with the same digests", copies, enclave)
    check("a socket here leads to a port inside, byte for byte, until it is told to end", led, enclave)
    check("a document of /dev/nsm: PCR0 to 2 are the file's, and PCR16 is what init has measured",
          document, enclave)
    check("PCR16 is locked: it stays as it is", register, enclave)
    check("units are limited in memory, tasks and processor", limits, enclave)
    check("a unit's process has no right but those of its file", confined, enclave)
    check("size and doctor have said that it can run", advised, enclave)
    check("QEMU runs behind its filter of system calls", filtered, enclave)
    check("a CID that is taken is refused", taken, enclave)
