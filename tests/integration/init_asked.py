"""init over a folder of units, and initctl that asks it: what tests of the two share."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from init_place import PATIENCE, write

SLEEP = "exec sleep 1000"


def shell(script, *more):
    return "\n".join([f"ExecStart = ['sh', '-c', '{script}']", *more, ""])


def until(condition):
    """Whether it becomes true, sooner or later."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Place:
    """$D in a unit's text is a folder of its own. What initctl says is text, or bytes."""

    text, environment = True, {}
    until = staticmethod(until)

    def __init__(self, init, initctl, units):
        self.init, self.initctl = init, initctl
        self.folder = tempfile.mkdtemp(prefix="init-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.said = ""  # for check
        self.socket = f"{self.folder}/socket"
        os.makedirs(f"{self.folder}/units")
        self.add(units)

    def start(self, before=(), *more, **options):
        """`before` goes before init's command, and `more` behind it. Returns the place."""
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen(
                [*before, self.init, "--supervise", f"{self.folder}/units", "--control",
                 self.socket, *more], stdin=subprocess.DEVNULL, env=self.environment,
                **{"stdout": log, "stderr": log, **options})
        atexit.register(self.process.kill)
        until(lambda: self.ask("ping").returncode == 0)
        return self

    def add(self, units):
        for name, text in units.items():
            self.write(name, text)

    def write(self, name, text):
        """Whole or not at all: a reload may come at any time."""
        path = f"{self.folder}/units/{name}" + ("" if "." in name else ".service")
        write(f"{self.folder}/new", text.replace("$D", self.folder))
        os.rename(f"{self.folder}/new", path)

    def remove(self, *names):
        for name in names:
            os.remove(f"{self.folder}/units/{name}.service")

    def ask(self, *words):
        done = subprocess.run([self.initctl, "--socket", self.socket, *words], capture_output=True,
                              text=self.text, timeout=3 * PATIENCE)
        self.said = f"{words} {str(done)[:3000]}\n{self.log(6000)}"
        return done

    def begin(self, *words):
        process = subprocess.Popen([self.initctl, "--socket", self.socket, *words], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        atexit.register(process.kill)
        return process

    def rows(self, *words):
        return json.loads(self.ask(*words, "--json").stdout)

    def unit(self, name):
        return self.rows("status", name)

    def pids(self):
        return {row["name"]: row["pid"] for row in self.rows("list")}

    def exists(self, name):
        return until(lambda: os.path.exists(f"{self.folder}/{name}"))

    def stands(self, name, standing):
        return until(lambda: self.unit(name)["standing"] == standing)

    def names(self):
        return [row["name"] for row in self.rows("list")]

    def changes(self, *words):
        """What became of each unit, by what initctl says; and its exit code."""
        done = self.ask(*words, "--json")
        return {row["name"]: row.get("change") for row in json.loads(done.stdout)}, done.returncode

    def log(self, most=None):
        """What init has said, or its last bytes."""
        try:
            with open(f"{self.folder}/log", "rb") as log:
                log.seek(0 if most is None else max(0, os.path.getsize(log.name) - most))
                return log.read().decode(errors="replace")
        except OSError:
            return ""

    def content(self, name):
        try:
            with open(f"{self.folder}/{name}", encoding="utf-8") as file:
                return file.read()
        except OSError:
            return ""

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)
