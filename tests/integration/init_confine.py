"""What a unit's process is given and may: variables, identity, rights. Prints TAP-like lines.

usage: init_confine.py INIT
"""

import atexit
import grp
import os
import shutil
import sys
import tempfile

from init_place import FAILED, SKIPPED, check, order, tests, write
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
    })
    check("who is required by another starts first", run.wait_for('"a unit is up","unit":"a"') and
          order(run, '"a unit is up","unit":"b"', '"a unit is up","unit":"a"'), run)
    check("and takes it along when it is lost",
          run.wait_for('what it requires is lost","unit":"c"'), run)
    check("a name that no unit has is warned of", run.wait_for('"other":"nobody"'), run)
    check("and what is lost does not run", run.end() == 0 and "must not run" not in run.said, run)


def main():
    tests(takes_variables_of_files, has_its_group, is_required_by)
    sys.exit(1 if FAILED else 0)


main()
