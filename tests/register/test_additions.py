"""A workspace's own facts lie on top of the shipped ones, and are read strictly."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.register.worlds import register_adding, workspace_adding

from speccom.register import FactError, Register

NATIONAL_AGAIN = "Y60,arrangement,national,2027-04-01,,2026-12-01,,health-bill-2026-06-25,inferred"
SHIPPED = Register.load()


def test_a_later_fact_supersedes_from_its_first_day_and_once_known(tmp_path: Path) -> None:
    register = register_adding(tmp_path, NATIONAL_AGAIN)
    line, area = "NCBPS11B", "QNC"
    assert register.who_commissions(line, area, date(2027, 3, 31)).arrangement == "delegated"
    assert register.who_commissions(line, area, date(2027, 4, 1)).arrangement == "national"
    assert (
        register.who_commissions(line, area, date(2027, 4, 1), date(2026, 11, 30)).arrangement == "delegated"
    )


def test_an_added_end_closes_the_open_fact_that_it_repeats(tmp_path: Path) -> None:
    register = register_adding(
        tmp_path,
        "QNC,role,integrated care board,2022-07-01,2027-04-01,2026-12-01,,ods,stated",
        "QNC,succeeded in whole by,QGH,2027-04-01,,2026-12-01,,ods,stated",
    )
    assert "QNC" in register.areas(date(2027, 3, 31))
    assert "QNC" not in register.areas(date(2027, 4, 1))
    assert "QNC" in register.areas(date(2027, 4, 1), date(2026, 11, 30))
    assert register.host_icb("RJE", date(2027, 4, 1)) == "QGH"


def test_a_new_line_is_answered_from_added_facts(tmp_path: Path) -> None:
    register = register_adding(
        tmp_path,
        "NCBPS99Z,grouping,Mental Health,2026-10-01,,2026-10-01,,nhse-code-list-v38,recalled",
        "NCBPS99Z,name,A new line,2026-10-01,,2026-10-01,,nhse-code-list-v38,recalled",
        "NCBPS99Z,delegation status,GREEN,2026-10-01,,2026-10-01,,nhse-code-list-v38,recalled",
    )
    answer = register.who_commissions("NCBPS99Z", "QNC", date(2026, 10, 1))
    assert (answer.arrangement, answer.service_category, answer.confidence) == ("delegated", "26", "recalled")
    assert ("NCBPS99Z" in SHIPPED.lines) is False


def test_additions_change_the_snapshot(tmp_path: Path) -> None:
    assert register_adding(tmp_path, NATIONAL_AGAIN).snapshot != SHIPPED.snapshot


def test_a_workspace_without_additions_reads_as_shipped(tmp_path: Path) -> None:
    register = Register.load(workspace_adding(tmp_path))
    assert register.matrix(date(2026, 5, 1)).equals(SHIPPED.matrix(date(2026, 5, 1)))


def test_additions_that_supersede_pass_the_check_and_those_that_contradict_do_not(tmp_path: Path) -> None:
    assert all(finding.holds for finding in register_adding(tmp_path, NATIONAL_AGAIN).check())
    same_day = "Y60,arrangement,national,2025-04-01,,2023-12-07,,board-2023-12,stated"
    failed = [finding.check for finding in register_adding(tmp_path, same_day).check() if not finding.holds]
    assert failed == ["no two facts overlap"]


def test_a_workspace_may_describe_its_own_sources(tmp_path: Path) -> None:
    workspace = workspace_adding(
        tmp_path, "Y60,arrangement,national,2027-04-01,,2026-12-01,,our-board,stated"
    )
    (workspace.register / "sources.csv").write_text(
        "source_id,title,publisher,published,url,note\nour-board,Minutes,Our board,2026-12-01,,\n",
        encoding="utf-8",
    )
    register = Register.load(workspace)
    told = register.explain(register.who_commissions("NCBPS11B", "QNC", date(2027, 5, 1)))
    assert "Minutes" in [source["title"] for source in told["sources"]]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("Y60,arrangement,national,2027-04-01,,2026-12-01,,nowhere,stated", "no source 'nowhere'"),
        ("Y60,arrangement,local,2027-04-01,,2026-12-01,,ods,stated", "arrangement 'local'"),
        ("Y60,arrangement,national,2027-04-01,2027-04-01,2026-12-01,,ods,stated", "must be after valid_from"),
        ("Y60,arrangement,national,April,,2026-12-01,,ods,stated", "valid_from: 'April' is not a date"),
        ("Y60,arrangement,national,,,2026-12-01,,ods,stated", "valid_from is empty"),
        ("Y60,arrangement,national,2027-04-01,,2026-12-01,,ods,sure", "confidence must be"),
        ("Y60,arrangement,national,2027-04-01", "4 values where 9"),
        (',,"', "added.csv"),
    ],
)
def test_a_row_that_cannot_be_relied_on_is_refused_with_file_and_row(
    tmp_path: Path, row: str, complaint: str
) -> None:
    with pytest.raises(FactError, match=r"added\.csv") as refusal:
        register_adding(tmp_path, NATIONAL_AGAIN, row)
    assert complaint in str(refusal.value)
    assert "row 3" in str(refusal.value) or complaint == "added.csv"


def test_a_wrong_header_and_a_repeated_row_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FactError, match="row 1: the header must be"):
        Register.load(workspace_adding(tmp_path, NATIONAL_AGAIN, header="subject,value"))
    with pytest.raises(FactError, match="added twice"):
        register_adding(tmp_path, NATIONAL_AGAIN, NATIONAL_AGAIN)
