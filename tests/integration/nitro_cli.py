#!/usr/bin/env python3
"""Stands in for AWS's nitro-cli in tests: takes its verbs, prints what it prints, and keeps its
enclaves in the folder STAND_IN. What the file `mode` there says is done instead of what is right:

    fail E26 TEXT    ends with that error         silent      ends with 3 and says nothing
    garbage          prints no JSON               hang        never ends
    huge             prints without an end        form        prints JSON of another form
    daemon           a process that stays holds the pipes
    early            the enclave says ready before run-enclave returns
    lost             the enclave ends by itself   deaf        terminate-enclave does not end it
    errors           describe-enclaves tells of enclaves that can't be reached
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

folder = Path(os.environ["STAND_IN"])
mode = (folder / "mode").read_text().split() if (folder / "mode").exists() else []


def fail(code, text):
    sys.stderr.write(f"[ {code} ] {text}\n\nFor more details, please visit https://x/#{code}\n")
    sys.exit(int(code[1:]))


def show(value):
    print(json.dumps(value, indent=2))


def options(words):
    found, name = {}, None
    for word in words:
        if word.startswith("--"):
            name = word
            found[name] = []
        else:
            found[name].append(word)
    return found


def enclaves():
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.enclave"))]


def say(line):
    """As init does: the line is taken when the other end has closed."""
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(os.environ["CLOISTER_VSOCK_DIR"] + "/any/9002")
        end.sendall(line)
        end.shutdown(socket.SHUT_WR)
        end.recv(1)


def run(given):
    cpus = [int(cpu) for cpu in given.get("--cpu-ids", [])]
    count = len(cpus) or int(given["--cpu-count"][0])
    name = given["--enclave-name"][0]
    known = {
        "EnclaveName": name, "EnclaveID": f"i-0123456789abcdef0-enc{os.getpid():016x}",
        "ProcessID": os.getpid(), "EnclaveCID": int(given["--enclave-cid"][0]),
        "NumberOfCPUs": count, "CPUIDs": cpus or list(range(1, 2 * count, 2)),
        "MemoryMiB": int(given["--memory"][0])}
    sys.stderr.write("Start allocating memory...\n")
    if not Path(given["--eif-path"][0]).is_file():
        fail("E19", "Failed to open the EIF file")
    kept = {**known, "State": "RUNNING",
            "Flags": "DEBUG_MODE" if "--debug-mode" in given else "NONE"}
    if mode[:1] == ["daemon"]:
        kept["daemon"] = subprocess.Popen(["sleep", "1000"]).pid
    (folder / (name + ".enclave")).write_text(json.dumps(kept))
    sys.stderr.write(f"Started enclave with enclave-cid: {known['EnclaveCID']}\n")
    if mode[:1] == ["early"]:
        say(b"ready 3\n")
    show(known)


def find(given):
    key = "EnclaveID" if "--enclave-id" in given else "EnclaveName"
    wanted = given.get("--enclave-id", given.get("--enclave-name"))[0]
    for enclave in enclaves():
        if enclave[key] == wanted:
            return enclave
    fail("E58", f"no enclave {wanted}")


def terminate(given):
    for enclave in enclaves() if "--all" in given else [find(given)]:
        if mode[:1] == ["deaf"]:
            fail("E38", "the enclave does not end")
        if "daemon" in enclave:
            os.kill(enclave["daemon"], 9)
        (folder / (enclave["EnclaveName"] + ".enclave")).unlink()
        show({"EnclaveName": enclave["EnclaveName"], "EnclaveID": enclave["EnclaveID"],
              "Terminated": True})


def console(given):
    enclave = find(given)
    if enclave["Flags"] != "DEBUG_MODE":
        fail("E44", "not in debug mode")
    print(f"Connecting to the console for enclave {enclave['EnclaveCID']}...")
    print("init begins", flush=True)
    while (folder / (enclave["EnclaveName"] + ".enclave")).exists():
        time.sleep(0.05)


def misbehave(given):
    """What the mode asks for in run-enclave; terminate-enclave still works."""
    if mode and mode[0] == "fail":
        fail(mode[1], " ".join(mode[2:]) or "Something failed")
    if mode == ["silent"]:
        sys.exit(3)
    if mode == ["garbage"]:
        print("Started enclave, and no JSON {")
        sys.exit(0)
    if mode == ["huge"]:
        while True:
            print("x" * 65536)
    if mode == ["hang"]:
        run(given)
        sys.stdout.flush()
        time.sleep(1000)


verb, given = sys.argv[1], options(sys.argv[2:])
with open(folder / "calls", "a", encoding="utf-8") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\n")
if verb == "run-enclave":
    if mode[:1] == ["form"]:
        print(json.dumps({"EnclaveName": "x", "EnclaveID": " ".join(mode[1:]), "CPUIDs": "1"}))
        sys.exit(0)
    misbehave(given)
    run(given)
elif verb == "describe-enclaves":
    if mode[:1] == ["errors"]:
        sys.stderr.write("[ E39 ] an enclave's process can't be reached\n")
        show([])
    else:
        show([{key: value for key, value in enclave.items() if key != "daemon"}
              for enclave in enclaves()])
elif verb == "terminate-enclave":
    terminate(given)
elif verb == "console":
    console(given)
else:
    fail("E14", "no such command")
