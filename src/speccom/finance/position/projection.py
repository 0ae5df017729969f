"""The forecast of one year of a ledger: every series of it at its run-rate, and sums of them with an interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from speccom.finance.position.completion import Key as MonthKey
from speccom.finance.position.completion import Share
from speccom.finance.position.doubt import NONE, Doubt
from speccom.finance.position.forecast import (
    LEVEL,
    Flags,
    Floats,
    Integers,
    Projected,
    expected,
    project,
)
from speccom.finance.position.months import YearToDate
from speccom.insight.result import Gap
from speccom.period import Month


class Series(NamedTuple):
    """What is forecast on its own: everything else is a sum of these."""

    commissioner: str
    service_line: str
    provider: str
    point_of_delivery: str
    data_set: str


@dataclass(frozen=True, eq=False)
class Forecast:
    """Series × 12 months: `recorded` as the ledger has it, `completed` as it is expected to end up (NaN where it
    is not held), `run` at the run-rate, `active` whether the commissioner is there; `doubt` how sure `completed` is."""

    series: list[Series]
    recorded: Floats
    completed: Floats
    run: Floats
    active: Flags
    doubt: Doubt

    @property
    def months(self) -> Floats:
        """What each month will come to: completed where it is held, else the run-rate."""
        values: Floats = np.where(np.isnan(self.completed), self.run, self.completed)
        return values

    def by(
        self,
        key_of: Callable[[Series, int], tuple[str, ...]],
        level: float = LEVEL,
        *,
        monthly: bool = True,
        until: int = 12,
    ) -> Grouped:
        """Summed into groups; `key_of` gives the group of a series in a month, if not `monthly` one for all months.

        `until` sums the first months of the year alone.
        """
        place: dict[tuple[str, ...], int] = {}
        group = np.empty(self.run.shape, dtype=np.int64)
        for at, series in enumerate(self.series):
            if not monthly:
                group[at] = place.setdefault(key_of(series, 1), len(place))
                continue
            for month in range(12):
                group[at, month] = place.setdefault(key_of(series, month + 1), len(place))
        found = project(self.completed, self.run, group, len(place), level, self.doubt, until)
        return Grouped(place, found)


@dataclass(frozen=True, eq=False)
class Grouped:
    """Groups and where each is in `projected`."""

    place: dict[tuple[str, ...], int]
    projected: Projected


def forecast(held: YearToDate) -> Forecast:
    """Every series of the year up to its month. A provider's months that are not in are expected, not nothing."""
    upto = held.month.number
    place: dict[Series, int] = {}
    cells: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in held.to_date:
        series = Series(row.commissioner, row.service_line, row.provider, row.point_of_delivery, row.data_set)
        at = place.setdefault(series, len(place))
        cells[at][row.month - 1] += float(row.actual)
    series_held = list(place)
    shape = (len(series_held), 12)
    recorded, shapes, active = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    share, is_in = np.ones(shape), np.zeros(shape, dtype=bool)
    late = _Late(np.full(shape, NONE), np.zeros(shape, dtype=bool))
    there = {body: held.active(body) for body in {each.commissioner for each in series_held}}
    for at, each in enumerate(series_held):
        for month, pounds in cells[at].items():
            recorded[at, month] = pounds
        shapes[at] = held.seasons.of(each.service_line)
        active[at] = there[each.commissioner]
        for month in range(upto):
            is_in[at, month] = held.holds(each.provider, month + 1)
            key = MonthKey(each.data_set, each.provider, held.year.code, month + 1)
            if not is_in[at, month]:
                continue
            if of := held.completion.of(key):
                share[at, month] = of.share
                late.add(at, month, key, of)
            elif recorded[at, month]:
                late.unmeasured[at, month] = held.completion.still_open(key)
    completed = np.where(is_in, recorded / share, np.nan)
    run = expected(completed, shapes, active)
    return Forecast(series_held, recorded, completed, run, active, late.doubt(recorded))


@dataclass(eq=False)
class _Late:
    """The months of providers that are incomplete, as the series are gone through."""

    sent: Integers
    unmeasured: Flags
    months: dict[MonthKey, int] = field(default_factory=dict)
    of: dict[Share, list[int]] = field(default_factory=dict)

    def add(self, series: int, month: int, key: MonthKey, share: Share) -> None:
        if key not in self.months:
            self.months[key] = len(self.months)
            self.of.setdefault(share, []).append(self.months[key])
        self.sent[series, month] = self.months[key]

    def doubt(self, recorded: Floats) -> Doubt:
        shares = np.zeros(len(self.months), dtype=np.int64)
        for at, months in enumerate(self.of.values()):
            shares[months] = at
        return Doubt(recorded, self.sent, shares, tuple(self.of), self.unmeasured)


def not_sent(held: YearToDate) -> list[Gap]:
    """Providers whose last months up to the one asked for are not in."""
    late: dict[tuple[int, int], list[str]] = defaultdict(list)
    for provider in sorted({row.provider for row in held.to_date}):
        missing = [
            month for month in held.held if month <= held.month.number and not held.holds(provider, month)
        ]
        if missing:
            late[missing[0], missing[-1]].append(provider)
    gaps = []
    for (first, last), providers in sorted(late.items()):
        begins, ends = (Month(held.year, number).start for number in (first, last))
        months = f"{begins:%B %Y}" if first == last else f"{begins:%B} to {ends:%B %Y}"
        for provider in providers:
            known = held.register.providers.get(provider)
            gaps.append(
                Gap(
                    known.name if known else provider or "Provider not stated",
                    f"actual of {months}",
                    "nothing was sent for it; the forecast expects what the other months suggest",
                )
            )
    return gaps
