"""What of patients by fifth of deprivation everybody may see; knows counts, and no rate, page or command.

One release is protected: where people live by board and fifth, each board, each fifth of England, and England.
England's people are those of the variation page, whose total is shown there: where one of the two hides it, no
fifth of England is shown here, so that neither gives the other's away. Pounds are shown for England's fifths alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from speccom.insight.areas import ENGLAND
from speccom.insight.disclosure import Release, protect_release
from speccom.insight.fifths import FIFTHS, ByHome, Part
from speccom.insight.opened import Opened, register_hosts
from speccom.insight.public import SECONDARY, Count
from speccom.insight.public import public as published

UNPLACED, WHOLE = 0, -1
"""Beside the fifths: those whose home cannot be placed, and everybody of the area."""
_NO_BOARD, _NO_HOME = "no board", "no home"
_KINDS = {"patients": pa.int64(), "lines": pa.int64(), "spend": pa.decimal128(38, 8)}


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of each area and fifth, `UNPLACED` and `WHOLE` included; what to say of it."""

    counts: Mapping[tuple[str, int], Count]
    note: str

    def of(self, area: str, fifth: int) -> Count:
        return self.counts.get((area, fifth), Count(0, 0, Decimal(0)))


def exact(home: ByHome) -> Shown:
    """Everything as it is, for those who hold the data."""
    counts = {key: _count(part) for key, part in home.parts.items()}
    for area in home.areas[1:]:
        counts[area, WHOLE] = _count(_sum(home, area))
    counts[ENGLAND, UNPLACED], counts[ENGLAND, WHOLE] = _count(home.unplaced), _count(home.everybody)
    return Shown(counts, "")


def protected(asked: Opened, home: ByHome, counted: Sequence[str]) -> Shown:
    """The same with small counts withheld, the others rounded, and what would give a withheld one away withheld too.

    `counted` are the boards that are England's on the variation page. Raises `DisclosureError`.
    """
    register_hosts(asked)
    country = published(asked, counted).england
    cells = list(_cells(home))
    if not cells:
        return Shown({}, "Nothing is withheld: there is nothing to show.")
    columns = {
        name: pa.array([cell[name] for cell in cells], kind)
        for name, kind in {"icb": pa.string(), "country": pa.string(), "fifth": pa.int64(), **_KINDS}.items()
    }
    release = protect_release(
        Release(
            pa.table(columns),
            dimensions=("icb", "fifth"),
            counts=("patients", "lines"),
            money=("spend",),
            hierarchies={"icb": ("country",)},
            tables=[("icb", "fifth"), ("icb",), ("country", "fifth"), ("country",)],
        )
    )
    counts: dict[tuple[str, int], Count] = {}
    for levels in (("icb", "fifth"), ("icb",), ("country", "fifth"), ("country",)):
        for row in release.table(*levels).to_pylist():
            area, why = row.get("icb", ENGLAND), row["suppressed_because"]
            if area not in (_NO_BOARD, _NO_HOME):
                spend = row["spend"] if area == ENGLAND else None
                counts[area, row.get("fifth", WHOLE)] = (
                    Count.hidden(why) if why else Count(row["patients"], row["lines"], spend)
                )
    total = counts[ENGLAND, WHOLE]
    if total.withheld or country.withheld:
        for fifth in (*FIFTHS, UNPLACED, WHOLE):
            key = ENGLAND, fifth
            if not counts.get(key, total).withheld:
                counts[key] = Count.hidden(country.withheld or total.withheld or SECONDARY)
        counts[ENGLAND, WHOLE] = country
    withheld = sum(count.withheld is not None for count in counts.values())
    return Shown(counts, f"{release.note} Withheld here: {withheld:,} of {len(counts):,} rows.")


def _cells(home: ByHome) -> list[dict[str, object]]:
    """The finest cells, which add up to England: boards' fifths, fifths of no board, and those without a home."""
    cells = []
    for fifth in FIFTHS:
        rest = home.parts.get((ENGLAND, fifth), Part())
        for area in home.areas[1:]:
            part = home.parts.get((area, fifth))
            if part is not None:
                rest = rest.less(part)
                cells.append(_cell(area, fifth, part))
        if rest.lines:
            cells.append(_cell(_NO_BOARD, fifth, rest))
    if home.unplaced.lines:
        cells.append(_cell(_NO_HOME, UNPLACED, home.unplaced))
    return cells


def _cell(area: str, fifth: int, part: Part) -> dict[str, object]:
    return {
        "icb": area,
        "country": ENGLAND,
        "fifth": fifth,
        "patients": part.patients,
        "lines": part.lines,
        "spend": part.spend,
    }


def _sum(home: ByHome, area: str) -> Part:
    total = Part()
    for fifth in FIFTHS:
        total = total.and_(home.parts.get((area, fifth), Part()))
    return total


def _count(part: Part) -> Count:
    return Count(part.patients, part.lines, part.spend)
