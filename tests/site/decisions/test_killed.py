"""Killed at any moment of an adoption, the database and the register agree as soon as anybody looks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.site.processes import Environment, command, own_database, run

from speccom.register import Register
from speccom.workspace import Workspace

NOT_ADOPTED = (
    "the row says that it is being adopted, and is not committed",
    "the row says that it is being adopted",
    "its source is written",
    "half of its facts are written",
)
ADOPTED = (
    "its facts are written",
    "the row says that it is adopted, and is not committed",
    "all is done",
)
LOOK = """
import json
from speccom.workspace import Workspace
from speccom.site.config.ready import ready
ready(Workspace.locate())
from speccom.site.accounts.models import Person
from speccom.site.decisions import queries
from speccom.site.decisions.models import DecisionRecord
from speccom.site.audit.models import Entry
before = DecisionRecord.objects.get().state
held = queries.record(Person.objects.get(email="first@x24.example").actor(), DecisionRecord.objects.get().pk)
ends = ("decisions.adopt", "decisions.adopted", "decisions.not_adopted")
rows = list(Entry.objects.filter(action__in=ends).order_by("number").values_list("action", flat=True))
print(json.dumps([before, held.state, held.adopter.email if held.adopter else "", rows]))
"""


def killed_at(environment: Environment, moment: str) -> None:
    left = subprocess.run(
        [sys.executable, "-m", "tests.site.decisions.killed", moment],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert left.returncode == -signal.SIGKILL, left.stderr


def answer(folder: Path) -> str:
    return Register.load(Workspace(folder)).arrangement("Y60", date(2027, 4, 1))


@pytest.mark.parametrize("moment", [*NOT_ADOPTED, *ADOPTED])
def test_killed_when(tmp_path: Path, moment: str) -> None:
    """After the kill the first look settles it by what the register holds, and it can be finished as usual."""
    environment = own_database(tmp_path)
    killed_at(environment, moment)
    adopted = moment in ADOPTED
    assert answer(tmp_path) == ("national" if adopted else "delegated")
    before, state, adopter, rows = json.loads(run(environment, LOOK))
    assert state == ("adopted" if adopted else "proposed")
    assert adopter == ("secretary@x24.example" if adopted else "")
    if before == "adopting":
        assert rows == ["decisions.adopt", "decisions.adopted" if adopted else "decisions.not_adopted"]
    run(environment, "from tests.site.decisions.killed import main; main()")
    assert answer(tmp_path) == "national"
    assert json.loads(run(environment, LOOK))[1] == "adopted"
    walked = command(environment, "audit", "verify", "--workspace", str(tmp_path))
    assert walked.returncode == 0, walked.stderr


def test_what_was_being_adopted_is_not_settled_while_it_still_is(tmp_path: Path) -> None:
    """Whoever looks while the workspace is held leaves the row alone: it may be the adoption itself."""
    environment = own_database(tmp_path)
    killed_at(environment, "the row says that it is being adopted")
    with Workspace(tmp_path).lock("an adoption that goes on"):
        assert json.loads(run(environment, LOOK))[:2] == ["adopting", "adopting"]
    assert json.loads(run(environment, LOOK))[:2] == ["adopting", "proposed"]
