"""How much of a month's last cost its first submissions hold, measured from what providers restated later.

A file is the year to date, so a month is sent again with each later one: at flex, at freeze, and on. Its `step`
is how far that has gone: how many later months its provider has sent, or how often the month was sent again,
whichever is more. A month at step 3 or beyond is past its freeze and taken as complete. What an earlier step
holds is the cost at that step over the cost in the end, both summed over every month of every provider that was
sent at it and has since come past its freeze. The method is Speccom's own: the last column of a claims triangle,
without chaining factors through months that were never followed that far.

How sure that is: a month of a provider at £a ends at f·a, f = Σ end ÷ Σ a, with an error of variance ψ·a + τ²·a².
ψ is of lines that come late one by one, so that what is large strays less in proportion; τ of whole submissions that
are late or early together, however large. Both follow from the months that were followed, r = end − f·a:

    Σ r²/a ÷ (n − 1) = ψ + τ²·mean(a)        Σ r²/a² ÷ (n − 1) = ψ·mean(1/a) + τ²

and where one of the two would be below nothing, it is nothing and the other follows from the first. f itself has the
variance (ψ·Σa + τ²·Σa²) ÷ (Σa)². See `doubt` for what that makes of a forecast.

Limits: one share for all providers and lines of a data set; the months of a provider stray independently, so that a
provider that is always later than others is not seen; costs are of all rows submitted, those in quarantine too; what
is settled after step 3 is left out for a month that is not yet there.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from speccom.contracts import book
from speccom.contracts.book import Receipt
from speccom.ledger.manifest import Manifest
from speccom.workspace import Workspace, write_atomically

PATIENT_LEVEL = ("PLCM", "DrPLCM", "DePLCM")
PAST_FREEZE = 3
"""The step from which a month is complete: flex is step 0, freeze 1 or 2."""
FEWEST_MONTHS = 8
"""Months of providers that must have been followed past their freeze for a share to be taken from them."""
ALIKE = 1e-6
"""How unlike in size months must be (mean times mean of the inverse, less 1) for ψ to be told from τ."""
LAYOUT = 2
"""Of what `measure` keeps; what an earlier version kept is measured anew."""
NOT_FOLLOWED = (
    "no month of any provider was sent both soon after it ended and again past its freeze, so nothing says how a "
    "month grows after it is sent"
)


class Key(NamedTuple):
    """A month of a provider in a data set; the year as files write it (`202526`)."""

    data_set: str
    provider: str
    financial_year: str
    month: int


@dataclass(frozen=True, slots=True)
class Share:
    """What a step holds of the last cost: from how many months of providers, and which pounds, it was taken.

    `by_pound` (ψ, in pounds) and `by_square` (τ²) are the error of a month that ends at f times what it holds;
    `squares` is the sum of the squares of the months at that step, in square pounds.
    """

    data_set: str
    step: int
    share: float
    months: int
    at_step: float
    in_the_end: float
    by_pound: float
    by_square: float
    squares: float

    @property
    def of_factor(self) -> float:
        """The variance of f = 1 ÷ share, as so many months tell it."""
        return (self.by_pound * self.at_step + self.by_square * self.squares) / self.at_step**2

    @property
    def strays(self) -> float:
        """By what part of its last cost a month of a provider of the usual size strays, one standard deviation."""
        usual = self.squares / self.at_step
        return self.share * math.sqrt(self.by_square + self.by_pound / usual)


@dataclass(frozen=True)
class Completion:
    """What share of its last cost each month holds now: one where nothing says otherwise, and `why` not.

    `receipt` is the last receipt that it was measured from.
    """

    receipt: int
    shares: tuple[Share, ...] = ()
    steps: Mapping[Key, int] = field(default_factory=dict)
    why: str | None = None

    def share(self, key: Key) -> float:
        """The share, between nothing and about one; above one where months shrink."""
        found = self.of(key)
        return 1.0 if found is None else found.share

    def of(self, key: Key) -> Share | None:
        """What the step of a month was measured to hold; none for one that is complete or that nothing tells of."""
        return self._by_step.get((key.data_set, self.steps.get(key, PAST_FREEZE)))

    def still_open(self, key: Key) -> bool:
        """Whether a month may grow yet: it has not come past its freeze, or nobody knows."""
        return not self.steps or self.steps.get(key, PAST_FREEZE) < PAST_FREEZE

    @cached_property
    def _by_step(self) -> Mapping[tuple[str, int], Share]:
        """A step without a share of its own has that of the next: an earlier one holds no more."""
        held = {(each.data_set, each.step): each for each in self.shares}
        for data_set in PATIENT_LEVEL:
            for step in reversed(range(PAST_FREEZE - 1)):
                if (data_set, step + 1) in held:
                    held.setdefault((data_set, step), held[data_set, step + 1])
        return held

    def said(self) -> str:
        """What completion is taken to be, in words."""
        if not self.shares:
            return f"Completion: taken as one, because {self.why}."
        held = "; ".join(
            f"{each.data_set} {each.share:.1%} at step {each.step} ({each.months:,} months of providers, which stray "
            f"by {each.strays:.1%})"
            for each in self.shares
        )
        return (
            f"Completion, measured from the receipt book: of its last cost a month holds {held}. A step is one later "
            f"submission; one without a share has that of the next, and from step {PAST_FREEZE} on a month is complete."
        )


def measured(receipts: Sequence[Receipt]) -> Completion:
    """Completion from a receipt book: the step that each month has come to, and what earlier steps held."""
    last = max((receipt.receipt for receipt in receipts), default=0)
    histories = _histories(receipts)
    pairs: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for key, costs in histories.items():
        end = max(costs)
        if end >= PAST_FREEZE:
            for step in range(PAST_FREEZE):
                if step in costs:
                    pairs[key.data_set, step].append((costs[step], costs[end]))
    shares = shares_of(pairs)
    if not shares:
        most = max((len(held) for held in pairs.values()), default=0)
        few = (
            f"only {most} months of providers were followed past their freeze, and {FEWEST_MONTHS} are needed"
        )
        return Completion(last, steps=_steps(histories), why=few if most else NOT_FOLLOWED)
    return Completion(last, tuple(shares), _steps(histories))


def _steps(histories: Mapping[Key, Mapping[int, float]]) -> dict[Key, int]:
    return {key: max(costs) for key, costs in histories.items()}


def shares_of(pairs: Mapping[tuple[str, int], Sequence[tuple[float, float]]]) -> list[Share]:
    """Shares from the pounds at a step and in the end of each month of a provider, by data set and step.

    None of a step of which fewer than `FEWEST_MONTHS` were followed.
    """
    shares = []
    for (data_set, step), held in sorted(pairs.items()):
        at_step, in_the_end = (math.fsum(column) for column in zip(*held, strict=True))
        if len(held) >= FEWEST_MONTHS and at_step > 0 and in_the_end > 0:
            scatter = _scatter(held, in_the_end / at_step)
            squares = math.fsum(a * a for a, _ in held)
            shares.append(
                Share(data_set, step, at_step / in_the_end, len(held), at_step, in_the_end, *scatter, squares)
            )
    return shares


def _scatter(held: Sequence[tuple[float, float]], factor: float) -> tuple[float, float]:
    """ψ and τ² of the months that were followed; those that held nothing at the step tell of no ratio."""
    pairs = [(a, end - factor * a) for a, end in held if a > 0]
    if len(pairs) < 2:
        return 0.0, 0.0
    number = len(pairs)
    of_pounds = math.fsum(r * r / a for a, r in pairs) / (number - 1)
    of_squares = math.fsum((r / a) ** 2 for a, r in pairs) / (number - 1)
    mean, inverse = math.fsum(a for a, _ in pairs) / number, math.fsum(1 / a for a, _ in pairs) / number
    unlike = mean * inverse - 1  # nothing where all are of one size, and then the two cannot be told apart
    if unlike < ALIKE:
        return 0.0, of_squares
    by_pound = (mean * of_squares - of_pounds) / unlike
    by_square = (inverse * of_pounds - of_squares) / unlike
    if by_pound < 0:
        return 0.0, of_pounds / mean
    return (of_pounds, 0.0) if by_square < 0 else (by_pound, by_square)


def measure(workspace: Workspace) -> Completion:
    """Completion from the receipt book, kept beside the ledger for readers who must not read receipts."""
    found = measured(book.read(workspace))
    rows = [(*key, step) for key, step in found.steps.items()]
    names = (*Key._fields, "step")
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    kinds = [pa.string(), pa.string(), pa.string(), pa.int32(), pa.int32()]
    about = {
        "layout": LAYOUT,
        "receipt": found.receipt,
        "why": found.why,
        "shares": [asdict(share) for share in found.shares],
    }
    table = pa.table(
        {name: pa.array(list(column), kind) for name, column, kind in zip(names, columns, kinds, strict=True)}
    )
    buffer = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({"speccom": json.dumps(about)}), buffer, compression="zstd")
    written, path = buffer.getvalue().to_pybytes(), _path(workspace)
    if not path.is_file() or path.read_bytes() != written:  # as it was, it keeps what was made of it
        write_atomically(path, written)
    return found


def kept(workspace: Workspace, manifest: Manifest) -> Completion:
    """What `measure` kept, if it is of this ledger; else completion of one, and why."""
    path = _path(workspace)
    if not path.is_file():
        return Completion(
            0, why="it was not measured: run speccom build, which measures it, or speccom position --forecast"
        )
    table = pq.read_table(path)
    about = json.loads((table.schema.metadata or {})[b"speccom"])
    if about.get("layout") != LAYOUT:
        return Completion(about["receipt"], why="an earlier version measured it: run speccom build")
    if about["receipt"] != manifest.receipt:
        return Completion(
            about["receipt"], why="files were received after it was measured: run speccom build"
        )
    keys = zip(*(table[name].to_pylist() for name in Key._fields), strict=True)
    steps = {
        Key._make(key): int(str(step)) for key, step in zip(keys, table["step"].to_pylist(), strict=True)
    }
    return Completion(about["receipt"], tuple(Share(**each) for each in about["shares"]), steps, about["why"])


def _histories(receipts: Iterable[Receipt]) -> dict[Key, dict[int, float]]:
    """For each month of a provider and data set, its cost at each step that it was sent at.

    Files that follow each other without a month in common are parts of one submission.
    """
    of_year: dict[tuple[str, str, str], list[dict[int, float]]] = defaultdict(list)
    for receipt in sorted(receipts, key=lambda receipt: receipt.receipt):
        if receipt.data_set not in PATIENT_LEVEL:
            continue
        months: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
        for cover in receipt.coverage:
            months[cover.provider, cover.financial_year][cover.month] = float(cover.cost)
        for (provider, year), costs in months.items():
            submissions = of_year[receipt.data_set, provider, year]
            if submissions and not submissions[-1].keys() & costs.keys():
                submissions[-1].update(costs)
            else:
                submissions.append(dict(costs))
    histories: dict[Key, dict[int, float]] = defaultdict(dict)
    for (data_set, provider, year), submissions in of_year.items():
        last = 0
        times: dict[int, int] = defaultdict(int)
        for costs in submissions:
            last = max(last, *costs)
            for month, cost in costs.items():
                step = max(last - month, times[month])
                histories[Key(data_set, provider, year, month)][step] = cost
                times[month] = step + 1
    return dict(histories)


def _path(workspace: Workspace) -> Path:
    return workspace.ledger / "completion.parquet"
