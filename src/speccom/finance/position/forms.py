"""Contract forms as imported, and what is due under each against the value of the activity at its price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path

import pyarrow as pa

from speccom import content
from speccom.contracts import schemas
from speccom.finance.position import inputs
from speccom.finance.position.inputs import PENNY, PositionError
from speccom.period import Interval, Month
from speccom.places.lists import AreaFile, load, read, save
from speccom.register import Register
from speccom.workspace import Workspace

KIND = "contracts"
NEEDED = ("provider", "commissioner", "form", "from", "to")
_MONEY_FIELDS = ("fixed", "lower", "upper")
_RATE_FIELDS = ("variable_share", "rate_below", "rate_above")
_LIST_FIELDS = ("variable_points_of_delivery", "at_cost_points_of_delivery")
COLUMNS = (*NEEDED, *_MONEY_FIELDS, *_RATE_FIELDS, *_LIST_FIELDS, "note")
ACTIVITY = "activity"
LOW_VOLUME = "low-volume"


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of contract: which fields of a row it needs and may have, and what is due under it."""

    form: str
    name: str
    needs: tuple[str, ...]
    may_have: tuple[str, ...]
    due: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Contract:
    """One provider and commissioner over whole months. `fixed`, `lower` and `upper` are pounds of all of them."""

    row: int
    provider: str
    commissioner: str
    form: str
    interval: Interval
    fixed: Decimal | None = None
    variable_share: Decimal | None = None
    variable: frozenset[str] = frozenset()
    at_cost: frozenset[str] = frozenset()
    lower: Decimal | None = None
    rate_below: Decimal | None = None
    upper: Decimal | None = None
    rate_above: Decimal | None = None

    def due(self, priced: Mapping[str, Decimal], months: Iterable[Month]) -> Due:
        """What is due for some of its months, whose priced value by point of delivery is given.

        Sums of the whole contract count by equal months. To the penny.
        """
        part = self._part(months)
        at_cost = sum((cost for pod, cost in priced.items() if pod in self.at_cost), Decimal(0))
        within = {pod: cost for pod, cost in priced.items() if pod not in self.at_cost}
        value = sum(within.values(), Decimal(0))
        if self.form == "aligned":
            variable = sum((cost for pod, cost in within.items() if pod in self.variable), Decimal(0))
            share = (self.variable_share or Decimal(0)) * variable
            return Due(part(self.fixed), _penny(share), _penny(at_cost))
        if self.form in ("block", LOW_VOLUME):
            return Due(part(self.fixed), Decimal(0), _penny(at_cost))
        return Due(Decimal(0), _penny(self._between_thresholds(value, part)), _penny(at_cost))

    def _between_thresholds(self, value: Decimal, part: _Part) -> Decimal:
        if self.upper is not None and value > (upper := part(self.upper)):
            return upper + (self.rate_above or Decimal(0)) * (value - upper)
        if self.lower is not None and value < (lower := part(self.lower)):
            return lower - (self.rate_below or Decimal(0)) * (lower - value)
        return value

    def _part(self, months: Iterable[Month]) -> _Part:
        return _Part(self.interval, frozenset(months))


@dataclass(frozen=True, slots=True)
class Due:
    """What is due, in pounds: the fixed part, what moves with activity, and what is paid at cost beside both."""

    fixed: Decimal
    variable: Decimal
    at_cost: Decimal

    @property
    def total(self) -> Decimal:
        return self.fixed + self.variable + self.at_cost


@dataclass(frozen=True, slots=True)
class _Part:
    """The part of a contract's sum that belongs to some of its months."""

    interval: Interval
    months: frozenset[Month]

    def __call__(self, pounds: Decimal | None) -> Decimal:
        if pounds is None:
            return Decimal(0)
        parts = inputs.monthly(pounds, self.interval)
        return sum((parts[month] for month in self.months if month in parts), Decimal(0))


class Contracts:
    """The contracts in force, each pair's by date; a pair without one is paid activity at price."""

    def __init__(self, held: Iterable[Contract] = ()) -> None:
        self._of: dict[tuple[str, str], list[Contract]] = defaultdict(list)
        for contract in held:
            self._of[contract.provider, contract.commissioner].append(contract)

    def __bool__(self) -> bool:
        return bool(self._of)

    def of(self, provider: str, commissioner: str, month: Month) -> Contract | None:
        """The contract of a pair in a month, by its first day."""
        held = self._of.get((provider, commissioner), ())
        return next((each for each in held if month.start in each.interval), None)

    def of_commissioner(self, commissioner: str | None) -> list[Contract]:
        """Every contract of one commissioner, or of all."""
        return [
            each
            for (_, body), held in sorted(self._of.items())
            for each in held
            if commissioner in (None, body)
        ]

    def form(self, provider: str, commissioner: str, month: Month) -> str:
        """The form of a pair in a month."""
        contract = self.of(provider, commissioner, month)
        return contract.form if contract else ACTIVITY

    def adding(self, more: Sequence[Contract]) -> Contracts:
        """These and some more."""
        return Contracts([*(each for held in self._of.values() for each in held), *more])


@cache
def forms() -> dict[str, Form]:
    """The contract forms that Speccom knows, with what is due under each."""
    return {
        row["form"]: Form(
            row["form"],
            row["name"],
            tuple(row["needs"].split()),
            tuple(row["may_have"].split()),
            row["due"],
            row["source"],
            row["confidence"],
        )
        for row in content.rows(__package__, "contract_forms")
    }


def import_contracts(workspace: Workspace, register: Register, path: Path) -> str:
    """Import contracts from a CSV file in place of those before; give what was taken in, in words.

    Columns: those of `COLUMNS`; which of them a form needs is in `forms()`. Sums are for the whole of `from` to
    `to` (half-open, each the first day of a month); points of delivery are codes with spaces between. Raises
    `PositionError` with row and field, or with the two rows whose months overlap for one pair.
    """
    file = read(path)
    inputs.columns(file, NEEDED, COLUMNS)
    rows = [_row(file, number, cells, register) for number, cells in file.rows]
    _no_overlap(file, rows)
    save(workspace, KIND, file, _table(rows))
    pairs = len({(each.provider, each.commissioner) for each in rows})
    return f"Imported {len(rows):,} contracts of {pairs:,} providers and commissioners from {file.name}."


def contracts(workspace: Workspace) -> Contracts:
    """The contracts that were imported; none where none were."""
    table = load(workspace, KIND)
    if table is None:
        return Contracts()
    return Contracts(
        Contract(
            row["row"],
            row["provider"],
            row["commissioner"],
            row["form"],
            Interval(row["from"], row["to"]),
            row["fixed"],
            row["variable_share"],
            frozenset((row["variable_points_of_delivery"] or "").split()),
            frozenset((row["at_cost_points_of_delivery"] or "").split()),
            row["lower"],
            row["rate_below"],
            row["upper"],
            row["rate_above"],
        )
        for row in table.to_pylist()
    )


def _row(file: AreaFile, number: int, cells: dict[str, str], register: Register) -> Contract:
    form = forms().get(cells["form"].lower())
    if form is None or form.form == ACTIVITY:
        choice = ", ".join(name for name in forms() if name != ACTIVITY)
        raise inputs.refuse(
            file, number, "form", f"{cells['form']!r} is no form of contract; choose {choice}."
        )
    given = {name for name in (*_MONEY_FIELDS, *_RATE_FIELDS, *_LIST_FIELDS) if cells.get(name)}
    for name in form.needs:
        if name not in given:
            raise inputs.refuse(file, number, name, f"is empty, and {form.name.lower()} needs it.")
    for name in sorted(given - {*form.needs, *form.may_have}):
        raise inputs.refuse(
            file, number, name, f"is given, and {form.name.lower()} does not use it; leave it out."
        )
    for threshold, beyond in (("lower", "rate_below"), ("upper", "rate_above")):
        if (threshold in given) != (beyond in given):
            missing = beyond if threshold in given else threshold
            raise inputs.refuse(file, number, missing, f"is empty; {threshold} and {beyond} go together.")
    money = {name: inputs.pounds(file, number, cells, name) for name in _MONEY_FIELDS if name in given}
    rates = {name: inputs.rate(file, number, cells, name) for name in _RATE_FIELDS if name in given}
    lists = {name: _points(file, number, cells, name) for name in _LIST_FIELDS}
    if "lower" in money and "upper" in money and money["lower"] > money["upper"]:
        raise inputs.refuse(
            file,
            number,
            "lower",
            f"£{money['lower']:,} lies above upper, £{money['upper']:,}; exchange them.",
        )
    return Contract(
        number,
        inputs.provider(file, number, cells),
        inputs.commissioner(file, number, cells, register),
        form.form,
        inputs.whole_months(file, number, cells),
        money.get("fixed"),
        rates.get("variable_share"),
        lists["variable_points_of_delivery"],
        lists["at_cost_points_of_delivery"],
        money.get("lower"),
        rates.get("rate_below"),
        money.get("upper"),
        rates.get("rate_above"),
    )


def _points(file: AreaFile, number: int, cells: Mapping[str, str], field: str) -> frozenset[str]:
    named = cells.get(field, "").upper().split()
    unknown = [name for name in named if name not in schemas.points_of_delivery()]
    if unknown:
        raise inputs.refuse(
            file, number, field, f"{unknown[0]!r} is no point of delivery; give codes such as EL DC OPPROC."
        )
    return frozenset(named)


def _no_overlap(file: AreaFile, rows: Iterable[Contract]) -> None:
    held: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for contract in rows:
        pair = contract.provider, contract.commissioner
        other = next((each for each in held[pair] if each.interval.overlaps(contract.interval)), None)
        if other is not None:
            raise PositionError(
                f"{file.name}, rows {other.row} and {contract.row}: {contract.provider} and "
                f"{contract.commissioner} have {other.form} in {inputs.said(other.interval)} and {contract.form} "
                f"in {inputs.said(contract.interval)}; a month has one form, so end the first where the next begins."
            )
        held[pair].append(contract)


def _table(rows: Sequence[Contract]) -> pa.Table:
    money, share = pa.decimal128(38, 2), pa.decimal128(20, 12)
    columns: dict[str, tuple[list[object], pa.DataType]] = {
        "row": ([each.row for each in rows], pa.int64()),
        "provider": ([each.provider for each in rows], pa.string()),
        "commissioner": ([each.commissioner for each in rows], pa.string()),
        "form": ([each.form for each in rows], pa.string()),
        "from": ([each.interval.start for each in rows], pa.date32()),
        "to": ([each.interval.end for each in rows], pa.date32()),
        "fixed": ([each.fixed for each in rows], money),
        "variable_share": ([each.variable_share for each in rows], share),
        "variable_points_of_delivery": ([" ".join(sorted(each.variable)) for each in rows], pa.string()),
        "at_cost_points_of_delivery": ([" ".join(sorted(each.at_cost)) for each in rows], pa.string()),
        "lower": ([each.lower for each in rows], money),
        "rate_below": ([each.rate_below for each in rows], share),
        "upper": ([each.upper for each in rows], money),
        "rate_above": ([each.rate_above for each in rows], share),
    }
    return pa.table({name: pa.array(values, kind) for name, (values, kind) in columns.items()})


def _penny(value: Decimal) -> Decimal:
    return value.quantize(PENNY, ROUND_HALF_EVEN)
