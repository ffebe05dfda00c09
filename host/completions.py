#!/usr/bin/env python3
"""Completions for bash, zsh and fish, made of what programs say with --help: the one table of their
verbs and options, so that completions can't know others.

usage: completions.py BIN OUT PROGRAM...
writes OUT/PROGRAM.bash, OUT/_PROGRAM (zsh) and OUT/PROGRAM.fish for programs in BIN
"""

import re
import subprocess
import sys
from pathlib import Path

FILES = {"FILE", "PATH", "PEM", "F", "URI"}
FOLDERS = {"DIR", "FOLDER"}
POSITIONAL = FILES | FOLDERS | {"SOURCE", "TARGET", "IMAGE", "DOCUMENT"}
ENCLAVES = {("pipeline", "--enclave"), ("initctl", "--enclave"), ("enclave", "--name"), ("enclave", "--enclave-name")}
# Of the operator's pipeline.conf, and the launcher's. No single quote: each shell puts it in its own.
NAMES = ('grep -oh "^.enclaves[.][A-Za-z0-9_-]*" "${XDG_CONFIG_HOME:-$HOME/.config}/cloister/pipeline.conf" '
         '2>/dev/null | cut -d. -f2; ls "${XDG_RUNTIME_DIR:-/run}/cloister" 2>/dev/null')


class Option:
    """`kind`: flag, file, folder, enclave, word, or the list of what may stand there."""

    def __init__(self, program, name, argument, text):
        self.name, self.text = name, text
        self.kind = "flag"
        if argument and re.fullmatch(r"[a-z0-9_]+( ?\| ?[a-z0-9_]+)+", argument):
            self.kind = [word.strip() for word in argument.split("|")]
        elif (program, name) in ENCLAVES and argument:
            self.kind = "enclave"
        elif argument:
            word = re.split(r"[^A-Z]", argument)[0]
            self.kind = "file" if word in FILES else "folder" if word in FOLDERS else "word"


class Help:
    """What one --help says: options by their names, verbs with what they do."""

    def __init__(self, command):
        self.text = subprocess.run([*command, "--help"], stdin=subprocess.DEVNULL, check=True,
                                   capture_output=True, text=True).stdout
        self.options, self.verbs = {}, {}
        self.program = self.text.split()[1]
        for line in self.text.split("\n"):
            if re.match(r"  -", line):
                self.option_line(line.strip())
            elif found := re.match(r"  ([a-z][a-z-]*(?:, [a-z-]+)*)(?:  +|: )([^ ].*)$", line):
                for verb in found[1].split(", "):
                    self.verbs.setdefault(verb, found[2])
        usage = " ".join(re.findall(r"^(?:usage:|      ) (\S+ .*)$", self.text, re.M))
        # Those that are only spoken of, in front of what they want: of a verb, in its usage alone.
        spoken = usage if len(command) > 1 else self.text
        for name, argument in re.findall(r"(?<![\w`-])(--[a-z][a-z_-]+)(?: ([A-Z]+)\b)?", spoken):
            self.options.setdefault(name, Option(self.program, name, argument, ""))
        self.options.setdefault("--help", Option(self.program, "--help", "", "say what there is"))
        usage = re.sub(r"-[\w-]+ [A-Z|a-z0-9_]+", "", usage)
        self.takes_files = bool(POSITIONAL & set(re.findall(r"[A-Z]+", usage)))

    def option_line(self, line):
        left, _, text = line.partition("  ")
        names = []
        while found := re.match(r"(--?[A-Za-z][\w-]*)([,:]? ?)", left):
            names.append(found[1])
            left = left[found.end():]
            if ":" in found[2]:
                left, text = "", left + text
        argument = re.match(r"[a-z0-9_]+( ?\| ?[a-z0-9_]+)+|[A-Z][^ ]*|", left)[0]
        text = (left[len(argument):] + text).strip().rstrip(";:,.")
        for name in names:
            self.options[name] = Option(self.program, name, argument, text)


class Program:
    """All that a program says. `common`: options that stand in front of a verb, and behind it."""

    def __init__(self, folder, name):
        self.name = name
        own = Help([folder / name])
        self.verbs = {}
        self.about = own.verbs
        self.common = own.options
        self.takes_files = own.takes_files
        for verb in own.verbs:
            help_ = Help([folder / name, verb])
            if help_.program == name:  # and not that of another program, which it starts
                behind = {k: v for k, v in own.options.items() if k != "--version"}
                help_.options = {**behind, **help_.options}
            self.verbs[verb] = help_

    def sections(self):
        """The verb ("": in front of it), its options, whether files may stand there."""
        yield "", self.common, self.takes_files and not self.verbs
        for verb, help_ in self.verbs.items():
            yield verb, help_.options, help_.takes_files


def bash(program):
    verbs, values = "|".join(program.verbs), [n for n, o in program.common.items() if o.kind != "flag"]
    kinds, words, files = {}, [], []
    for verb, options, takes_files in program.sections():
        for name, option in options.items():
            if option.kind != "flag":
                kind = " ".join(option.kind) if isinstance(option.kind, list) else option.kind
                kinds.setdefault((kind, isinstance(option.kind, list)), []).append(f"{verb}:{name}")
        offered = [*options, *([] if verb else program.verbs)]
        words.append(f"\t'{verb}') words='{' '.join(offered)}' ;;")
        files += [f"'{verb}'"] if takes_files else []
    acts = {"file": "compgen -f", "folder": "compgen -d", "word": "", "enclave": f"compgen -W \"$(sh -c '{NAMES}')\""}
    answers = []
    for (kind, is_list), places in kinds.items():
        act = f"compgen -W '{kind}'" if is_list else acts[kind]
        fill = f'mapfile -t COMPREPLY < <({act} -- "$word"); ' if act else ""
        answers.append(f"\t{' | '.join(places)}) {fill}return ;;")
    lines = [f"# {program.name}: completion for bash, made of its --help by host/completions.py.",
             f"_{program.name}()", "{",
             "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb='' words='' i", "",
             "\tCOMPREPLY=()", "\tfor ((i = 1; i < COMP_CWORD; i++)); do", "\t\tcase ${COMP_WORDS[i]} in",
             *([f"\t\t{' | '.join(values)}) i=$((i + 1)) ;;"] if values else []),
             *([f"\t\t{verbs.replace('|', ' | ')})", "\t\t\tverb=${COMP_WORDS[i]}", "\t\t\tbreak", "\t\t\t;;"] if verbs else []),
             "\t\t--) break ;;", "\t\tesac", "\tdone", "\tcase $verb:$before in", *answers, "\tesac",
             "\tcase $verb in", *words, "\tesac"]
    if files:
        lines += [f"\tcase $verb:$word in", *[f"\t{verb}:-*) ;;\n\t{verb}:*)\n"
                  '\t\tmapfile -t COMPREPLY < <(compgen -f -- "$word")\n\t\treturn\n\t\t;;' for verb in files], "\tesac"]
    lines += ['\tmapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")', "}",
              f"complete -o filenames -F _{program.name} {program.name}", ""]
    return "\n".join(lines)


def zsh(program):
    def quoted(text):
        return re.sub(r"([\[\]:\\])", r"\\\1", text).replace("'", "’").replace("`", "")

    def row(option):
        act = {"file": ":file:_files", "folder": ":folder:_files -/", "word": ":value: ",
               "enclave": f":enclave:_{program.name}_enclaves", "flag": ""}
        kind = f":value:({' '.join(option.kind)})" if isinstance(option.kind, list) else act[option.kind]
        return f"'*{option.name}[{quoted(option.text)}]{kind}'"

    lines = [f"#compdef {program.name}", f"# {program.name}: completion for zsh, made of its --help by host/completions.py.",
             f"_{program.name}_enclaves()", "{", f"\tlocal -a names=(${{(f)\"$(sh -c '{NAMES}')\"}})", "\tcompadd -a names", "}",
             f"_{program.name}()", "{", "\tlocal state line curcontext=$curcontext"]
    rows = [row(o) for o in program.common.values()]
    if not program.verbs:
        rest = ["'*:file:_files'"] if program.takes_files else []
        return "\n".join([*lines, "\t_arguments \\", " \\\n".join("\t\t" + r for r in rows + rest), "}", f'_{program.name} "$@"', ""])
    lines += ["\t_arguments -C \\", *["\t\t" + r + " \\" for r in rows], "\t\t'1:verb:->verb' '*::argument:->rest'", "\tcase $state in", "\tverb)",
              "\t\tlocal -a verbs=(", *[f"\t\t\t'{verb}:{quoted(text)}'" for verb, text in program.about.items()], "\t\t)", "\t\t_describe verb verbs", "\t\t;;",
              "\trest)", "\t\tcase ${words[1]} in"]
    for verb, help_ in program.verbs.items():
        rest = ["'*:file:_files'"] if help_.takes_files else ["'*: : '"]
        lines += [f"\t\t{verb})", "\t\t\t_arguments \\", " \\\n".join("\t\t\t\t" + r for r in [row(o) for o in help_.options.values()] + rest), "\t\t\t;;"]
    return "\n".join([*lines, "\t\tesac", "\t\t;;", "\tesac", "}", f'_{program.name} "$@"', ""])


def fish(program):
    def quoted(text):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    verbs = " ".join(program.verbs)
    lines = [f"# {program.name}: completion for fish, made of its --help by host/completions.py.", f"complete -c {program.name} -f"]
    for verb, options, takes_files in program.sections():
        seen = f"__fish_seen_subcommand_from {verb}" if verb else f"not __fish_seen_subcommand_from {verbs}" if verbs else ""
        head = f"complete -c {program.name}" + (f" -n '{seen}'" if seen else "")
        if not verb:
            lines += [f"{head} -a {each} -d {quoted(text)}" for each, text in program.about.items()]
        for option in options.values():
            name = f"-l {option.name[2:]}" if option.name.startswith("--") else f"-s {option.name[1:]}"
            act = {"file": " -r -F", "folder": " -x -a '(__fish_complete_directories)'", "word": " -x", "flag": "",
                   "enclave": f" -x -a '(sh -c \\'{NAMES}\\')'"}
            kind = f" -x -a '{' '.join(option.kind)}'" if isinstance(option.kind, list) else act[option.kind]
            lines.append(f"{head} {name}{kind}" + (f" -d {quoted(option.text)}" if option.text else ""))
        lines += [f"{head} -F"] if takes_files else []
    return "\n".join([*lines, ""])


def main():
    folder, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[3:]:
        program = Program(folder, name)
        (out / f"{name}.bash").write_text(bash(program))
        (out / f"_{name}").write_text(zsh(program))
        (out / f"{name}.fish").write_text(fish(program))


main()
