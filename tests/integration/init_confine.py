"""What a unit's process is given and may: variables, identity, rights. Prints TAP-like lines.

usage: init_confine.py INIT
"""

import atexit
import ctypes
import grp
import os
import re
import shutil
import socket
import sys
import tempfile

from init_place import FAILED, PATIENCE, SKIPPED, check, order, tests, write
from init_supervise import Supervisor, shell


def scratch():
    folder = tempfile.mkdtemp(prefix="init-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def lost(run, unit, reason, part):
    """Whether a unit could not be started, for a reason, with these words."""
    return run.wait_for(f'"a unit can.t be started","unit":"{unit}","reason":"{reason}"'
                        f',"fault":"[^\n]*{part}')


def takes_variables_of_files():
    folder = scratch()
    write(f"{folder}/first", "# a remark\nA=file\n\nB=two words \"and quotes\"\nC=1\n")
    write(f"{folder}/second", "C=2\nD=no end of line")
    write(f"{folder}/bad", "A=1\nnot a variable\n")
    write(f"{folder}/counter", "N=1\n")
    write(f"{folder}/many", "".join(f"V{number}=1\n" for number in range(129)))
    write(f"{folder}/large", "A=" + 16384 * "x")
    write(f"{folder}/path", f"PATH={folder}:/bin:/usr/bin\n")
    write(f"{folder}/program-of-ours", "#!/bin/sh\necho found by its path\n", mode=0o755)
    run = Supervisor({
        "all.service": shell("env; echo end of all", "Environment = ['A=unit']",
                             f"EnvFile = ['{folder}/first', '-{folder}/none', '{folder}/second']"),
        "again.service": shell(f"echo run $N; echo N=2 >{folder}/counter; exit 1",
                               f"EnvFile = ['{folder}/counter']", "Restart = 'on-failure'",
                               "RestartSec = 0"),
        "none.service": shell("echo must not run", f"EnvFile = ['{folder}/none']"),
        "bad.service": shell("echo must not run", f"EnvFile = ['{folder}/bad']"),
        "many.service": shell("echo must not run", f"EnvFile = ['{folder}/many']"),
        "large.service": shell("echo must not run", f"EnvFile = ['{folder}/large']"),
        "folder.service": shell("echo must not run", f"EnvFile = ['{folder}']"),
        "path.service": "ExecStart = 'program-of-ours'\n" f"EnvFile = ['{folder}/path']\n",
    })
    run.wait_for("end of all")
    check("the unit's own variables count first, then those of files in their order",
          all(f"\n{word}\n" in run.said for word in
              ("A=unit", "B=two words \"and quotes\"", "C=1", "D=no end of line")), run)
    check("files are read at each start", run.wait_for("(?s)run 1\n.*run 2\n"), run)
    check("a program is looked up in the PATH of a file", run.wait_for("found by its path"), run)
    check("a file that is missing fails the start", lost(run, "none", "not_found", "/none"), run)
    check("so does a line that is no variable, with its place",
          lost(run, "bad", "syntax", "/bad:2: "), run)
    check("and too many variables", lost(run, "many", "limit", "/many:129: "), run)
    check("and too many bytes", lost(run, "large", "limit", "16384 bytes"), run)
    check("and what is no file", lost(run, "folder", "io", "is no file"), run)
    check("and none of them runs", run.end() == 0 and "must not run" not in run.said, run)


def runs_what_is_looked_up():
    """The first program in PATH is the one that counts, also where the user may not execute it."""
    if os.geteuid() != 0:
        print("# skipped: users can't be changed without privileges")
        return SKIPPED
    folder = scratch()
    os.chmod(folder, 0o755)
    os.makedirs(f"{folder}/folder/tool")
    write(f"{folder}/private/tool", "#!/bin/sh\necho private as $0\n", mode=0o700)
    write(f"{folder}/public/tool", "#!/bin/sh\necho public, must not run\n", mode=0o755)
    path = f"Environment = ['PATH={folder}/folder:{folder}/private:{folder}/public:/bin']\n"
    run = Supervisor({"root.service": "ExecStart = 'tool'\n" + path,
                      "other.service": "ExecStart = 'tool'\nUser = '54321'\n" + path})
    check("a folder is no program", run.wait_for(f"private as {folder}/private/tool"), run)
    check("one that the user may not execute is not replaced by a later one",
          lost(run, "other", "not_executable", ""), run)
    check("which does not run", run.end() == 0 and "must not run" not in run.said, run)


def has_its_group():
    if os.geteuid() != 0:
        print("# skipped: groups can't be changed without privileges")
        return SKIPPED
    named = grp.getgrall()[-1]
    say = "echo {} $(id -u) $(id -g) $(id -G)."
    run = Supervisor({
        "named.service": shell(say.format("named"), f"Group = '{named.gr_name}'"),
        "both.service": shell(say.format("both"), "User = '54321'", "Group = '12345'"),
        "none.service": shell("echo must not run", "Group = 'nobody-knows'"),
    })
    check("a group by name, and no other", run.wait_for(
        rf"named 0 {named.gr_gid} {named.gr_gid}\."), run)
    check("a user with another group than its own", run.wait_for(r"both 54321 12345 12345\."), run)
    check("a group that is not there fails the start",
          lost(run, "none", "group", "no group 'nobody-knows'"), run)
    check("and is not replaced by another", run.end() == 0 and "must not run" not in run.said, run)


def is_required_by():
    run = Supervisor({
        "a.service": shell("exec sleep 1000"),
        "b.service": shell("exec sleep 1000", "RequiredBy = ['a', 'nobody']"),
        "c.service": shell("echo must not run"),
        "d.service": "ExecStart = '/no/such/program'\nRequiredBy = ['c.service']\n",
        "e.service": shell("echo must not run", "RequiredBy = ['f']", "Requires = ['missing']"),
        "f.service": shell("echo must not run"),
    })
    check("who is required by another starts first", run.wait_for('"a unit is up","unit":"a"') and
          order(run, '"a unit is up","unit":"b"', '"a unit is up","unit":"a"'), run)
    check("and takes it along when it is lost",
          run.wait_for('what it requires is lost","unit":"c"'), run)
    check("also when it misses what it requires itself",
          run.wait_for('what it requires is lost","unit":"f"'), run)
    check("a name that no unit has is warned of", run.wait_for('"other":"nobody"'), run)
    check("and what is lost does not run", run.end() == 0 and "must not run" not in run.said, run)


STATUS = "echo {} $(grep -E \"^(Cap|NoNew|Seccomp:)\" /proc/self/status) end"
NONE = 0
BIND, KILL = 1 << 10, 1 << 5  # CAP_NET_BIND_SERVICE, CAP_KILL


def status_of(run, unit):
    """The rights that a unit has read of itself, by their names."""
    found = run.wait_for(f"(?m)^{unit} (.*) end$")
    words = found.group(1).split() if found else []
    return {name.rstrip(":"): int(value, 16) for name, value in zip(words[::2], words[1::2])}


def sets(status):
    return [status.get(f"Cap{kind}") for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")]


def has_its_capabilities():
    if os.geteuid() != 0:
        print("# skipped: capabilities can't be given without privileges")
        return SKIPPED
    with open("/proc/self/status", encoding="ascii") as file:
        ours = {name: int(value, 16) for name, value in re.findall(r"(Cap\w+):\s*(\w+)", file.read())}
        file.seek(0)
        plain = int(re.search(r"NoNewPrivs:\s*(\d)", file.read())[1])
    bound = ours["CapBnd"]
    if bound & (BIND | KILL) != BIND | KILL or ours["CapEff"] & BIND == 0:
        print("# skipped: we have no capabilities to give")
        return SKIPPED
    run = None

    def of(*lines):
        nonlocal run
        run = Supervisor({"one.service": shell(STATUS.format("one"), *lines)})
        status = status_of(run, "one")
        run.end()
        return status.get("NoNewPrivs"), sets(status)

    check("root: as it was", of() == (plain, sets(ours)), run)
    check("a user has none, and can gain none",
          of("User = '54321'") == (1, [NONE] * 5), run)
    check("or can, where the file says so",
          of("User = '54321'", "NoNewPrivileges = false") == (plain, [NONE] * 3 + [bound, NONE]), run)
    check("a user has those of its file, what it starts too",
          of("User = '54321'", "Capabilities = ['CAP_NET_BIND_SERVICE']") == (1, [BIND] * 5), run)
    check("root has those of its file",
          of("Capabilities = ['CAP_NET_BIND_SERVICE', 'CAP_KILL']") == (1, [BIND | KILL] * 5), run)
    check("or none", of("Capabilities = []") == (1, [NONE] * 5), run)
    check("no new privileges, where the file says so",
          of("NoNewPrivileges = true") == (1, sets(ours)), run)


def has_its_limits():
    run = Supervisor({
        "one.service": shell("while read line; do echo one $line; done </proc/self/limits; "
                             "echo end of one", "LimitNOFILE = 99", "LimitCORE = 0",
                             "LimitFSIZE = 1_000_000", "LimitSTACK = 4_194_304",
                             "LimitCPU = 1000", "LimitAS = 1_000_000_000_000"),
        "much.service": shell("echo must not run", "LimitNOFILE = 1_000_000_000_000"),
        "user.service": shell("head -c 2000000 /dev/zero >$FILE; echo wrote $(wc -c <$FILE).",
                              "LimitFSIZE = 1_000_000",
                              f"Environment = ['FILE={scratch()}/file']"),
    })
    run.wait_for("end of one")
    check("a unit has the limits of its file",
          all(re.search(f"one {line} ", run.said) for line in
              ("Max open files 99 99", "Max core file size 0 0", "Max file size 1000000 1000000",
               "Max stack size 4194304 4194304", "Max cpu time 1000 1000",
               "Max address space 1000000000000 1000000000000")), run)
    check("a limit that can't be set fails the start, and is named", lost(
        run, "much", "spawn", r"setting its limits \(Limit...\) failed: Operation not"), run)
    check("limits hold", run.wait_for(r"wrote 1000000\."), run)
    check("and nothing runs without them", run.end() == 0 and "must not run" not in run.said, run)


TRY = """import ctypes, errno, os, socket, subprocess, threading
def tell(what, call):
    try:
        print(os.environ["ME"], what, call() or "works", flush=True)
    except OSError as error:
        print(os.environ["ME"], what, errno.errorcode[error.errno], flush=True)
library = ctypes.CDLL(None, use_errno=True)
def ask(*numbers):
    if library.syscall(*numbers) < 0:
        raise OSError(ctypes.get_errno(), "")
thread = threading.Thread(target=print)
tell("ptrace", lambda: ask({ptrace}, 16, 1 << 30, 0, 0))
tell("spaces", lambda: ask({unshare}, 0x20000))
tell("unix", lambda: socket.socket(socket.AF_UNIX).close())
tell("inet", lambda: socket.socket(socket.AF_INET).close())
tell("thread", lambda: thread.start() or thread.join())
tell("program", lambda: subprocess.run(["true"], check=True) and None)
tell("file", lambda: open("/dev/null", "w").close())
tell("end", lambda: None)
"""
NUMBERS = {"x86_64": {"ptrace": 101, "unshare": 272}, "aarch64": {"ptrace": 117, "unshare": 97}}


def has_its_filter():
    numbers = NUMBERS.get(os.uname().machine)
    if numbers is None:
        print("# skipped: the numbers of this machine's calls are not known here")
        return SKIPPED
    script = f"{scratch()}/try.py"
    write(script, TRY.format(**numbers))
    unit = f"ExecStart = ['{sys.executable}', '{script}']\nEnvironment = ['ME={{0}}']\n"
    run = Supervisor({
        **{f"{name}.service": unit.format(name) + f"SeccompProfile = '{name}'\n"
           for name in ("default", "no-network", "strict")},
        "none.service": unit.format("none"),
        "status.service": shell(STATUS.format("status"), "SeccompProfile = 'strict'"),
    })
    always = {"thread": "works", "program": "works", "file": "works"}
    refused = {"ptrace": "EPERM", "spaces": "EPERM"}
    for name, expected in (
            ("none", {"unix": "works", "inet": "works"}),
            ("default", {**refused, "unix": "works", "inet": "works"}),
            ("no-network", {**refused, "unix": "works", "inet": "EAFNOSUPPORT"}),
            ("strict", {**refused, "unix": "EPERM", "inet": "EPERM"})):
        run.wait_for(f"(?m)^{name} end works$")
        found = dict(re.findall(f"(?m)^{name} (\\w+) (\\w+)$", run.said))
        check(f"{name}: what is refused, and what is not",
              {**found, **expected, **always} == found, run)
    status = status_of(run, "status")
    check("a filter is in force, and can't be left", (status.get("Seccomp"),
                                                            status.get("NoNewPrivs")) == (2, 1), run)
    run.end()


def has_landlock():
    library = ctypes.CDLL(None, use_errno=True)
    return library.syscall(444, None, 0, 1) > 0


def has_its_files():
    folder, secret = scratch(), scratch()
    write(f"{secret}/file", "a secret\n")
    write(f"{folder}/program", "#!/bin/sh\necho must not run\n", mode=0o755)
    system = "LandlockRead = ['/bin', '/usr', '-/lib', '-/lib64', '/proc']"
    run = Supervisor({
        "one.service": shell(
            f"cat {secret}/file; echo cat $?; echo more >{secret}/file || echo not changed; "
            f"echo new >{folder}/new && cat {folder}/new; {folder}/program; echo program $?",
            system, f"LandlockWrite = ['{folder}']"),
        "gone.service": shell("echo must not run", system, f"LandlockWrite = ['{folder}/gone']"),
        "nothing.service": shell("echo must not run", "LandlockRead = []"),
    })
    if not has_landlock():
        check("without Landlock a unit is not started unconfined",
              lost(run, "one", "landlock", "no Landlock") and run.end() == 0 and
              "must not run" not in run.said, run)
        return SKIPPED
    run.wait_for(r"program \d")
    check("what is not named is neither read nor written",
          run.wait_for("(?m)^cat 1$") and run.wait_for("not changed") and "a secret" not in run.said, run)
    check("what may be written can be, and read", run.wait_for("(?m)^new$"), run)
    check("and not executed", run.wait_for("program 126"), run)
    check("a path that is missing fails the start, and is named",
          lost(run, "gone", "landlock", f"{folder}/gone can.t be opened: No such"), run)
    check("a list of nothing is nothing", lost(run, "nothing", "not_executable", "executing it"), run)
    check("and nothing runs unconfined", run.end() == 0 and "must not run" not in run.said, run)
    return None


SERVE = """import os, socket, sys
first = 3
count = int(os.environ["LISTEN_FDS"])
print("serve", "is told" if int(os.environ["LISTEN_PID"]) == os.getpid() else "is not told", count, flush=True)
sockets = [socket.socket(fileno=first + number) for number in range(count)]
print("serve port", sockets[1].getsockname()[1], "blocking", os.get_blocking(first), flush=True)
try:
    os.fstat(first + count)
    print("serve has more", flush=True)
except OSError:
    print("serve has no more", flush=True)
connection, _ = sockets[int(sys.argv[1])].accept()
connection.sendall(b"%d %s" % (os.getpid(), connection.recv(64)))
sys.exit(int(sys.argv[2]))
"""


def ask(address, text, family=socket.AF_UNIX):
    """What is answered; None where nobody listens."""
    with socket.socket(family) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(address)
        except (ConnectionRefusedError, FileNotFoundError):
            return None
        connection.sendall(text)
        return connection.recv(64).split()


def gets_its_sockets():
    folder = scratch()
    os.makedirs(f"{folder}/any")
    script, path = f"{folder}/serve.py", f"{folder}/serve.sock"
    write(script, SERVE)
    run = Supervisor({
        "serve.service": f"ExecStart = ['{sys.executable}', '{script}', '0', '1']\n"
                         f"Sockets = ['unix:{path}', 'tcp:127.0.0.1:0', 'vsock:any:77']\n"
                         "Restart = 'always'\nRestartSec = 0\n",
        "taken.service": shell("echo must not run", f"Sockets = ['tcp:127.0.0.1:0', 'unix:{path}']",
                               "After = ['serve']"),
        "other.service": shell("ls -l /proc/self/fd | while read a b c d e f g h i; do "
                               "echo fd $i; done; echo end of other", "After = ['serve']"),
    }, environment={"CLOISTER_VSOCK_DIR": folder})
    check("a unit is told of its sockets, by its own number",
          run.wait_for("(?m)^serve is told 3$"), run)
    check("a port that the kernel chose is one, and descriptors block",
          run.wait_for("(?m)^serve port [1-9][0-9]* blocking True$"), run)
    check("and there are no more", run.wait_for("(?m)^serve has no more$"), run)
    answers = [ask(path, b"hello") for _ in range(3)]
    check("each process answers", all(answer and answer[1] == b"hello" for answer in answers), run)
    check("who connects between two of them waits for the next",
          len({answer[0] for answer in answers if answer}) == 3, run)
    check("a stand-in for vsock is there", os.path.exists(f"{folder}/any/77"), run)
    check("an address that is taken fails the start, and is named",
          lost(run, "taken", "in_use", f"cannot listen on unix:{path}"), run)
    run.wait_for("end of other")
    check("no other unit gets them",
          set(re.findall(r"(?m)^fd (\d+)$", run.said)) <= {"0", "1", "2", "3"}, run)
    check("at the end they are gone, and so are their files",
          run.end() == 0 and not os.path.exists(path) and not os.path.exists(f"{folder}/any/77") and
          "must not run" not in run.said, run)


def closes_its_sockets():
    folder = scratch()
    script, path = f"{folder}/serve.py", f"{folder}/serve.sock"
    write(script, SERVE)
    run = Supervisor({
        "serve.service": f"ExecStart = ['{sys.executable}', '{script}', '0', '0']\n"
                         f"Sockets = ['unix:{path}', 'tcp:127.0.0.1:0']\n"
                         "SeccompProfile = 'strict'\n",
    })
    run.wait_for("(?m)^serve has no more$")
    check("it answers", (ask(path, b"once") or [None, None])[1] == b"once", run)
    check("who has ended for good listens no more",
          run.wait_for('"a unit has ended","unit":"serve"') and ask(path, b"again") is None, run)
    run.end()


def makes_instances():
    say = "ExecStart = ['sh', '-c', 'echo $0 $NAME; exec sleep 1000', '%i 100%%']\n"
    run = Supervisor({
        "worker@.service": say + "Environment = ['NAME=I am %i']\nRequires = ['base@%i']\n",
        "base@.service": say,
        "all.service": shell("echo all; exec sleep 1000", "Requires = ['worker@a', 'worker@b.service']"),
        "base@b.service": "ExecStart = ['sh', '-c', 'echo my own %i; exec sleep 1000']\n",
        "off.service": shell("echo must not run", "After = ['worker@c']", "ServiceEnable = false"),
        "wrong@.service": "ExecStart = ['echo', '%n']\n",
        "needs.service": shell("echo must not run", "Requires = ['wrong@x']"),
        "none.service": shell("echo must not run", "Requires = ['nobody@x']"),
    }, links={"worker@linked.service": "worker@.service"})
    run.wait_for("(?m)^all$")
    check("an instance is made for each name that a unit gives, and knows its own",
          all(run.wait_for(f"(?m)^{name} 100% I am {name}$") for name in "ab"), run)
    check("what an instance names is made too", run.wait_for("(?m)^a 100%$"), run)
    check("a file of its own counts more than a template", run.wait_for("(?m)^my own b$"), run)
    check("a link to a template is an instance", run.wait_for("(?m)^linked 100% I am linked$"), run)
    check("they start in their order", order(run, '"a unit is up","unit":"base@a"',
                                             '"a unit is up","unit":"worker@a"',
                                             '"a unit is up","unit":"all"'), run)
    check("what is wrong in a template is told of the instance", run.wait_for(
        '"unit":"wrong@x","reason":"syntax","fault":"[^\n]*wrong@.service:1:1: ExecStart: .%n.: '), run)
    check("a name without a template is missing", run.wait_for(
        '"unit":"none","reason":"missing"'), run)
    check("a template is no unit, and who is not enabled makes none",
          run.end() == 0 and '"unit":"worker@"' not in run.said and "worker@c" not in run.said and
          "must not run" not in run.said, run)


def main():
    tests(takes_variables_of_files, runs_what_is_looked_up, has_its_group, is_required_by,
          has_its_capabilities, has_its_limits, has_its_filter, has_its_files, gets_its_sockets, closes_its_sockets,
          makes_instances)
    sys.exit(1 if FAILED else 0)


main()
