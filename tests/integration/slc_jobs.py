"""slc and pipeline: detached commands: what outlives its client, whom it belongs to, what is kept of
what it says, and how it ends; and what a command may say at most."""
import json
import os
import subprocess

from slc_client import (ACCEPT, CONTROL, CREDIT, DATA, END, EXEC, REFUSE, STATUS, await_true, command,
                        field, fields, frame, number)
from slc_keys import make_keys, path_of, pipeline as keyed, service as keyed_service
from slc_options import PIPELINE, pipeline
from slc_service import ENVIRONMENT, Service, equal, is_there, main

DETACHED = field(25, b"")


def control(verb, job=None, *more):
    return field(161, verb.encode()) + (field(162, number(job)) if job else b"") + b"".join(more)


def detach(client, *words, more=b""):
    """Starts it; its number."""
    channel = client.accepted(client.open(EXEC, command(*words) + DETACHED + more))
    out, err, (kind, status, rest) = client.finish(channel)
    equal((out, err, kind, status), (b"", b"", STATUS, 0))
    return int.from_bytes(dict(fields(rest))[162], "big")


def ask(client, *words):
    """Output, error output, and how the answer ends."""
    channel = client.open(CONTROL, control(*words))
    answer = client.read()
    if answer[0] == REFUSE:
        return b"", b"", (REFUSE, int.from_bytes(answer[3][:4], "big"), b"")
    equal(answer, (ACCEPT, 0, channel, b""))
    return client.finish(channel)


def outlives_its_client():
    """detach: a command goes on when its client is gone; its log and its status are there later"""
    with Service() as service:
        client = service.client()
        go = os.path.join(service.root, "go")
        job = detach(client, "sh", "-c", f"echo one; echo two >&2; while [ ! -e {go} ]; do "
                     "sleep 0.05; done; echo three; exit 5")
        client.close()
        other = service.client()
        await_true("words", lambda: ask(other, "logs", job)[:2] == (b"one\n", b"two\n"))
        await_true("one process", lambda: len(service.jobs()) == 1)
        with open(go, "w", encoding="ascii"):
            pass
        equal(ask(other, "wait", job), (b"", b"", (STATUS, 5, b"")))
        out, err, (kind, status, rest) = ask(other, "logs", job)
        equal((out, err, kind, status), (b"one\nthree\n", b"two\n", STATUS, 0))
        equal(int.from_bytes(dict(fields(rest))[172], "big"), 0)
        equal(ask(other, "kill", job, field(163, number(9)))[2][:2], (REFUSE, 11))
        service.await_no_jobs()


def from_the_command_line():
    """ps, logs, kill, wait: for people, for jq, with exit codes"""
    with Service() as service:
        equal(pipeline(service, "ps")[:2], (0, ""))
        status, out, _ = pipeline(service, "exec", "--detach", "--", "sh", "-c",
                                  "echo said; echo é >&2; exec sleep 1000")
        equal(status, 0)
        job = out.strip()
        await_true("words", lambda: '"error"' in pipeline(service, "logs", "--json", job)[1])
        equal(pipeline(service, "logs", job)[:2], (0, "said\n"))
        rows = [json.loads(line) for line in
                pipeline(service, "logs", "--json", job)[1].splitlines()]
        equal(sorted(row["text"] for row in rows[:-1]), ["said\n", "é\n"])
        equal(rows[-1], {"job": int(job), "dropped": 0})
        listed = json.loads(pipeline(service, "ps", "--json")[1])["jobs"]
        equal([(row["job"], row["state"], row["key"], row["said"], row["command"][:5])
               for row in listed], [(int(job), "runs", "", 8, "sh -c")])
        assert "runs" in pipeline(service, "ps")[1]
        equal(json.loads(pipeline(service, "kill", "-s", "usr1", "--json", job)[1]),
              {"job": int(job), "signal": 10})
        equal(pipeline(service, "wait", job)[0], 128 + 10)
        equal(json.loads(pipeline(service, "wait", "--json", job)[1]),
              {"job": int(job), "status": 138, "reason": "none"})
        equal(pipeline(service, "kill", job)[::2], (66, "reason: not_found"))
        for words in (("logs", "99999"), ("kill", "99999")):
            equal(pipeline(service, *words)[::2], (66, "reason: not_found"))
        equal(pipeline(service, "wait", "99999")[::2], (127, "reason: not_found"))
        for words in (("logs",), ("logs", "x"), ("wait", "0"), ("kill", "-s", "none", job),
                      ("ps", job), ("exec", "--detach", "-i", "true"),
                      ("exec", "--detach", "-t", "true"), ("exec", "--output", "0", "true")):
            equal(pipeline(service, *words)[::2], (2, "reason: usage"))
        equal(pipeline(service, "exec", "--detach", "no-such-command")[::2],
              (127, "reason: not_found"))
        equal(len(json.loads(pipeline(service, "ps", "--json")[1])["jobs"]), 1)
        equal(list(json.loads(pipeline(service, "--json", "exec", "--detach", "true")[1])), ["job"])
        service.await_no_jobs()


def follows():
    """logs -f: what is said arrives as it is said, to its end"""
    with Service() as service:
        client = service.client()
        go = os.path.join(service.root, "go")
        job = detach(client, "sh", "-c", f"echo first; while [ ! -e {go} ]; do sleep 0.05; done; "
                     "echo last")
        with subprocess.Popen(
                [PIPELINE, "--insecure-dev", "--addr", f"unix:{service.path}", "logs", "-f",
                 str(job)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=ENVIRONMENT) as follower:
            equal(follower.stdout.readline(), b"first\n")
            with open(go, "w", encoding="ascii"):
                pass
            equal(follower.stdout.read(), b"last\n")
            equal(follower.wait(), 0)


def slow_readers():
    """logs -f: who reads nothing holds up neither the command nor others, and is told what he lost"""
    with Service() as service:
        lazy, client = service.client(credit=1000), service.client()
        job = detach(client, "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end")
        channel = lazy.accepted(lazy.open(CONTROL, control("logs", job, field(164, number(1)))))
        equal(ask(client, "wait", job)[2][:2], (STATUS, 0))
        out, _, (_, status, rest) = ask(client, "logs", job)
        said, dropped = (int.from_bytes(dict(fields(rest))[tag], "big") for tag in (171, 172))
        equal((status, out[-5:], said, len(out) + dropped), (0, b"\nend\n", 3000005, 3000005))
        assert 32768 < len(out) <= 65536
        came = 0
        while True:
            kind, _, where, payload = lazy.read()
            if kind == STATUS:
                break
            equal(where, channel)
            if kind == END:
                continue
            equal(kind, DATA)
            came += len(payload)
            lazy.send(frame(CREDIT, channel, number(len(payload))))
        lost = int.from_bytes(dict(fields(payload[4:]))[172], "big")
        equal(came + lost, 3000005)


def leaves_too_early():
    """detach: what a client asks for and does not wait for either is there, or never was"""
    with Service() as service:
        for _ in range(20):
            client = service.client()
            client.open(EXEC, command("sleep", "1000") + DETACHED)
            client.close()
        client = service.client()
        await_true("an end to what was not told of", lambda: len(rows_of(client)) ==
                   len(service.jobs()))
        for row in rows_of(client):
            equal(ask(client, "kill", row, field(163, number(9)))[2][:2], (STATUS, 0))
        service.await_no_jobs()


def rows_of(client):
    """Numbers of jobs that run."""
    found = fields(ask(client, "ps")[0])
    return [int.from_bytes(value, "big") for (tag, value), (_, runs) in zip(found, found[1:])
            if tag == 162 and runs == number(1)]


def limits():
    """detach: more than may be kept are refused; the first that ended makes room; --time counts"""
    with Service("--detached", "2") as service:
        client = service.client()
        first = detach(client, "sleep", "1000")
        second = detach(client, "true")
        equal(ask(client, "wait", second)[2][:2], (STATUS, 0))
        third = detach(client, "sleep", "1000")
        equal(ask(client, "wait", second)[2][:2], (REFUSE, 11))
        ask(client, "kill", first, field(163, number(9)))
        equal(ask(client, "wait", first)[2][:2], (STATUS, 137))
        fourth = detach(client, "sleep", "1000")
        channel = client.open(EXEC, command("true") + DETACHED)
        equal((client.read()[2:]), (channel, number(7) + b"there are too many jobs"))
        assert len({first, second, third, fourth}) == 4
        for job in (third, fourth):
            ask(client, "kill", job, field(163, number(15)))
            equal(ask(client, "wait", job)[2][:2], (STATUS, 143))
        _, _, (kind, status, rest) = ask(client, "wait", detach(
            client, "sleep", "1000", more=field(22, number(1))))
        equal((kind, status, dict(fields(rest))[113]), (STATUS, 143, number(4)))
        service.await_no_jobs()


def ends_with_the_service():
    """detach: a service that stops waits for its time, and then ends what runs"""
    with Service("--drain", "1") as service:
        client = service.client()
        detach(client, "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")
        await_true("its process", lambda: len(service.jobs()) == 1)
        job, = service.jobs()
        client.close()
        service.process.terminate()
        service.await_end()
        assert not is_there(job)


def whose_it_is():
    """detach: a job is its key's; others see and end it with the verb control alone"""
    make_keys()
    with keyed_service() as here:
        def run(key, *words):
            return keyed(here.path, *words, key=key)
        mine = run("few", "exec", "--detach", "--", "echo", "mine")[2].strip()
        theirs = run("all", "exec", "--detach", "--", "sleep", "1000")[2].strip()
        equal(run("few", "wait", mine)[0], 0)
        jobs = {key: [row["job"] for row in json.loads(run(key, "ps", "--json")[2])["jobs"]]
                for key in ("few", "all")}
        equal(jobs, {"few": [int(mine)], "all": [int(mine), int(theirs)]})
        equal(run("few", "logs", mine)[2], "mine\n")
        equal(run("all", "logs", mine)[2], "mine\n")
        for words, code in ((("logs", theirs), 66), (("kill", theirs), 66), (("wait", theirs), 127)):
            equal(run("few", *words)[:2], (code, "not_found"))
        equal(run("few", "exec", "--detach", "--", "sleep", "1000")[:2], (125, "denied"))
        equal(run("few", "exec", "-e", "A=1", "--", "echo", "x")[:2], (125, "denied"))
        equal(run("few", "exec", "-w", "/", "--", "echo", "x")[:2], (125, "denied"))
        equal(run("few", "exec", "-u", "root", "--", "echo", "x")[:2], (125, "denied"))
        equal(run("all", "kill", theirs)[0], 0)
        equal(run("all", "wait", theirs)[0], 143)


def full_and_entered():
    """detach: with every place of a job taken an operator still enters, and ends one"""
    with keyed_service("--jobs", "1") as here:
        def run(*words):
            return keyed(here.path, *words, key="all")
        job = run("exec", "--detach", "--", "sleep", "1000")[2].strip()
        equal(run("exec", "true")[:2], (125, "limit"))
        equal(run("kill", job)[0], 0)
        equal(run("wait", job)[0], 143)
        equal(run("exec", "true")[:2], (0, None))


def output_limit():
    """exec --output: who says more is ended, what he may say arrives; so with endless output"""
    with Service() as service:
        equal(pipeline(service, "exec", "--output", "6", "yes"),
              (125, "y\ny\ny\n", "reason: limit"))
        equal(pipeline(service, "exec", "--output", "6", "--", "echo", "12345")[:2],
              (0, "12345\n"))
        equal(pipeline(service, "exec", "--output", "5", "--", "echo", "12345"),
              (125, "12345", "reason: limit"))
        status, out, last = pipeline(service, "exec", "--output", "100000", "--", "sh", "-c",
                                     "yes & yes >&2")
        equal((status, last.split()[-1]), (125, "limit"))
        assert len(out) <= 100000
        client = service.client()
        go = os.path.join(service.root, "go")
        job = detach(client, "sh", "-c", f"while [ ! -e {go} ]; do sleep 0.05; done; exec yes",
                     more=field(26, (50000).to_bytes(8, "big")))
        with open(go, "w", encoding="ascii"):
            pass
        equal(ask(client, "wait", job)[2][1], 143)
        equal(len(ask(client, "logs", job)[0]), 50000)
        service.await_no_jobs()


def own_group():
    """The folder of the control group that we are in; or None."""
    with open("/proc/self/cgroup", encoding="ascii") as file:
        own = next((line[3:].strip() for line in file if line.startswith("0::")), "")
    for mount in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        if os.path.exists(f"{mount}{own}/cgroup.procs"):
            return mount + own
    return None


def leaves_its_session():
    """exec: what makes a session of its own ends with its job too, where there are control groups"""
    with Service() as service:
        if not service.has_said("jobs have control groups"):
            assert service.has_said("no control groups can be made: what leaves its session "
                                    "outlives its job")
            print("# skipped: no control group can be made here")
            return
        client = service.client()
        channel = client.exec("sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & read x")
        child = int(client.read()[3])
        assert is_there(child)
        client.send(frame(END, channel))
        equal(client.finish(channel)[2][0], STATUS)
        await_true("the end of the child", lambda: not is_there(child))
    equal([name for name in os.listdir(own_group())
           if name.startswith(f"slc.{service.keeper}.")], [])


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def in_a_killed_group(folder):
    """As slc is that init starts once more, in the group whose processes it has just killed."""
    write(f"{folder}/cgroup.procs", "0")
    with Service() as service:
        write(f"{os.path.dirname(folder)}/cgroup.procs", "0")
        assert service.has_said("jobs have control groups")
        client = service.client()
        for _ in range(3):
            equal(client.finish(client.exec("echo", "still"))[::2], (b"still\n", (STATUS, 0, b"")))
        channel = client.exec("sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & read x")
        child = int(client.read()[3])
        client.send(frame(END, channel))
        client.finish(channel)
        await_true("the end of the child", lambda: not is_there(child))


def without_a_group(folder):
    """No more groups than the service's own."""
    write(f"{folder}/cgroup.procs", "0")
    with Service() as service:
        write(f"{os.path.dirname(folder)}/cgroup.procs", "0")
        client = service.client()
        write(f"{folder}/cgroup.max.descendants", "1")
        channel = client.open(EXEC, command("true"))
        equal(client.finish(channel)[2][:2], (STATUS, 125))
        write(f"{folder}/cgroup.max.descendants", "max")
        equal(client.finish(client.exec("echo", "now"))[::2], (b"now\n", (STATUS, 0, b"")))


def in_groups():
    """exec: in a group that was killed before slc came, commands run; without one of its own none does"""
    own = own_group()
    for test in (in_a_killed_group, without_a_group):
        folder = f"{own}/cloister-test.{os.getpid()}"
        try:
            os.mkdir(folder)
            write(f"{folder}/cgroup.procs", "0")
            write(f"{own}/cgroup.procs", "0")
            write(f"{folder}/cgroup.max.descendants", "max")
            write(f"{folder}/cgroup.kill", "1")
        except OSError:
            if os.path.exists(folder):
                os.rmdir(folder)
            print("# skipped: no control group can be made here")
            return
        try:
            test(folder)
        finally:
            write(f"{own}/cgroup.procs", "0")
            write(f"{folder}/cgroup.kill", "1")
            await_true("an empty group", lambda: "populated 0" in open(
                f"{folder}/cgroup.events", encoding="ascii").read())
            for name, _, _ in os.walk(folder, topdown=False):
                os.rmdir(name)


def wrong_requests():
    """control: verbs that are unknown, lack a field or have one too many are refused"""
    with Service() as service:
        client = service.client()
        for row, reason in ((b"", 9), (field(161, b"stop"), 8), (field(161, b""), 9),
                            (control("ps", 1), 9), (control("logs"), 9), (control("wait"), 9),
                            (control("kill", 1), 9), (control("logs", 1), 11),
                            (control("kill", 1, field(163, number(65))), 9),
                            (control("logs", 1, field(164, number(2))), 9),
                            (control("ps") + field(17, b"x"), 8)):
            channel = client.open(CONTROL, row)
            answer = client.read()
            equal((answer[0], answer[2], answer[3][:4]), (REFUSE, channel, number(reason)))
        channel = client.open(EXEC, command("true") + DETACHED + field(21, b"vt100"))
        equal(client.read()[3][:4], number(9))
        equal(client.finish(client.exec("echo", "still"))[0], b"still\n")


if __name__ == "__main__":
    main([outlives_its_client, from_the_command_line, follows, slow_readers, leaves_too_early,
          limits, ends_with_the_service, whose_it_is, full_and_entered, output_limit,
          leaves_its_session, in_groups, wrong_requests])
