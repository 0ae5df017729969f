"""The ICBs as tiles: what is spent on their people for each head, and how their services are arranged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa

from speccom.charts.figure import COLOURS, NARROW, Figure, draw
from speccom.charts.results import Area
from speccom.charts.spend import ARRANGEMENTS
from speccom.charts.tables import Column, Table, records, write_out
from speccom.charts.tiles import NOTHING, SEQUENCE, Paint, colour_of, five_steps, tile_map
from speccom.charts.words import short_name

_LETTERS = {"delegated": "Del.", "joint": "Joint", "national": "Nat."}


def by_area(table: pa.Table, areas: Sequence[Area], on: date) -> list[Figure]:
    """Two maps: specialised spend for each head, and the arrangement of suitable services."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for row in records(table):
        if row["arrangement"] and row["icb"]:
            spent[row["icb"]] += row["actual"] or 0
    heads = {
        area.code: spent[area.code] / area.population
        for area in areas
        if area.population and area.code in spent
    }
    return [_spend_map(heads, areas, _spend_table(areas, spent, heads), on), _arrangement_map(areas, on)]


def _spend_map(heads: dict[str, Decimal], areas: Sequence[Area], written: Table, on: date) -> Figure:
    names = {area.code: short_name(area.name) for area in areas}
    bounds = five_steps([float(value) for value in heads.values()])
    paint = {code: Paint(colour_of(float(value), bounds), f"£{value:.0f}") for code, value in heads.items()}
    description = (
        "Specialised spend in these months on the people of each ICB, whoever pays and wherever they are "
        "treated. "
    )
    if heads:
        low, high = min(heads, key=heads.__getitem__), max(heads, key=heads.__getitem__)
        description += (
            f"It runs from £{heads[low]:.0f} a head in {names[low]} ({low}) "
            f"to £{heads[high]:.0f} in {names[high]} ({high}); need is not adjusted for."
        )
    key = _bands(bounds) if heads else [(NOTHING, "no population held")]
    return draw(
        "spend-map",
        "Specialised spend for each head of population, by ICB",
        description,
        written,
        lambda width: tile_map(on, paint, key, "Pounds a head", width),
    )


def _arrangement_map(areas: Sequence[Area], on: date) -> Figure:
    paint = {area.code: Paint(COLOURS[area.arrangement], _LETTERS[area.arrangement]) for area in areas}
    counts = {
        name: sum(area.arrangement == name for area in areas)
        for name in ARRANGEMENTS
        if any(area.arrangement == name for area in areas)
    }
    counted = ", ".join(f"{number} {name}" for name, number in counts.items())
    description = (
        f"How services that are suitable and ready are commissioned for the people of each ICB on "
        f"{on:%-d %B %Y}: {counted}."
    )
    key = [(COLOURS[name], f"{name.capitalize()} ({number})") for name, number in counts.items()]
    return draw(
        "arrangement-map",
        "Arrangement of suitable services, by ICB",
        description,
        _arrangement_table(areas, on),
        lambda _: tile_map(on, paint, key, "Arrangement", NARROW),
    )


def _bands(bounds: Sequence[float]) -> list[tuple[str, str]]:
    words = [f"under £{bounds[0]:.0f}"] if bounds else []
    words += [f"£{low:.0f} to £{high:.0f}" for low, high in pairwise(bounds)]
    words += [f"£{bounds[-1]:.0f} and more"] if bounds else ["all"]
    return list(zip(SEQUENCE[-len(words) :], words, strict=True))


def _spend_table(areas: Sequence[Area], spent: dict[str, Decimal], heads: dict[str, Decimal]) -> Table:
    return write_out(
        "Specialised spend by ICB of the patient's home",
        [
            Column("ICB"),
            Column("Code", "code"),
            Column("Population", "count"),
            Column("Actual (£)", "pounds"),
            Column("£ a head", "pounds"),
        ],
        [
            [
                short_name(area.name),
                area.code,
                None if area.population is None else round(area.population),
                spent.get(area.code),
                heads.get(area.code),
            ]
            for area in sorted(areas, key=lambda area: (-heads.get(area.code, Decimal(0)), area.code))
        ],
    )


def _arrangement_table(areas: Sequence[Area], on: date) -> Table:
    return write_out(
        f"Arrangement of suitable services by ICB on {on:%-d %B %Y}",
        [Column("ICB"), Column("Code", "code"), Column("Region", "code"), Column("Arrangement")],
        [
            [short_name(area.name), area.code, area.region, ARRANGEMENTS[area.arrangement]]
            for area in sorted(areas, key=lambda area: (area.region, area.name))
        ],
    )
