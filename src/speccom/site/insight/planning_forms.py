"""Reads what was asked of changes, volatility and tiers; bars are of a few, so that none can be searched with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speccom.insight.areas import ENGLAND
from speccom.insight.tiers import LADDER, Settings, Thresholds
from speccom.insight.trends import MEASURES
from speccom.period import Month
from speccom.site.explore.forms import AskedWrong, text
from speccom.site.insight.forms import question

EACH = "each"
"""What stands for every board by itself."""
OUT_OF_AREA = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed: in which lines, of which board (`ENG` all together, `each` every one), in what, by when."""

    lines: str
    icb: str
    measure: str
    until: Month | None

    @property
    def board(self) -> str | None:
        """The board as an analysis takes it: none for every one by itself."""
        return None if self.icb == EACH else self.icb


@dataclass(frozen=True, slots=True)
class Planning:
    """Volatility or tiers of some lines; `footprint` is the rung to look at, `bars` what a rung must meet."""

    lines: str
    footprint: str
    bars: Thresholds


def changes(asked: Mapping[str, str], command: str) -> Changes:
    """The question of what changed. Raises `AskedWrong` and `PeriodError`."""
    same = question(asked, command)
    icb = text(asked, "icb")
    measure = text(asked, "measure") or "spend"
    if measure not in MEASURES:
        raise AskedWrong(f"{measure!r} is nothing to chart: choose {' or '.join(MEASURES)}.")
    until = text(asked, "until")
    board = EACH if icb.lower() == EACH else icb.upper() or ENGLAND
    return Changes(same.lines, board, measure, Month.parse(until) if until else None)


def planning(asked: Mapping[str, str], command: str) -> Planning:
    """The question of volatility or tiers. Raises `AskedWrong`."""
    same = question(asked, command)
    footprint = text(asked, "footprint") or LADDER[-1]
    if footprint not in LADDER:
        raise AskedWrong(f"{footprint!r} is no size of area: choose from {', '.join(LADDER)}.")
    usual, tried = Thresholds(), Settings()
    bars = Thresholds(
        q=_chosen(asked, "q", tried.q, usual.q),
        alpha=_chosen(asked, "alpha", tried.alpha, usual.alpha),
        fewest_providers=int(_chosen(asked, "providers", tried.fewest_providers, usual.fewest_providers)),
        most_out_of_area=_chosen(asked, "out_of_area", OUT_OF_AREA, usual.most_out_of_area),
    )
    return Planning(same.lines, footprint, bars)


def _chosen(asked: Mapping[str, str], name: str, allowed: Sequence[float], usual: float) -> float:
    """One of a few numbers. Any number would let a withheld share be found by trying bars nearer and nearer."""
    given = text(asked, name)
    if not given:
        return usual
    found = next((each for each in allowed if given == f"{each:g}"), None)
    if found is None:
        raise AskedWrong(
            f"{name} is {given!r}: choose from {', '.join(f'{each:g}' for each in allowed)}. An analyst who holds "
            "the data can ask for any other: speccom tiers --help."
        )
    return found
