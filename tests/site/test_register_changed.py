"""A site that runs sees a register that changed, and goes on with the one before where it cannot be read."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.register.test_decided import BACK, deciding
from tests.site.reading import Read

from speccom.register import decided
from speccom.site.core import library
from speccom.site.core.library import register, remembered
from speccom.workspace import Workspace


@pytest.fixture
def workspace(settings: Any, tmp_path: Path) -> Workspace:
    settings.WORKSPACE = Workspace(tmp_path).make()
    return settings.WORKSPACE  # type: ignore[no-any-return]


ON = date(2027, 4, 1)


def test_the_next_question_is_answered_from_the_changed_register(workspace: Workspace, read: Read) -> None:
    assert "delegated" in read("/who/", line="NCBPS11B", area="QNC", on="2027-04-01")
    before = register()
    assert register() is before
    decided.adopt(workspace, deciding(BACK))
    assert "W2027-01" in register().decisions
    page = read("/who/", line="NCBPS11B", area="QNC", on="2027-04-01")
    assert "A board of a test, 1 December 2026" in page
    assert "A decision made up for a test" in read("/decisions/")


def test_what_was_worked_out_from_one_register_is_not_given_for_another(workspace: Workspace) -> None:
    asked = []

    @remembered(4)
    def arrangement(region: str) -> str:
        asked.append(region)
        return register().arrangement(region, ON)

    assert [arrangement("Y60"), arrangement("Y60")] == ["delegated", "delegated"]
    decided.adopt(workspace, deciding(BACK))
    assert [arrangement("Y60"), arrangement("Y60")] == ["national", "national"]
    assert len(asked) == 2


def test_a_file_changed_in_its_place_is_seen_after_a_while(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided.adopt(workspace, deciding(BACK))
    assert register().arrangement("Y60", ON) == "national"
    path = decided.file_of(workspace, "W2027-01")
    with path.open("r+", encoding="utf-8") as handle:
        text = handle.read()
        handle.seek(0)
        handle.write(text.replace(",national,", ",joint,"))
        handle.truncate()
    monkeypatch.setattr(library, "_LOOK_AGAIN", 0.0)
    assert register().arrangement("Y60", ON) == "joint"


def test_a_register_that_cannot_be_read_is_told_in_the_log_and_the_one_before_answers_on(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    before = register()
    (workspace.register / "wrong.csv").write_text("a,b\n", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert register() is before and register() is before
    assert caplog.text.count("cannot be read") == 1 and "wrong.csv" in caplog.text
