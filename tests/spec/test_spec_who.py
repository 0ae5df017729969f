"""The tables of who.md, read as questions and answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from speccom.errors import SpeccomError
from speccom.period import parse_date
from speccom.register import Register

PAGE = Path(__file__).with_name("who.md")
ANSWERED = ("arrangement", "responsible_commissioner", "service_category", "decision_maker")


def rows_of(page: Path) -> Iterator[dict[str, str]]:
    """Every row of every table of a markdown page, with the names of its columns."""
    header: list[str] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            header = []
        elif not header:
            header = cells
        elif set(cells) != {"---"}:
            yield dict(zip(header, cells, strict=True))


@pytest.mark.parametrize(
    "row",
    list(rows_of(PAGE)),
    ids=lambda row: " ".join(row.get(name, "") for name in ("service_line", "area", "on", "known")),
)
def test_the_page_is_right(row: dict[str, str]) -> None:
    known = parse_date(row["known"]) if row.get("known") else None
    try:
        answer = Register.load().who_commissions(
            row["service_line"], row["area"], parse_date(row["on"]), known
        )
    except SpeccomError as error:
        assert row["refusal"] and row["refusal"] in str(error)
        assert not row["arrangement"]
    else:
        assert {name: getattr(answer, name) for name in ANSWERED} == {name: row[name] for name in ANSWERED}
