"""The month-end pack: what it says in words, that it is self-contained, and what it needs for paper."""

from __future__ import annotations

import builtins
import re
from typing import Any

import pytest
from tests.finance.position.worlds import BOARD, budgets_of, contracts_of, lines, month, plans, world

from speccom.charts.pack import PaperError, headline, html, pdf, title
from speccom.finance.position.month_end import MonthEnd, month_end
from speccom.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = world(
        tmp_path_factory.mktemp("pack"),
        [
            *lines(range(1, 13), lambda at: 400_000 + 9000 * (at % 3)),
            *lines([2], lambda _: 70_000, submitted_commissioner="15F"),
        ],
        plans(range(1, 13), lambda _: 350_000),
    )
    budgets_of(made, "commissioner,from,to,pounds\nQKS,2025-04-01,2026-04-01,4800000\n")
    contracts_of(
        made, "provider,commissioner,form,from,to,fixed\nRJ1,QKS,block,2025-04-01,2026-04-01,5000000\n"
    )
    return made


@pytest.fixture(scope="module")
def made(workspace: Workspace) -> MonthEnd:
    return month_end(workspace, BOARD, month(6))


def test_the_headline_is_the_month_in_words(made: MonthEnd) -> None:
    said = headline(made)
    assert title(made) == "Kent and Medway: month-end position, September 2025"
    assert said[0] == (
        "NHS Kent and Medway ICB had spent £2.5m by the end of September 2025, £124k (5.2%) more than its budget."
    )
    assert re.fullmatch(
        r"At the present rate the year ends at £5\.1m \(80% interval between £4\.8m and £5\.\dm\), "
        r"£2\d\dk \(\d\.\d%\) more than its budget\.",
        said[1],
    )
    assert (
        said[2]
        == "£0 billed to it belongs to others by the decision table, and £70k billed to others belongs to it."
    )


def test_a_year_that_is_over_is_not_forecast(workspace: Workspace) -> None:
    said = headline(month_end(workspace, BOARD, month(12)))
    assert said[1].startswith("The year came to £")
    assert "interval" not in said[1]


def test_the_page_fetches_nothing_and_has_every_section(made: MonthEnd) -> None:
    page = html(made)
    assert not re.search(r'(src|href)="(?!#|https://www\.england)', page)
    assert "@import" not in page
    assert "url(" not in page
    for section in ("position", "forecast", "lines", "providers", "forms", "challenges", "risks", "notes"):
        assert f'id="{section}"' in page
    assert "SYNTHETIC DATA" in page
    assert "@top-center" in page
    assert page.count("<svg") == 6  # three pictures at two widths


def test_what_a_provider_is_called_cannot_become_markup(made: MonthEnd) -> None:
    assert "<script" not in html(made)
    assert "Guy&#39;s" in html(made)


def test_paper_has_a_page_number_and_the_mark_on_every_page(made: MonthEnd) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    document = weasyprint.HTML(string=html(made, on_paper=True)).render()
    assert len(document.pages) >= 3
    for number, page in enumerate(document.pages, start=1):
        margins = " ".join(_texts(page._page_box))
        assert "SYNTHETIC DATA" in margins
        assert f"Page {number} of {len(document.pages)}" in margins
    assert pdf(made).startswith(b"%PDF-")


def _texts(box: Any) -> list[str]:
    """The words in a laid-out box."""
    own = [box.text] if hasattr(box, "text") else []
    return own + [each for child in getattr(box, "children", ()) for each in _texts(child)]


@pytest.mark.parametrize(
    ("error", "named"),
    [(ImportError("no weasyprint"), "speccom[pdf]"), (OSError("no libpango"), "needs Pango")],
)
def test_without_what_paper_needs_it_is_named(
    made: MonthEnd, monkeypatch: pytest.MonkeyPatch, error: Exception, named: str
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise error
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(PaperError, match=re.escape(named)):
        pdf(made)
