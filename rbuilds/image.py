#!/usr/bin/env python3
"""Builds an enclave image (EIF) from an application's folder; spec/image.md says what goes in.

usage: image.py APP OUTPUT.eif [--key FILE.pub]... [--keys FILE] [--verified] [--any-kernel]
                [--trace MACHINES]
Run it from the repository root.

APP/cloister.toml says what to pack, APP/root/ is what the application adds to the root, APP/units/
are the units that init starts. OUTPUT.pcr.json gets the measurements, as `eif build` prints them.
The same folder, programs and packages give the same bytes. With --verified it is built only if all
has passed; without, name, metadata and the evidence in the image say that it is unverified.
--any-kernel is for the sandbox, which boots none: where ours is not built yet, the distribution's is
packed.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, "rbuilds")
import evidence  # noqa: E402
import operators  # noqa: E402

BIN = Path(os.environ.get("BIN", "out/bin"))
CACHE = Path("out/packages")
KERNEL = "linux-image-cloud-amd64"  # names the package that has the distribution's
COMMAND_LINE = ("reboot=k panic=30 pci=off nomodules console=ttyS0 i8042.noaux i8042.nomux "
                "i8042.nopnp i8042.dumbkbd random.trust_cpu=on")
KEYS = {"name": str, "version": str, "kernel": str, "kernel_config": str, "command_line": str,
        "packages": list, "applets": str, "programs": list}
NEEDED = ("name", "version")
FILES = {  # what programs expect of any root, unless the application brings its own
    "etc/passwd": "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
FOLDERS = ("dev", "etc", "proc", "run", "sys", "tmp")


def fail(text):
    raise SystemExit(f"image: {text}")


def read_manifest(app):
    path = app / "cloister.toml"
    try:
        found = tomllib.loads(path.read_text())
    except FileNotFoundError:
        fail(f"{path} is missing: an application's folder has cloister.toml, root/ and units/")
    except tomllib.TOMLDecodeError as error:
        fail(f"{path}: {error}")
    for key, value in found.items():
        if key not in KEYS:
            fail(f"{path}: unknown key '{key}'; known are {', '.join(KEYS)}")
        if not isinstance(value, KEYS[key]) or (
                isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            fail(f"{path}: '{key}' must be a {'list of strings' if KEYS[key] is list else 'string'}")
    for key in NEEDED:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}", found.get(key, "")):
            fail(f"{path}: '{key}' is needed: up to 64 letters, digits and . _ + -")
    return found


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **options)
    if done.returncode:
        fail(f"`{' '.join(map(str, command))}` failed: {done.stderr.strip()}")
    return done.stdout


def package_file(name):
    """The package as apt verifies and downloads it, once for each version."""
    wanted = run("apt-cache", "policy", name)
    version = re.search(r"Candidate: (\S+)", wanted)
    if not version or version.group(1) == "(none)":
        fail(f"apt knows no package {name}: run `apt-get update`, or correct cloister.toml")
    version = version.group(1)
    CACHE.mkdir(parents=True, exist_ok=True)
    pattern = f"{name}_{version.replace(':', '%3a')}_*.deb"
    for _ in range(2):
        for path in CACHE.glob(pattern):
            return path
        print(f"  GET {name} {version}", flush=True)
        run("apt-get", "download", "-qq", f"{name}={version}", cwd=CACHE)
    return fail(f"apt-get downloaded {name}, but no {pattern} is there")


def unpacked(name):
    """The folder with the package's files."""
    package = package_file(name)
    folder = package.with_suffix("")
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        run("dpkg-deb", "--extract", package, partial)
        partial.rename(folder)
    return folder


def our_kernel(*make):
    """The folder with our kernel, or None; what is said on the way is seen."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(make, text=True, stdout=subprocess.PIPE, env=clean)
    return None if done.returncode else Path(done.stdout.split("\n")[-2])


def kernel(app, manifest, any_kernel):
    """The kernel image and its configuration."""
    if "kernel" in manifest:
        return app / manifest["kernel"], app / manifest.get("kernel_config", "config")
    ours = our_kernel("rbuilds/kernel/build.sh", "--cached")
    if not ours and not any_kernel:
        ours = our_kernel("make", "-s", "kernel")
        if not ours:
            fail("there is no kernel: see above; or let cloister.toml name one: spec/image.md")
    if ours:
        return ours / "bzImage", ours / "config"
    real = re.search(r"Depends: (linux-image-\S+)", run("apt-cache", "depends", KERNEL))
    if not real:
        fail(f"{KERNEL} depends on no kernel: run `apt-get update`")
    boot = unpacked(real.group(1)) / "boot"
    return next(boot.glob("vmlinuz-*")), next(boot.glob("config-*"))


def copy(source, target):
    """A file or a link, with a mode that no umask has changed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink() or target.exists():
        target.unlink()
    if source.is_symlink():
        target.symlink_to(os.readlink(source))
        return
    shutil.copyfile(source, target)
    target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def copy_tree(source, root):
    for path in sorted(source.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            (root / path.relative_to(source)).mkdir(parents=True, exist_ok=True)
        else:
            copy(path, root / path.relative_to(source))


def add_package(name, root):
    folder = unpacked(name)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_dir() and inside.parts[:2] != ("usr", "share"):
            copy(path, root / inside)


def add_applets(name, root):
    program = root / name.lstrip("/")
    if not program.exists():
        fail(f"applets: no package and no root/ brings {name}")
    for applet in run(program, "--list").split():
        link = program.parent / applet
        if not link.exists() and not link.is_symlink():
            link.symlink_to(program.name)


def add_program(name, root):
    source = BIN / "image" / name  # what knows less in an image is there
    if not source.exists():
        source = BIN / name
    if not source.exists():
        fail(f"programs: no {BIN / name}: run `make {name}`, or correct cloister.toml")
    if b"insecure-dev" in source.read_bytes():
        fail(f"programs: {source} can do without TLS: run `make all` for the one of images")
    target = root / "usr/bin" / name
    copy(source, target)
    # What debuggers want names the folder that it was built in, and so does the build's name.
    run("strip", "--strip-debug", "--remove-section=.note.gnu.build-id", target)
    target.chmod(0o755)
    for library in re.findall(r"(/\S+) \(0x", run("ldd", source)):
        copy(Path(library).resolve(), root / library.lstrip("/"))


def fill(app, manifest, root):
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    for name, text in FILES.items():
        (root / name).write_text(text)
        (root / name).chmod(0o644)
    for package in manifest.get("packages", []):
        add_package(package, root)
    if "applets" in manifest:
        add_applets(manifest["applets"], root)
    for program in manifest.get("programs", []):
        add_program(program, root)
    units = root / "etc/cloister/units"
    units.mkdir(parents=True)
    if (app / "units").is_dir():
        copy_tree(app / "units", units)
    if (app / "root").is_dir():
        copy_tree(app / "root", root)
    for path in [root, *root.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o1777 if path == root / "tmp" else 0o755)


def build(app, output, verified, any_kernel, trace, keys):
    manifest = read_manifest(app)
    name = manifest["name"] + ("" if verified else "-unverified")
    image, configuration = kernel(app, manifest, any_kernel)
    stage = output.with_suffix(".stage")
    shutil.rmtree(stage, ignore_errors=True)
    (stage / "boot").mkdir(parents=True)
    copy(BIN / "init", stage / "boot/init")
    fill(app, manifest, stage / "root")
    keys.measure(stage / "root")
    shown = evidence.measured(verified)
    (stage / "root" / evidence.PLACE).write_bytes(shown)
    (stage / "root" / evidence.PLACE).chmod(0o644)
    (stage / "metadata.json").write_text(evidence.metadata(verified, shown))
    run(BIN / "eif", "ramdisk", "--output", stage / "boot.cpio", stage / "boot")
    run(BIN / "eif", "ramdisk", "--prefix", "rootfs", "--output", stage / "root.cpio",
        stage / "root")
    command_line = manifest.get("command_line", COMMAND_LINE)
    measured = run(
        BIN / "eif", "build", "--kernel", image, "--kernel_config", configuration, "--cmdline",
        f"{command_line} CLOISTER_TRACE={trace}" if trace else command_line, "--ramdisk",
        stage / "boot.cpio", "--ramdisk", stage / "root.cpio", "--name", name,
        "--version", manifest["version"], "--metadata", stage / "metadata.json", "--output", output)
    output.with_suffix(".pcr.json").write_text(measured)
    output.with_suffix(".intoto.json").write_text(
        evidence.statement(output, json.loads(measured), verified, shown))
    shutil.rmtree(stage)
    return measured


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("app", type=Path)
    options.add_argument("output", type=Path)
    options.add_argument("--verified", action="store_true", help="all has passed: no mark")
    options.add_argument("--key", type=Path, action="append", default=[],
                         help="an operator's public key, which may do everything; repeatable")
    options.add_argument("--keys", type=Path, help="authorized keys, with what each may do")
    options.add_argument("--any-kernel", action="store_true", help="ours if it is built already")
    options.add_argument("--trace", help="machines that are traced inside, or `all`")
    options = options.parse_args()
    if not options.app.is_dir():
        fail(f"there is no folder {options.app}")
    if options.verified and not evidence.stamp.check():
        sys.exit(1)
    os.environ["LC_ALL"] = "C"
    sys.stdout.write(build(options.app, options.output, options.verified, options.any_kernel,
                           options.trace, operators.Keys(options.keys, options.key)))


if __name__ == "__main__":
    main()
