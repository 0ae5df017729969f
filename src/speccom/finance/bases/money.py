"""X: what the people of each area cost at the providers of each, read once from the ledger's summaries.

Everything that is said about bases is a sum of these crossings; nothing else here reads a ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.engine import Engine, run_steps
from speccom.errors import SpeccomError
from speccom.finance.bases.placing import FIRST_BOARDS, register_places, register_rules
from speccom.insight.areas import NOT_A_BOARD
from speccom.insight.kept import kept
from speccom.insight.result import Gap
from speccom.ledger.manifest import LedgerError, Manifest, require_manifest
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace

LEVELS = {"region": "region", "icb": "board"}
"""By what areas are told → what one is called."""
ZERO = Decimal(0)


class BasesError(SpeccomError):
    """A question about bases that cannot be answered; the message says what can be asked."""

    code = "bases"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Pounds and lines of one pot in one year, from the area that hosts the provider to the people's own."""

    financial_year: str
    pot: str
    basis: str
    level: str
    host_region: str
    host_board: str
    home_region: str
    home_board: str
    lines: int
    cost: Decimal

    def host(self, by: str) -> str:
        return self.host_region if by == "region" else self.host_board

    def home(self, by: str) -> str:
        return self.home_region if by == "region" else self.home_board

    @property
    def order(self) -> tuple[str, ...]:
        return (self.financial_year, self.pot, self.host_region, self.host_board, self.home_board)


@dataclass(frozen=True, slots=True)
class Money:
    """Every crossing of some years, exact. `months` are those held; `boundaries` is the date asked for, or none."""

    crossings: tuple[Crossing, ...]
    years: tuple[FinancialYear, ...]
    months: tuple[Month, ...]
    boundaries: date | None
    register: Register
    manifest: Manifest
    gaps: tuple[Gap, ...]

    @property
    def synthetic(self) -> bool:
        return self.manifest.synthetic

    def of(self, *years: FinancialYear) -> list[Crossing]:
        """The crossings of some of the years. Raises `LedgerError` for one that is not held."""
        missing = next((year for year in years if year not in self.years), None)
        if missing is not None:
            raise LedgerError(
                f"The ledger holds nothing of {missing}: choose from {', '.join(map(str, self.years))}."
            )
        codes = {year.code for year in years}
        return [each for each in self.crossings if each.financial_year in codes]

    def areas(self, by: str) -> list[str]:
        """The areas that any pound is of, in order; those that are none stand last. Raises `BasesError`."""
        if by not in LEVELS:
            raise BasesError(f"{by!r} is nothing to show bases by: choose from {', '.join(LEVELS)}.")
        found = {each.host(by) for each in self.crossings} | {each.home(by) for each in self.crossings}
        return sorted(found, key=lambda area: (area in NOT_A_BOARD, area))

    def months_of(self, year: FinancialYear) -> int:
        """How many months of a year are held."""
        return sum(month.year == year for month in self.months)

    def scope(self, *years: FinancialYear) -> tuple[str, ...]:
        """Of which months, boundaries and register a result is, in words."""
        part = [f"{year}: {held} of 12 months" for year in years if (held := self.months_of(year)) < 12]
        on = "as they were" if self.boundaries is None else f"as of {self.boundaries:%-d %B %Y}"
        return (
            f"Pounds of the patient-level sets, {', '.join(map(str, years))}. Boundaries {on}. "
            f"Register {self.manifest.snapshot}.",
            *(
                (f"Not whole years, so the money is of these months alone: {'; '.join(part)}.",)
                if part
                else ()
            ),
        )

    def gaps_of(self, *years: FinancialYear) -> tuple[Gap, ...]:
        """What cannot be said of some years: months that are not held or had no boards, and places."""
        found: list[Gap] = []
        for year in years:
            held = {month.number for month in self.months if month.year == year}
            lacking = [str(number) for number in range(1, 13) if number not in held]
            if lacking:
                found.append(Gap(str(year), f"month {', '.join(lacking)}", "the ledger holds none of it"))
            early = [month for month in self.months if month.year == year and month.start < FIRST_BOARDS]
            if early:
                found.append(
                    Gap(
                        f"{early[0].start:%B %Y} to {early[-1].start:%B %Y}",
                        "home of anybody",
                        "integrated care boards began on 1 July 2022; whoever was cared for before counts as not "
                        "known, and each provider stands where it lay on that day",
                    )
                )
        return (*found, *self.gaps)


def money_of(
    workspace: Workspace,
    years: Sequence[FinancialYear] | None = None,
    boundaries: date | None = None,
    register: Register | None = None,
) -> Money:
    """The crossings of some years, or of all that are held, on the boundaries of a date or as they were.

    Raises `LedgerError` where nothing was built, a year is not held, or the summaries are of an earlier
    version; `BasesError` where a pound would be lost because no rule covers its month.
    """
    known, manifest = register or Register.load(workspace), require_manifest(workspace)
    months = tuple(
        each.period for each in manifest.months if each.files and (years is None or each.period.year in years)
    )
    asked = {"years": None if years is None else [year.code for year in years], "boundaries": boundaries}
    crossed, gaps = kept(
        workspace,
        manifest,
        known,
        "crossings",
        asked,
        lambda: _crossed(workspace, known, years, months, boundaries),
    )
    crossings = tuple(sorted(map(_crossing, crossed.to_pylist()), key=lambda each: each.order))
    held = tuple(sorted({month.year for month in months}))
    told = tuple(Gap(**row) for row in gaps.to_pylist())
    return Money(crossings, held, months, boundaries, known, manifest, told)


def _crossed(
    workspace: Workspace,
    register: Register,
    years: Sequence[FinancialYear] | None,
    months: Sequence[Month],
    boundaries: date | None,
) -> list[pa.Table]:
    """The crossings, every pound among them, and what could not be placed."""
    with summaries(workspace, years) as (engine, _):
        _require_kind(engine)
        gaps = register_places(engine, register, boundaries)
        register_rules(engine, register, months)
        run_steps(engine, __package__, ["potted", "crossed"])
        crossed = engine.fetch("select * from crossed")
        spent = engine.fetch("select coalesce(sum(actual), 0) as spent from months where lines > 0")
    _conserved(map(_crossing, crossed.to_pylist()), Decimal(spent["spent"][0].as_py()))
    texts = [(name, pa.string()) for name in Gap._fields]
    return [crossed, pa.Table.from_pylist([gap._asdict() for gap in gaps], pa.schema(texts))]


def total(crossings: Iterable[Crossing]) -> Decimal:
    """The pounds of some crossings, exact."""
    return sum((each.cost for each in crossings), ZERO)


def _crossing(row: dict[str, Any]) -> Crossing:
    return Crossing(**row | {"lines": int(row["lines"]), "cost": Decimal(row["cost"])})


def _conserved(crossings: Iterable[Crossing], spent: Decimal) -> None:
    """Refuse to go on where a pound of the summaries is in no crossing, or in two."""
    crossed = total(crossings)
    if crossed != spent:
        raise BasesError(
            f"£{spent - crossed:,f} of the ledger is on no basis: in some month a line has an arrangement for "
            "which no rule is in force on its first day. See speccom bases --show rules."
        )


def _require_kind(engine: Engine) -> None:
    """Refuse summaries that were made before they told drugs and devices from other activity."""
    if "kind" not in engine.fetch("select * from months limit 0").column_names:
        raise LedgerError(
            "The ledger's summaries do not tell drugs and devices apart, since an earlier version made them: "
            "run speccom build, which makes them anew."
        )
