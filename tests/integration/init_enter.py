"""Runs a tree as the root of new namespaces, with its /init as PID 1: what the sandbox does, small.

usage: init_enter.py TREE [SOCKETS] [-- ARGUMENT...]      in unshare -U -r -m -p -f -n -u -i

Devices are bound in, since devtmpfs can't be mounted there; SOCKETS is bound on /run/vsock of the
tree, and SOCKETS/nsm on /dev/nsm. CONSOLE in the environment is a terminal that becomes /dev/console.
"""

import ctypes
import os
import shutil
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
BIND, RECURSIVE, PRIVATE, DETACH = 4096, 16384, 1 << 18, 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}[os.uname().machine]


def call(name, *arguments):
    arguments = [a.encode() if isinstance(a, str) else a for a in arguments]
    if getattr(LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments}: {os.strerror(number)}")


def bind(source, target, folder=False):
    if folder:
        os.makedirs(target, exist_ok=True)
    else:
        open(target, "w").close()
    call("mount", source, target, None, BIND | (RECURSIVE if folder else 0), None)


def main():
    tree, rest = sys.argv[1], sys.argv[2:]
    split = rest.index("--") if "--" in rest else len(rest)
    sockets, arguments = rest[:split], rest[split + 1:]
    call("mount", "none", "/", None, RECURSIVE | PRIVATE, None)
    root = os.path.join(os.path.dirname(tree), "root")
    os.makedirs(root, exist_ok=True)
    call("mount", "tmpfs", root, "tmpfs", 0, None)
    shutil.copytree(tree, root, symlinks=True, dirs_exist_ok=True)
    for folder in ("dev", "proc", "old"):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    for device in ("null", "zero", "random", "urandom", "full", "tty"):
        bind(f"/dev/{device}", f"{root}/dev/{device}")
    if sockets and os.path.exists(f"{sockets[0]}/nsm"):
        bind(f"{sockets[0]}/nsm", f"{root}/dev/nsm")
    if "CONSOLE" in os.environ:
        bind(os.environ["CONSOLE"], f"{root}/dev/console")
    call("mount", "proc", f"{root}/proc", "proc", 0, None)
    environment = {name: value for name, value in os.environ.items() if name == "CLOISTER_TRACE"}
    if sockets:
        bind(sockets[0], f"{root}/run/vsock", folder=True)
        environment["CLOISTER_VSOCK_DIR"] = "/run/vsock"
    os.chdir(root)
    if LIBC.syscall(PIVOT_ROOT, b".", b"old") != 0:
        raise OSError(ctypes.get_errno(), "pivot_root")
    os.chdir("/")
    call("umount2", "/old", DETACH)
    os.rmdir("/old")
    os.execve("/init", ["/init"] + arguments, environment)


main()
