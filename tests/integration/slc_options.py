"""slc: what an exec may say beside its command: variables, folder, user, time; whole, with the
program pipeline as the client."""
import os
import subprocess

from slc_client import ATTEST, EXEC, REFUSE, STATUS, command, field, fields, number
from slc_service import BIN, ENVIRONMENT, SANITIZED, Service, equal, main

PIPELINE = os.path.join(BIN, "pipeline")
if SANITIZED and os.path.exists(os.path.join(SANITIZED, "pipeline")):
    PIPELINE = os.path.realpath(os.path.join(SANITIZED, "pipeline"))


def pipeline(service, *words, **variables):
    """Status, output, and the last line of the error output."""
    done = subprocess.run(
        [PIPELINE, "--insecure-dev", "--addr", f"unix:{service.path}", *words],
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
        env=dict(ENVIRONMENT, **variables))
    errors = done.stderr.decode(errors="replace").splitlines()
    return done.returncode, done.stdout.decode(errors="replace"), errors[-1] if errors else ""


def clean_environment():
    """exec: a command has PATH, HOME, USER, LOGNAME and SHELL, and nothing of the service's"""
    with Service() as service:
        status, out, _ = pipeline(service, "exec", "env", CLIENT_SECRET="x")
        found = dict(line.split("=", 1) for line in out.splitlines())
        equal((status, sorted(found)), (0, ["HOME", "LOGNAME", "PATH", "SHELL", "USER"]))
        equal(found["PATH"], ENVIRONMENT["PATH"])


def variables():
    """exec -e: variables arrive as they are, the last of a name counts, NAME is the one here"""
    with Service() as service:
        equal(pipeline(service, "exec", "-e", "A=first", "-e", "HOME=/x y", "-e", "A==\n é",
                       "-e", "MINE", "-e", "NONE", "--", "sh", "-c",
                       'printf "%s|%s|%s|%s" "$A" "$HOME" "$MINE" "${NONE-none}"', MINE="here")[:2],
              (0, "=\n é|/x y|here|none"))
        equal(pipeline(service, "exec", "-e", f"PATH={service.root}", "true")[0], 127)
        for wrong in ("", "=x"):
            equal(pipeline(service, "exec", "-e", wrong, "true")[::2], (2, "reason: usage"))
        many = [word for n in range(256) for word in ("-e", f"V{n}={n}")]
        equal(pipeline(service, "exec", *many, "--", "sh", "-c", "echo $V0 $V255")[1], "0 255\n")


def folders():
    """exec -w: a command starts there; one that can not be entered has its reason"""
    with Service() as service:
        equal(pipeline(service, "exec", "-w", service.root, "pwd")[:2], (0, f"{service.root}\n"))
        equal(pipeline(service, "exec", "-w", f"{service.root}/none", "pwd")[::2],
              (127, "reason: not_found"))
        equal(pipeline(service, "exec", "-w", service.path, "pwd")[::2],
              (127, "reason: not_found"))
        equal(pipeline(service, "exec", "-w", "here", "pwd")[::2], (2, "reason: usage"))


def users():
    """exec -u: a command runs as the user, with no right of root's; who is not root can't be another"""
    with Service() as service:
        equal(pipeline(service, "exec", "-u", "no-such-user", "true")[::2],
              (127, "reason: not_found"))
        own = str(os.geteuid())
        equal(pipeline(service, "exec", "-u", own, "--", "id", "-u")[:2], (0, f"{own}\n"))
        if os.geteuid() != 0:
            equal(pipeline(service, "exec", "-u", "nobody", "true")[::2],
                  (125, "reason: denied"))
            return
        equal(pipeline(service, "exec", "-u", "nobody", "--", "sh", "-c",
                       'echo "$(id -un) $(id -G) $USER"; grep Cap /proc/self/status')[1].split(),
              ["nobody", "65534", "nobody", "CapInh:", "0" * 16, "CapPrm:", "0" * 16, "CapEff:",
               "0" * 16, "CapBnd:", bounding(), "CapAmb:", "0" * 16])
        equal(pipeline(service, "exec", "-u", "12345", "--", "sh", "-c", "id -u; id -G")[1],
              "12345\n12345\n")
        os.mkdir(f"{service.root}/closed", 0o700)
        equal(pipeline(service, "exec", "-u", "nobody", "-w", f"{service.root}/closed", "pwd")[::2],
              (125, "reason: denied"))
        service.await_no_jobs()


def bounding():
    with open("/proc/self/status", encoding="ascii") as file:
        return next(line.split()[1] for line in file if line.startswith("CapBnd:"))


def users_end_with_the_rest():
    """exec -u: what another user runs ends too when its client leaves"""
    if os.geteuid() != 0:
        return
    with Service() as service:
        client = service.client()
        channel = client.accepted(client.open(
            EXEC, command("sh", "-c", "trap '' TERM HUP; echo x; while :; do sleep 0.1; done") +
            field(20, b"nobody")))
        client.read()
        client.signal(channel, 9)
        equal(client.finish(channel)[2][1], 137)
        channel = client.accepted(client.open(
            EXEC, command("sleep", "1000") + field(20, b"nobody")))
        client.close()
        service.await_no_jobs()


def times():
    """exec --time: what takes longer is ended, says so, and leaves nothing"""
    with Service() as service:
        status, out, last = pipeline(service, "exec", "--time", "1", "--", "sh", "-c",
                                     "echo before; sleep 1000")
        equal((status, out, last), (125, "before\n", "reason: timeout"))
        equal(pipeline(service, "exec", "--time", "1000", "true")[0], 0)
        client = service.client()
        channel = client.accepted(
            client.open(EXEC, command("sleep", "1000") + field(22, number(1))))
        _, _, (kind, value, rest) = client.finish(channel)
        equal((kind, value, dict(fields(rest))[113]), (STATUS, 143, number(4)))
        equal(pipeline(service, "exec", "--time", "0", "true")[0], 2)
        service.await_no_jobs()


def wrong_fields():
    """requests: fields that say it wrongly, twice or elsewhere are refused, and the session goes on"""
    with Service() as service:
        client = service.client()
        for kind, row, reason in (
                (EXEC, field(18, b"A"), 9), (EXEC, field(18, b"=A"), 9), (EXEC, field(18, b"A=\0"), 9),
                (EXEC, field(19, b"tmp"), 9), (EXEC, field(19, b"/") * 2, 9),
                (EXEC, field(20, b""), 9), (EXEC, field(20, b"x" * 65), 9),
                (EXEC, field(22, b"\0\0\0\0"), 9), (EXEC, field(22, b"\0"), 9),
                (EXEC, field(18, b"A=B") * 257, 7), (ATTEST, field(18, b"A=B"), 8)):
            words = command("true") if kind == EXEC else b""
            channel = client.open(kind, words + row)
            answer = client.read()
            equal((answer[0], answer[2], answer[3][:4]), (REFUSE, channel, number(reason)))
        equal(client.finish(client.exec("echo", "still"))[0], b"still\n")
        equal(client.leave(), "none")


if __name__ == "__main__":
    main([clean_environment, variables, folders, users, users_end_with_the_rest, times, wrong_fields])
