"""The real decisions made again on a register of 2022 give the shipped register, and a changed one does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from speccom.register import Register, decided, replay
from speccom.register.decided import DecisionError
from speccom.workspace import Workspace


def test_the_replayed_register_answers_as_the_shipped_one(tmp_path: Path) -> None:
    told = []
    assert replay.replay(Workspace(tmp_path / "replayed"), told.append) == []
    assert [preview.decision.decision_id for preview in told] == [
        "NHSE-2022-05-31",
        "NHSE-2023-02-02",
        "NHSE-2023-12-07",
        "NHSE-2024-03-28",
        "NHSE-2024-12-05",
        "GOV-2025-09-09",
        "NHSE-2026-05-18",
    ]
    replayed = Register.load(Workspace(tmp_path / "replayed"))
    assert [finding.check for finding in replayed.check() if not finding.holds] == []


def test_a_register_of_2022_knows_nothing_decided_since(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    replay.begin(workspace)
    register = Register.load(workspace)
    assert register.arrangement("Y60", date(2025, 4, 1)) == "national"
    assert register.line_status("NCBPS11B", date(2025, 4, 1)) is None
    assert sum(area.kind == "icb" for area in register.areas(date(2026, 4, 1)).values()) == 42


def test_a_sequence_that_differs_by_one_region_and_one_day_is_found_out(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    replay.begin(workspace)
    for decision in replay.sequence()[:3]:
        effects = [
            {**effect, "from": "2024-05-01"} if effect.get("arrangement") == "delegated" else effect
            for effect in decision.effects
        ]
        late = [effect for effect in effects if effect["kind"] != "dissolve"]
        decided.adopt(workspace, replace(decision, effects=tuple(late)))
    april = date(2024, 4, 1)
    found = [each for each in replay.compare(Register.load(), Register.load(workspace)) if each.on == april]
    assert {
        (each.shipped, each.replayed) for each in found if each.known is None and each.part == "arrangement"
    } == {("delegated", "joint")}


def test_a_workspace_with_facts_of_its_own_is_not_replayed_into(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).make()
    (workspace.register / "added.csv").write_text("", encoding="utf-8")
    with pytest.raises(DecisionError, match="a workspace of its own"):
        replay.begin(workspace)
