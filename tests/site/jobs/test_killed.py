"""The real process of `speccom work`: killed in the middle it loses nothing, and told to stop it ends what it does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.site.processes import Environment, own_database, run

ASK = """
import sys
from speccom.workspace import Workspace
from speccom.site.config.ready import ready
ready(Workspace.locate())
from django.db import transaction
from speccom.site.jobs.actions import start
from tests.site.jobs import jobs_for_tests
does, file, wait = sys.argv[1:]
with transaction.atomic():
    start(getattr(jobs_for_tests, does), about="The work", needs={"file": file, "wait": wait}, person=None)
"""
LOOK = """
import json
from speccom.workspace import Workspace
from speccom.site.config.ready import ready
ready(Workspace.locate())
from speccom.site.jobs.models import Job
print(json.dumps([[each.state, each.tries, each.error] for each in Job.objects.order_by("pk")]))
"""


@contextmanager
def working(environment: Environment) -> Iterator[subprocess.Popen[str]]:
    program = "from speccom.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "work"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(what: Callable[[], bool], seconds: float = 60) -> None:
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it did not come to pass"
        time.sleep(0.1)


def looked(environment: Environment) -> list[tuple[str, int, str]]:
    return [tuple(each) for each in json.loads(run(environment, LOOK))]


def lines(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return own_database(tmp_path)


def test_killed_in_the_middle_it_is_done_by_the_next_worker(tmp_path: Path, environment: Environment) -> None:
    file, wait = tmp_path / "done", tmp_path / "wait"
    run(environment, ASK, "write", str(file), str(wait))
    with working(environment) as worker:
        until(lambda: lines(file) == ["begun"])
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    assert looked(environment)[0][0] == "running"
    wait.touch()
    with working(environment):
        until(lambda: lines(file) == ["begun", "begun", "ended"])
        until(lambda: looked(environment)[0][:2] == ("done", 2))


def test_what_always_ends_the_process_is_marked_and_holds_up_nothing_else(
    tmp_path: Path, environment: Environment
) -> None:
    deadly, file = tmp_path / "deadly", tmp_path / "done"
    run(environment, ASK, "kill", str(deadly), "")
    run(environment, ASK, "write", str(file), "")
    for _ in range(3):
        with working(environment) as worker:
            assert worker.wait(60) == -signal.SIGKILL
    with working(environment):
        until(lambda: lines(file) == ["begun", "ended"])
        until(lambda: [state for state, _, _ in looked(environment)] == ["broken", "done"])
    assert lines(deadly) == ["begun"] * 3 and "in the middle" in looked(environment)[0][2]


def test_told_to_stop_it_ends_what_it_does_first(tmp_path: Path, environment: Environment) -> None:
    file, wait = tmp_path / "done", tmp_path / "wait"
    run(environment, ASK, "write", str(file), str(wait))
    with working(environment) as worker:
        until(lambda: lines(file) == ["begun"])
        run(environment, ASK, "write", str(tmp_path / "another"), "")
        worker.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert worker.poll() is None
        wait.touch()
        assert worker.wait(20) == 0
    assert lines(file) == ["begun", "ended"] and not lines(tmp_path / "another")
    assert [state for state, _, _ in looked(environment)] == ["done", "waiting"]


def test_of_two_one_works_and_the_other_takes_over(tmp_path: Path, environment: Environment) -> None:
    file, wait = tmp_path / "done", tmp_path / "wait"
    run(environment, ASK, "write", str(file), str(wait))
    with working(environment) as first:
        until(lambda: lines(file) == ["begun"])
        with working(environment):
            time.sleep(4)
            assert lines(file) == ["begun"], "two did the same"
            wait.touch()
            first.send_signal(signal.SIGKILL)
            until(lambda: lines(file)[-1] == "ended")
            until(lambda: looked(environment)[0][0] == "done")


def children(of: int) -> list[int]:
    """The processes of `speccom work` that a process began."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            parent = entry.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == of and b"\0work\0" in entry.joinpath("cmdline").read_bytes():
                found.append(int(entry.name))
        except (OSError, IndexError, ValueError):
            continue
    return found


def test_serve_works_too_begins_a_worker_anew_and_ends_it_with_itself(
    tmp_path: Path, environment: Environment
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = "from speccom.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", "--port", str(port), "--workspace", str(tmp_path)]
    file = tmp_path / "done"
    server = subprocess.Popen(command, env=environment | {"WEB_CONCURRENCY": "1"}, stdout=subprocess.DEVNULL)
    try:
        until(lambda: len(children(server.pid)) == 1)
        [killed] = children(server.pid)
        os.kill(killed, signal.SIGKILL)
        until(lambda: children(server.pid) not in ([], [killed]))
        run(environment, ASK, "write", str(file), "")
        until(lambda: lines(file) == ["begun", "ended"])
        [last] = children(server.pid)
    finally:
        server.terminate()
        server.wait(40)
    until(lambda: not Path(f"/proc/{last}").exists())
