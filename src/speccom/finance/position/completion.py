"""How much of a month's cost the first submissions of it hold, measured from what providers restated later.

A file is the year to date, so a month is sent again with each later one: at flex, at freeze, and on. Its
`step` is how far that has gone: how many later months its provider has sent, or how often the month was sent
again, whichever is more. From step to step cost grows by a factor, the sum of the later over the sum of the
earlier over every month of every provider that reached both (the chain ladder of claims reserving: Mack, T.
(1993), Distribution-free calculation of the standard error of chain ladder reserve estimates, ASTIN Bulletin
23, 213-225 [recalled]). What a month at a step holds of its last cost is one over the product of the factors to
come. Limits: one factor for all providers and lines of a data set; costs are of all rows submitted, those in
quarantine too; beyond the last step seen nothing more is expected.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from speccom.contracts import book
from speccom.contracts.book import Receipt
from speccom.ledger.manifest import Manifest
from speccom.workspace import Workspace, write_atomically

PATIENT_LEVEL = ("PLCM", "DrPLCM", "DePLCM")
FEWEST_PAIRS = 8
"""Months of providers that must have been sent at both of two steps for a factor to be taken from them."""
LAST_STEP = 11
NO_HISTORY = (
    "no month of any provider was sent more than once, so nothing says how a month grows after it is sent"
)


class Key(NamedTuple):
    """A month of a provider in a data set; the year as files write it (`202526`)."""

    data_set: str
    provider: str
    financial_year: str
    month: int


@dataclass(frozen=True, slots=True)
class Growth:
    """From one step to the next: the factor, and from how many months of providers and which pounds it was taken."""

    data_set: str
    step: int
    factor: float
    pairs: int
    earlier: float
    later: float


@dataclass(frozen=True)
class Completion:
    """What share of its last cost each month holds now: one where nothing says otherwise, and `why` not.

    `receipt` is the last receipt that it was measured from.
    """

    receipt: int
    growths: tuple[Growth, ...] = ()
    steps: Mapping[Key, int] = field(default_factory=dict)
    why: str | None = None

    def share(self, key: Key) -> float:
        """The share, between nothing and about one; above one where months shrink."""
        step = self.steps.get(key)
        if step is None:
            return 1.0
        return 1 / self._to_come(key.data_set).get(step, 1.0)

    def _to_come(self, data_set: str) -> Mapping[int, float]:
        held = self._products.get(data_set)
        if held is None:
            factors = {each.step: each.factor for each in self.growths if each.data_set == data_set}
            held = {
                step: math.prod(factor for at, factor in factors.items() if at >= step)
                for step in range(LAST_STEP + 1)
            }
            self._products[data_set] = held
        return held

    _products: dict[str, Mapping[int, float]] = field(default_factory=dict, repr=False, compare=False)


def measured(receipts: Sequence[Receipt]) -> Completion:
    """Completion from a receipt book: the step that each month has come to, and the growth between steps."""
    last = max((receipt.receipt for receipt in receipts), default=0)
    histories = _histories(receipts)
    pairs: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for key, costs in histories.items():
        for step, earlier in costs.items():
            if step + 1 in costs:
                pairs[key.data_set, step].append((earlier, costs[step + 1]))
    growths = []
    for (data_set, step), held in sorted(pairs.items()):
        earlier, later = (math.fsum(column) for column in zip(*held, strict=True))
        if len(held) >= FEWEST_PAIRS and earlier > 0 and later > 0:
            growths.append(Growth(data_set, step, later / earlier, len(held), earlier, later))
    if not growths:
        most = max((len(held) for held in pairs.values()), default=0)
        why = (
            NO_HISTORY
            if not most
            else f"only {most} months of providers were sent twice, and {FEWEST_PAIRS} are needed"
        )
        return Completion(last, why=why)
    return Completion(last, tuple(growths), {key: max(costs) for key, costs in histories.items()})


def measure(workspace: Workspace) -> Completion:
    """Completion from the workspace's own receipt book, kept in its results for readers who must not read receipts."""
    found = measured(book.read(workspace))
    rows = [(*key, step) for key, step in found.steps.items()]
    names = (*Key._fields, "step")
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    kinds = [pa.string(), pa.string(), pa.string(), pa.int32(), pa.int32()]
    about = {
        "receipt": found.receipt,
        "why": found.why,
        "growths": [asdict(growth) for growth in found.growths],
    }
    table = pa.table(
        {name: pa.array(list(column), kind) for name, column, kind in zip(names, columns, kinds, strict=True)}
    )
    buffer = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({"speccom": json.dumps(about)}), buffer, compression="zstd")
    write_atomically(_path(workspace), buffer.getvalue().to_pybytes())
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
    if about["receipt"] != manifest.receipt:
        return Completion(
            about["receipt"], why="files were received after it was measured: run speccom build"
        )
    steps = {
        Key(row["data_set"], row["provider"], row["financial_year"], row["month"]): row["step"]
        for row in table.to_pylist()
    }
    return Completion(
        about["receipt"], tuple(Growth(**each) for each in about["growths"]), steps, about["why"]
    )


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
                step = min(max(last - month, times[month]), LAST_STEP)
                histories[Key(data_set, provider, year, month)][step] = cost
                times[month] = step + 1
    return dict(histories)


def _path(workspace: Workspace) -> Path:
    return workspace.results / "completion.parquet"
