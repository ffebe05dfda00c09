"""Reads fsm/NAME.h: the struct's fields with their types, init's parameters, the effects' bits."""

import re
from pathlib import Path


class Header:
    def __init__(self, root, name):
        text = (Path(root) / "fsm" / f"{name}.h").read_text()
        bare = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        body = re.search(r"struct %s \{(.*?)\};" % name, bare, re.S)
        if not body:
            raise SystemExit(f"fsm/{name}.h: no struct {name}")
        declarations = re.findall(r"(\w[\w ]*?)\s+(\w+);", body.group(1))
        self.types = {field: kind for kind, field in declarations if field != "cs"}
        init = re.search(r"void %s_init\((.*?)\);" % name, bare, re.S)
        if not init:
            raise SystemExit(f"fsm/{name}.h: no {name}_init")
        self.init = " ".join(init.group(0).split())
        self.parameters = re.findall(r"(\w+)(?=,|\))", self.init.split("(", 1)[1])
        prefix = name.upper()
        self.effects = {
            word.lower(): int(bit)
            for word, bit in re.findall(r"%s_DO_(\w+) = (\d+)" % prefix, bare)
        }
        events = Path(root) / "fsm" / f"{name}_event.h"
        self.events = {}
        if events.exists():
            found = re.findall(r"%s_(\w+) = (\d+)" % prefix, events.read_text())
            self.events = {word: int(value) for word, value in found}
