"""The real decisions, entered by the acts of the pages in a site of their own, give the shipped register."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.site.processes import own_database, run

LATE = """
import dataclasses, sys
from speccom.register import replay
made = replay.sequence()
late = [
    {**effect, "from": "2024-05-01"} if effect.get("arrangement") == "delegated" else effect
    for effect in made[2].effects if effect["kind"] != "dissolve"
]
replay.sequence = lambda: (*made[:2], dataclasses.replace(made[2], effects=tuple(late)))
sys.argv = ["speccom", "replay", "--workspace", sys.argv[1]]
from speccom.cli import main
main()
"""
STATE = """
import json
from speccom.workspace import Workspace
from speccom.site.config.ready import ready
ready(Workspace.locate(), make=False)
from speccom.site.decisions.models import Approval, DecisionRecord
held = DecisionRecord.objects.order_by("pk")
print(json.dumps([[each.reference, each.state, str(each.recorded_on)] for each in held]))
print(Approval.objects.filter(ended=None).count())
"""


def test_each_real_decision_is_drafted_approved_by_two_and_adopted_and_every_answer_agrees(
    tmp_path: Path,
) -> None:
    environment = own_database(tmp_path)
    environment.pop("DATABASE_URL", None)
    told = run(
        environment,
        "import sys; sys.argv = ['speccom', 'replay', '--workspace', sys.argv[1]]\n"
        "from speccom.cli import main\n"
        "try:\n    main()\nexcept SystemExit as left:\n    assert not left.code, left.code\n",
        str(tmp_path),
    )
    assert "answers as the shipped one" in told and "7 decisions were drafted" in told
    state, approvals = run(environment, STATE).strip().splitlines()
    assert json.loads(state)[2] == ["NHSE-2023-12-07", "adopted", "2023-12-07"]
    assert {each[1] for each in json.loads(state)} == {"adopted"} and approvals == "14"


def test_a_decision_entered_with_another_day_is_found_out_and_ends_with_one(tmp_path: Path) -> None:
    environment = own_database(tmp_path)
    environment.pop("DATABASE_URL", None)
    left = subprocess.run(
        [sys.executable, "-c", LATE, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert left.returncode == 1, left.stderr
    assert "2024-04-01" in left.stderr and "answers differ" in left.stderr
