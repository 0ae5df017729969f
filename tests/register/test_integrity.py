"""The register's own checks: they pass on what is shipped, and each finds its fault."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.register.worlds import register_adding

from speccom.register import Register, integrity


def failed(register: Register) -> dict[str, str]:
    return {finding.check: finding.faults[0] for finding in register.check() if not finding.holds}


def test_the_shipped_register_holds() -> None:
    register = Register.load()
    assert failed(register) == {}
    assert [finding.check for finding in register.check()] == list(integrity.CHECKS)


def test_the_totals_are_those_of_the_record() -> None:
    assert list(Register.load().totals().values()) == [143, 146, 154, 59, 70, 42, 36, 157, 514]


# Each fault is one that a workspace could add: what is added, the check that fails, and a word of its fault.
FAULTS = {
    "a board in two regions": (
        "QNC,in region,Y61,2023-01-01,,2022-07-01,,ods,stated",
        "no two facts overlap",
        "QNC",
    ),
    "a relation to a body that has ended": (
        "05W,in integrated care board,QMJ,2027-04-01,,2026-12-01,,ods,stated",
        "both ends of every relation exist on its dates",
        "QMJ",
    ),
    "a succession without an end": (
        "QNC,succeeded in whole by,QGH,2027-04-01,,2026-12-01,,ods,stated",
        "every succession joins an end to a body that is there",
        "does not end",
    ),
    "a region without an arrangement": (
        "Y70,role,region,2027-04-01,,2026-12-01,,ods,stated",
        "every region has one arrangement, every day",
        "Y70",
    ),
    "a board without a region": (
        "QZZ,role,integrated care board,2027-04-01,,2026-12-01,,ods,stated",
        "every board is in one region, every day",
        "QZZ",
    ),
    "a location without a board": (
        "99Z,role,sub-ICB location,2027-04-01,,2026-12-01,,ods,stated",
        "every location is in one board, every day, unless the board was split",
        "99Z",
    ),
    "a joint arrangement without a committee": (
        "Y60,arrangement,joint,2027-04-01,,2026-12-01,,ods,stated",
        "every jointly arranged board has its committee",
        "2027-04-01",
    ),
    "a line without a status": (
        "NCBPS99Z,grouping,Acute,2026-10-01,,2026-10-01,,ods,stated",
        "every line has a delegation status from April 2023",
        "NCBPS99Z",
    ),
    "a line of a service that is not there": (
        "NCBPS99Z,grouping,Acute,2026-10-01,,2026-10-01,,ods,stated\n"
        "NCBPS99Z,service,999,2026-10-01,,2026-10-01,,ods,stated",
        "every reference leads somewhere",
        "'999'",
    ),
    "a thirteenth board too many": (
        "QZZ,role,integrated care board,2026-04-01,,2026-03-01,,ods,stated\n"
        "QZZ,in region,Y60,2026-04-01,,2026-03-01,,ods,stated",
        "the totals are those of the record",
        "37",
    ),
    "an end known before its fact": (
        "QNC,nickname,Staffs,2026-04-01,2027-04-01,2026-03-01,2026-02-01,ods,stated",
        "every fact is well formed",
        "before the fact was",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_named(tmp_path: Path, fault: str) -> None:
    added, check, word = FAULTS[fault]
    found = failed(register_adding(tmp_path, added))
    assert word in found[check]


def test_a_vanished_identifier_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    table = integrity.facts.table

    def with_one_more(name: str) -> tuple[dict[str, str], ...]:
        return (*table(name), {"subject": "QXX"}) if name == "identifiers" else table(name)

    monkeypatch.setattr(integrity.facts, "table", with_one_more)
    assert "QXX" in failed(Register.load())["no identifier has vanished"]


def test_both_halves_of_a_changeover_are_counted_on_their_own_day() -> None:
    areas = [Register.load().areas(on) for on in (date(2026, 3, 31), date(2026, 4, 1))]
    boards = [{code for code, area in each.items() if area.kind == "icb"} for each in areas]
    assert (len(boards[0] - boards[1]), len(boards[1] - boards[0])) == (12, 6)
