"""The forecast of one year of a ledger: every series of it at its run-rate, and sums of them with an interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
class Codes:
    """One code of every series: each that there is once, and which of them a series has."""

    values: list[str]
    which: Integers


@dataclass(frozen=True, eq=False)
class Forecast:
    """Series × 12 months: `recorded` as the ledger has it, `completed` as it is expected to end up (NaN where it
    is not held), `run` at the run-rate, `active` whether the commissioner is there; `doubt` how sure `completed` is.
    `codes` has those of the series, by the names of `Series`."""

    codes: Mapping[str, Codes]
    recorded: Floats
    completed: Floats
    run: Floats
    active: Flags
    doubt: Doubt

    @cached_property
    def series(self) -> list[Series]:
        return [self.one(at) for at in range(len(self.run))]

    def one(self, at: int) -> Series:
        """The codes of one series."""
        held = (self.codes.get(name) for name in Series._fields)
        return Series(*(each.values[each.which[at]] if each else "" for each in held))

    @property
    def months(self) -> Floats:
        """What each month will come to: completed where it is held, else the run-rate."""
        values: Floats = np.where(np.isnan(self.completed), self.run, self.completed)
        return values

    def by(
        self,
        codes: Sequence[str],
        key_of: Callable[[Series, int], tuple[str, ...]],
        level: float = LEVEL,
        *,
        monthly: bool = False,
        until: int = 12,
    ) -> Grouped:
        """Summed into groups that follow from some codes of a series, and if `monthly` from the month too.

        `key_of` gives the group of a series in a month. `until` sums the first months of the year alone.
        """
        first, which = self._alike(tuple(codes))
        place: dict[tuple[str, ...], int] = {}
        months = range(1, 13) if monthly else (1,)
        groups = np.array(
            [[place.setdefault(key_of(self.one(at), month), len(place)) for month in months] for at in first],
            dtype=np.int64,
        ).reshape(len(first), len(months))
        group = np.broadcast_to(groups[which], self.run.shape)
        found = project(self.completed, self.run, group, len(place), level, self.doubt, until)
        return Grouped(place, found)

    def summed(self, codes: tuple[str, ...]) -> dict[tuple[str, ...], Floats]:
        """`months` added up by some codes of a series."""
        first, which = self._alike(codes)
        sums = np.zeros((len(first), 12))
        np.add.at(sums, which, self.months)
        names = [tuple(getattr(self.one(at), code) for code in codes) for at in first]
        return dict(zip(names, sums, strict=True))

    def _alike(self, codes: tuple[str, ...]) -> tuple[list[int], Integers]:
        """A series of each sort that some codes tell apart, and of which sort each series is."""
        key = np.zeros(len(self.run), dtype=np.int64)
        for code in codes:
            if code in self.codes:
                key = key * len(self.codes[code].values) + self.codes[code].which
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        return first.tolist(), which


@dataclass(frozen=True, eq=False)
class Grouped:
    """Groups and where each is in `projected`."""

    place: dict[tuple[str, ...], int]
    projected: Projected


def forecast(held: YearToDate) -> Forecast:
    """Every series of the year up to its month. A provider's months that are not in are expected, not nothing.

    Points of delivery are told apart only where contracts are, which pay some of them and not others.
    """
    points = ("point_of_delivery",) if held.contracts else ()
    names = ("commissioner", "service_line", "provider", *points, "data_set")
    codes, recorded = _recorded(held.to_date_table(*names), names)
    lines, bodies = codes["service_line"], codes["commissioner"]
    shapes = _each(lines.values, held.seasons.of)[lines.which]
    active = _each(bodies.values, held.active).astype(bool)[bodies.which]
    senders, sender = _senders(codes)
    sent = [_sent(held, *each) for each in senders]
    is_in = _each(sent, lambda each: each.is_in).astype(bool)[sender]
    share = _each(sent, lambda each: each.share)[sender]
    completed = np.where(is_in, recorded / share, np.nan)
    run = expected(completed, shapes, active)
    return Forecast(codes, recorded, completed, run, active, _doubt(recorded, is_in, sender, sent))


def _recorded(rows: pa.Table, names: Sequence[str]) -> tuple[dict[str, Codes], Floats]:
    """The codes of each series, and its pounds by month."""
    coded: dict[str, Codes] = {}
    key = np.zeros(rows.num_rows, dtype=np.int64)
    for name in names:
        place: dict[str, int] = {}
        which = [place.setdefault(code or "", len(place)) for code in rows[name].to_pylist()]
        coded[name] = Codes(list(place), np.array(which, dtype=np.int64))
        key = key * len(coded[name].values) + coded[name].which
    _, first, of_series = np.unique(key, return_index=True, return_inverse=True)
    recorded = np.zeros((len(first), 12))
    pounds = np.nan_to_num(pc.cast(rows["actual"], pa.float64()).to_numpy())
    np.add.at(recorded, (of_series, rows["month"].to_numpy() - 1), pounds)
    return {name: Codes(held.values, held.which[first]) for name, held in coded.items()}, recorded


def _senders(codes: Mapping[str, Codes]) -> tuple[list[tuple[str, str]], Integers]:
    """Each data set of each provider, and which of them each series is of."""
    sets, providers = codes["data_set"], codes["provider"]
    found, which = np.unique(sets.which * len(providers.values) + providers.which, return_inverse=True)
    pairs = [divmod(int(key), len(providers.values)) for key in found]
    return [(sets.values[one], providers.values[other]) for one, other in pairs], which


Code = TypeVar("Code")


def _each(codes: Sequence[Code], months_of: Callable[[Code], Any]) -> Floats:
    """The twelve numbers of each code's months, as a row for each."""
    return np.array([months_of(code) for code in codes], dtype=float).reshape(len(codes), 12)


@dataclass(frozen=True, eq=False)
class _Sent:
    """What one provider sent of one data set, by month: whether it is in, what it holds of its last cost, and why."""

    is_in: list[bool]
    share: list[float]
    of: list[Share | None]
    still_open: list[bool]


def _sent(held: YearToDate, data_set: str, provider: str) -> _Sent:
    keys = [MonthKey(data_set, provider, held.year.code, month) for month in range(1, 13)]
    is_in = [key.month <= held.month.number and held.holds(provider, key.month) for key in keys]
    of = [held.completion.of(key) if there else None for key, there in zip(keys, is_in, strict=True)]
    still_open = [
        each is None and held.completion.still_open(key) for key, each in zip(keys, of, strict=True)
    ]
    return _Sent(is_in, [each.share if each else 1.0 for each in of], of, still_open)


def _doubt(recorded: Floats, is_in: Flags, sender: Integers, sent: Sequence[_Sent]) -> Doubt:
    """Which months of the series are incomplete, and by which share each was completed."""
    places: dict[Share, int] = {}
    shares: list[int] = []
    months = np.full((len(sent), 12), NONE)
    for row, each in enumerate(sent):
        for at, share in enumerate(each.of):
            if share is not None:
                months[row, at] = len(shares)
                shares.append(places.setdefault(share, len(places)))
    still_open = _each(sent, lambda each: each.still_open).astype(bool)[sender]
    return Doubt(
        recorded,
        months[sender],
        np.array(shares, dtype=np.int64),
        tuple(places),
        still_open & is_in & (recorded != 0),
    )


def not_sent(held: YearToDate) -> list[Gap]:
    """Providers whose last months up to the one asked for are not in."""
    late: dict[tuple[int, int], list[str]] = defaultdict(list)
    for provider in sorted({row.provider for row in held.to_date("provider")}):
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
