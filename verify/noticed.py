"""Whether tests notice a fault that verify/mutants.py has planted and no proof has noticed.

The unit tests of the name, or of what includes its header, and the replay of its corpus are built in
the tree with the fault by the makefile, from the objects that are here: only what the fault changes
is compiled again, and no warning about a fault stops that. What fails here, without the fault,
notices nothing.
"""

import fcntl
import os
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from prove import Target

TESTS = ("tests/unit", "tests/lib", "fuzz", "runtime", "services", "host", "gen", "fsm")
BUILT = ("out/san/runtime.a", "out/san/fuzzed.a")
LIMIT = 120  # seconds of processor time: a fault may be a loop without an end


def make(*targets, tree="."):
    """True if the makefile makes them."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(["make", "-s", *targets], cwd=tree, env=environment,
                          capture_output=True).returncode == 0


def fails(program, tree="."):
    name = program.removeprefix("replay-")
    words = [] if name == program else [f"fuzz/corpus/{name}"]
    return subprocess.run(["sh", "-c", f'ulimit -t {LIMIT}; exec "$@"', "sh", f"out/tests/{program}",
                           *words], cwd=tree, capture_output=True).returncode != 0


def including(header, folders):
    return [path for folder in folders for path in sorted(Path(".").glob(f"{folder}/*.c"))
            if f'#include "{header}"' in path.read_text()]


def programs_of(name):
    """All that might notice; where nothing tests it by itself, what tests those that include it."""
    header = re.sub(r"\.c$", ".h", Target(name).source)
    near = including(header, ("tests/unit", "fuzz"))
    near += [path for path in (Path(f"tests/unit/{name}.c"), Path(f"fuzz/{name}.c"))
             if path.exists() and path not in near]
    for path in [] if near else including(header, ("runtime/*", "services/*", "host/*")):
        near += including(path.with_suffix(".h"), ("tests/unit", "fuzz"))
    return sorted(path.stem if path.parts[0] == "tests" else f"replay-{path.stem}" for path in near
                  if path.parts[0] == "tests" or Path(f"fuzz/corpus/{path.stem}").is_dir())


@lru_cache(maxsize=None)
def passes_here(program):
    """Built and run without the fault, by one process at a time."""
    Path("out").mkdir(exist_ok=True)
    with open("out/mutants.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make("-j2", *BUILT, f"out/tests/{program}") and not fails(program)


def caught_by_test(mutant, tree):
    """The program that fails, or None."""
    programs = [program for program in programs_of(mutant.name) if passes_here(program)]
    for folder in ("fuzz", "tests", "rbuilds", "out/san") if programs else ():
        if not (tree / folder).exists():
            shutil.copytree(folder, tree / folder, symlinks=True,
                            ignore=shutil.ignore_patterns("bin"))
    if programs:
        shutil.copy2("GNUmakefile", tree)
    for program in programs:
        if make("WARNINGS=-w", f"out/tests/{program}", tree=tree) and fails(program, tree):
            return program
    return None
