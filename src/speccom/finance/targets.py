"""Target shares as a result: a row for each area from its people to its share, on the boundaries of a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.finance.allocation_file import Request
from speccom.finance.pace import Parameters, check_money, distance_from
from speccom.finance.penny import PENNY, to_the_penny
from speccom.finance.split_boards import Parts, pennies
from speccom.finance.target import Need, TargetError, Weights, called, on_boundaries, target_shares
from speccom.insight.result import Column, Result, described
from speccom.register import Register

_PLACES = Decimal(10) ** 18  # of a share in a file: far below a penny of any money

_Columns = dict[str, tuple[Column, Sequence[Any], pa.DataType]]


@dataclass(frozen=True, slots=True)
class Boundary:
    """The day whose boards are wanted, with the weights of the parts of split ones."""

    register: Register
    on: date
    parts: Parts


@dataclass(frozen=True, slots=True)
class Target:
    """One area's target; every number but the shares and indices adds when areas merge.

    `costed` is people after market forces, before they are scaled to the people of all areas.
    """

    population: Decimal
    need_weighted: Decimal
    with_inequalities: Decimal
    costed: Decimal
    weighted: Decimal
    share: Decimal
    baseline: Decimal | None


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets by area, what they stand for, and what could not be placed on the boundaries asked for."""

    areas: Mapping[str, Target]
    need: Need
    need_of: str
    weights: Weights
    gaps: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What belongs to every form in which these leave."""
        spend = ", ".join(f"{name} {weight}" for name, weight in self.weights.spend.items())
        forces = "as given" if self.weights.market_forces else "none, as asked"
        return (
            *self.need.notes,
            f"Need: {self.need_of}. Shares of spend: {spend}. Health-inequality share h: "
            f"{self.weights.health_inequalities}. Market forces factor: {forces}. Weights are of whoever asked, and "
            "no published policy.",
            f"Source: {self.need.source} ({self.need.confidence}).",
            *self.gaps,
        )

    def request(self, money: Decimal) -> Request:
        """What `speccom allocate` is asked to share out; its target shares sum to 1 exactly.

        Raises `TargetError` without baselines, and `AllocationError` for money that is no whole pennies.
        """
        check_money(money)
        baselines = {area: each.baseline for area, each in self.areas.items() if each.baseline is not None}
        if len(baselines) != len(self.areas):
            raise TargetError("There are no baselines to share money from: give them with the targets.")
        scaled = {area: each.share * _PLACES / 100 for area, each in self.areas.items()}
        shares = {area: each * 100 / _PLACES for area, each in to_the_penny(scaled, _PLACES / 100).items()}
        return Request(baselines, shares, money, Parameters(), self.notes, self.need.synthetic)


def targets(
    need: Need,
    weights: Weights,
    need_of: str,
    *,
    baselines: Mapping[str, Decimal] | None = None,
    boundary: Boundary | None = None,
) -> Targets:
    """The targets of areas: worked out on the areas of `need`, then added up on other boundaries.

    `need_of` says whose need it is, in words. Raises `TargetError` for a part of the formula that is not given,
    and for areas that have a target or a baseline and not both.
    """
    found = target_shares(need, weights)
    columns = {
        "population": {area: each.population for area, each in found.items()},
        "need_weighted": {area: each.need_weighted for area, each in found.items()},
        "with_inequalities": {area: each.with_inequalities for area, each in found.items()},
        "costed": {area: each.with_inequalities * each.market_forces for area, each in found.items()},
        "weighted": {area: each.weighted for area, each in found.items()},
        "share": {area: each.share for area, each in found.items()},
    }
    gaps: tuple[str, ...] = ()
    if boundary is not None:
        moved = {name: _moved(values, boundary) for name, values in columns.items()}
        gaps = on_boundaries(columns["share"], boundary.register, boundary.on, boundary.parts).gaps
        columns = moved
        if baselines is not None:
            baselines = pennies(_moved(baselines, boundary), baselines.values())
    areas = columns["share"]
    _same_areas(areas, baselines)
    rows = {
        area: Target(
            **{name: values[area] for name, values in columns.items()},
            baseline=None if baselines is None else baselines[area],
        )
        for area in areas
    }
    return Targets(rows, need, need_of, weights, gaps)


def table_of(found: Targets, register: Register) -> Result:
    """A row for each area, in the order of their codes.

    Columns: area, area_name, need_of; population, need_index, weighted_population_1 (with health inequalities),
    market_forces_factor (empty without), weighted_population, target_share; with baselines also baseline (£, to
    the penny) and opening_distance (share).
    """
    rows = dict(sorted(found.areas.items()))
    areas, real, text = list(rows.values()), pa.float64(), pa.string()
    forces = found.weights.market_forces
    columns: _Columns = {
        "area": (Column("code", "the area"), list(rows), text),
        "area_name": (Column("", "what it is called"), [_name(register, area) for area in rows], text),
        "need_of": (Column("", "the services whose need is weighted by"), [found.need_of] * len(rows), text),
        "population": (
            Column("people", "of the need source"),
            [float(each.population) for each in areas],
            real,
        ),
        "need_index": (
            Column("index", "people weighted by need for each head, 1 for all areas"),
            [float(each.need_weighted / each.population) for each in areas],
            real,
        ),
        "weighted_population_1": (
            Column("people", "WP1: weighted by need and health inequalities"),
            [float(each.with_inequalities) for each in areas],
            real,
        ),
        "market_forces_factor": (
            Column("index", "MFF: unavoidable costs; of merged areas the mean by WP1; empty without"),
            [float(each.costed / each.with_inequalities) if forces else None for each in areas],
            real,
        ),
        "weighted_population": (
            Column("people", "WP: WP1 with MFF, scaled to the people of all areas"),
            [float(each.weighted) for each in areas],
            real,
        ),
        "target_share": (
            Column("share", "the area’s part of all weighted people"),
            [float(each.share) for each in areas],
            real,
        ),
    }
    table = described(columns | _opening(areas))
    return Result("Target shares", table, found.notes, (), found.need.synthetic)


def _opening(areas: Sequence[Target]) -> _Columns:
    """What areas have and how far from target that is; nothing where no baselines are given."""
    baselines = [each.baseline for each in areas if each.baseline is not None]
    if len(baselines) != len(areas):
        return {}
    whole = sum(baselines, Decimal(0))
    distances = [
        float(distance_from(each.share, held / whole)) for each, held in zip(areas, baselines, strict=True)
    ]
    return {
        "baseline": (
            Column("£", "what the area has"),
            [held.quantize(PENNY) for held in baselines],
            pa.decimal128(20, 2),
        ),
        "opening_distance": (
            Column("share", "the area’s part of all baselines against its target share, less 1"),
            distances,
            pa.float64(),
        ),
    }


def _moved(values: Mapping[str, Decimal], boundary: Boundary) -> dict[str, Decimal]:
    return on_boundaries(values, boundary.register, boundary.on, boundary.parts).values


def _same_areas(areas: Mapping[str, Decimal], baselines: Mapping[str, Decimal] | None) -> None:
    if baselines is None:
        return
    for without, what in (
        (sorted(areas.keys() - baselines.keys()), "a target and no baseline"),
        (sorted(baselines.keys() - areas.keys()), "a baseline and no target"),
    ):
        if without:
            more = f" and {len(without) - 8} more" if len(without) > 8 else ""
            raise TargetError(
                f"{', '.join(without[:8])}{more} {'has' if len(without) == 1 else 'have'} {what}: give both of "
                "every area, on the boundaries of the same year or, with --boundaries, of one day."
            )
    if not sum(baselines.values(), Decimal(0)):
        raise TargetError("All baselines are nought: give what areas have.")


def _name(register: Register, area: str) -> str:
    return called(register, area).removesuffix(f" ({area})")
