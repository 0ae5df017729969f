"""A path of allocations as a result: one table whose columns say their unit, and the notes that belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from speccom.finance.pace import Allocated, Parameters
from speccom.finance.paths import Path
from speccom.insight.result import Column, Result, described

_MONEY = pa.decimal128(20, 2)


def allocations(
    found: Path,
    *,
    names: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    synthetic: bool = False,
) -> Result:
    """A row for each year and area, in the order of the baselines.

    Columns: year (1 is the first), area, and area_name where `names` are given; baseline, target, allocation and
    change (£, to the penny); opening_distance, growth, closing_distance and correction (shares); held_by.
    """
    rows = [(number, each) for number, year in enumerate(found.years, start=1) for each in year.areas]
    areas = [each for _, each in rows]
    shares = pa.float64()
    named = {
        "area_name": (
            Column("", "what the area is called"),
            [(names or {}).get(each.area, each.area) for each in areas],
            pa.string(),
        )
    }
    table = described(
        {
            "year": (Column("years", "1 is the first year"), [number for number, _ in rows], pa.int64()),
            "area": (Column("code", "the area"), [each.area for each in areas], pa.string()),
            **(named if names else {}),
            "baseline": (
                Column("£", "what the area has before the year"),
                [each.baseline.quantize(each.allocation) for each in areas],
                _MONEY,
            ),
            "target": (
                Column("£", "the area’s target share of the year’s money"),
                [each.target for each in areas],
                _MONEY,
            ),
            "allocation": (
                Column("£", "what the area is given"),
                [each.allocation for each in areas],
                _MONEY,
            ),
            "opening_distance": (
                Column("share", "the area’s part of all baselines against its target share, less 1"),
                [float(each.opening_distance) for each in areas],
                shares,
            ),
            "correction": (
                Column("share", "growth asked for on account of the distance, before any bound"),
                [float(each.correction) + 0.0 for each in areas],
                shares,
            ),
            "growth": (
                Column("share", "the allocation against the baseline, less 1"),
                [None if each.growth is None else float(each.growth) for each in areas],
                shares,
            ),
            "closing_distance": (
                Column("share", "the allocation against the target, less 1"),
                [float(each.closing_distance) for each in areas],
                shares,
            ),
            "held_by": (
                Column("", "the bound that decided the allocation; empty where none did"),
                [str(each.held) if each.held else None for each in areas],
                pa.string(),
            ),
        }
    )
    title = "Allocations" if len(found.years) == 1 else f"Allocations over {len(found.years)} years"
    return Result(title, table, (*_said(found), *notes), (), synthetic)


def _said(found: Path) -> tuple[str, ...]:
    first = found.years[0]
    return (
        f"Pace of change: {in_words(first.parameters)}.",
        *(
            f"{f'Year {number}: ' if len(found.years) > 1 else ''}£{year.money:,.2f} for "
            f"{len(year.areas)} areas; an area at target that nothing holds grows by {year.g0:.5%}; "
            f"furthest from target after it {_furthest(year)}."
            for number, year in enumerate(found.years, start=1)
        ),
    )


def in_words(limits: Parameters) -> str:
    """The parameters that are set, by name; what is not named sets no limit."""
    said = [
        f"{name} = {value}"
        for name, value in (
            ("k", limits.k),
            ("cmax", limits.cmax),
            ("deadband", limits.deadband),
            ("gmin", limits.gmin),
            ("gmax", limits.gmax),
            ("floor", limits.floor),
        )
        if value is not None
    ]
    if limits.taper is not None:
        said.append(f"taper = [{limits.taper[0]}, {limits.taper[1]}]")
    if limits.no_overshoot:
        said.append("no overshoot")
    return ", ".join(said) or "no parameter is set, so that all areas grow alike"


def _furthest(year: Allocated) -> str:
    area = max(year.areas, key=lambda each: (abs(each.closing_distance), each.area))
    return f"{area.area} at {area.closing_distance:+.2%}".replace("-", "−")
