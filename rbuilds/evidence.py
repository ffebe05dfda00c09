"""The evidence that goes with an image (spec/evidence.md): what its sources are and what was shown
of them, in the image and measured; and what nobody can measure, beside it.

What is measured is a function of the sources alone: two folders with the same sources give the same
bytes. When and how long something ran, and for whom, stands in the metadata and in the statement.
"""

import datetime
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HERE / folder) for folder in ("verify", "verify/spin", "fuzz", "fsm/tool")]
import campaign  # noqa: E402
import compose  # noqa: E402
import eva  # noqa: E402
import prove  # noqa: E402
import stamp  # noqa: E402

PLACE = "etc/cloister/evidence.json"
TREES = ("GNUmakefile", "fsm", "fuzz", "gen", "host", "rbuilds", "runtime", "services", "verify")
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:cloister:evidence:1"


def counts(path):
    """Pages and expected measurements are no part of a tree, and neither is what tools leave."""
    return not (path.name.endswith((".md", ".pcr.json")) or "__pycache__" in path.parts
                or any(part.startswith(".") for part in path.parts) or path.is_symlink())


def tree_digest(top):
    """What `sha256sum` says of the list that it makes of all files, in the order of their names."""
    top = Path(top)
    files = [top] if top.is_file() else [path for path in top.rglob("*") if path.is_file()]
    lines = sorted(((str(path), stamp.digest_of(path)) for path in files if counts(path)),
                   key=lambda line: os.fsencode(line[0]))
    return hashlib.sha256(b"".join(f"{digest}  ".encode() + os.fsencode(path) + b"\n"
                                   for path, digest in lines)).hexdigest()


def proofs(verified):
    for kind, name in stamp.all_names():
        if kind == "proof":
            goals = prove.Target(name).committed()
            yield name, {"contract": stamp.digest_of(Path(f"verify/{name}.acsl")),
                         "goals": f"{goals if verified else 0}/{goals}"}


def campaigns(verified):
    for kind, name in stamp.all_names():
        if kind == "fuzz":
            corpus = Path(f"fuzz/corpus/{name}")
            found = {"corpus": tree_digest(corpus), "inputs": str(len(list(corpus.iterdir())))}
            if verified:
                log = stamp.Stamp("fuzz", name).log.read_text(errors="replace")
                for what in ("row", "arrow"):
                    found[f"{what}s"] = "{}/{}".format(*campaign.walked(log, what))
            yield name, found


def digests(pattern):
    return {path.stem: stamp.digest_of(path) for path in sorted(Path("verify").glob(pattern))}


def total(entries, key):
    pairs = [entry[key].split("/") for entry in entries.values() if key in entry]
    return "/".join(str(sum(int(pair[i]) for pair in pairs)) for i in (0, 1))


def measured(verified):
    """Its bytes, as they are in the image."""
    proved, fuzzed = dict(proofs(verified)), dict(campaigns(verified))
    decoders, models = digests("eva/*.c"), digests("spin/*.pml")
    share = "{0}/{0}" if verified else "0/{0}"
    summary = {"contracts": share.format(len(proved)), "goals": total(proved, "goals"),
               "decoders": share.format(len(decoders)), "models": share.format(len(models)),
               "campaigns": share.format(len(fuzzed)), "seconds": str(campaign.committed_seconds())}
    if verified:
        summary.update(rows=total(fuzzed, "rows"), arrows=total(fuzzed, "arrows"))
    found = {"format": "1", "verified": verified, "summary": summary,
             "tools": {**prove.VERSIONS, **compose.TOOLS, **campaign.TOOLS},
             "trees": {tree: tree_digest(tree) for tree in TREES},
             "proofs": proved, "decoders": decoders, "models": models, "campaigns": fuzzed}
    return (json.dumps(found, indent=1) + "\n").encode()


def git(*words):
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def commit():
    """The commit that the sources are of, and its time."""
    name, when = git("rev-parse", "HEAD"), git("log", "-1", "--format=%cI")
    if name is None:
        return "unknown", "unknown"
    return name + ("+changes" if git("status", "--porcelain") else ""), when


def metadata(verified, evidence):
    """For the image's metadata, which is not measured: the same for the same commit."""
    name, when = commit()
    return json.dumps({"cloister": {"commit": name, "committed": when, "verified": verified,
                                    "evidence": hashlib.sha256(evidence).hexdigest()}})


def runs():
    """What the stamps say of the runs, with their logs' digests."""
    for kind, name in stamp.all_names():
        of = stamp.Stamp(kind, name)
        found = {key: value for key, value in of.read().items() if key != "sources"}
        ended = datetime.datetime.fromtimestamp(of.path.stat().st_mtime, datetime.timezone.utc)
        yield f"{kind}/{name}", {"ended": ended.isoformat(timespec="seconds"), **found}


def statement(image, measurements, verified, evidence):
    """An in-toto statement about the image: what was run for it here."""
    name, when = commit()
    found = {
        "_type": STATEMENT, "predicateType": PREDICATE,
        "subject": [{"name": image.name, "digest": {"sha256": stamp.digest_of(image)}}],
        "predicate": {
            "verified": verified, "commit": name, "committed": when,
            "built": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "measurements": measurements["Measurements"],
            "evidence": json.loads(evidence), "runs": dict(runs()) if verified else {}}}
    return json.dumps(found, indent=1) + "\n"
