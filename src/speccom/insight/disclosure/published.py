"""A release as it may be shown to everybody: rounded, with what is hidden saying why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from speccom.insight.disclosure.inference import Mask
from speccom.insight.disclosure.protection import Limits, hide
from speccom.insight.disclosure.release import DisclosureError, Grouping, Levels, Release, groupings

SECONDARY = "withheld so that another number cannot be worked out"
_ADDED = ("suppressed", "suppressed_because")


@dataclass(frozen=True, eq=False)
class Protected:
    """The tables of a release, by levels, each with its rows in order of its keys.

    Columns: the levels; each count as a rounded whole number, or null; each money as given, or null;
    `suppressed`: `primary`, `secondary` or null; `suppressed_because`: the same in words.
    A page picks rows and columns of these tables and adds nothing up.
    """

    tables: Mapping[Levels, pa.Table]
    threshold: int
    rounding: int

    def table(self, *levels: str) -> pa.Table:
        """The table by these levels, in any order; with none, the total of everything."""
        for held, table in self.tables.items():
            if sorted(held) == sorted(levels):
                return table
        known = "; ".join(", ".join(held) or "the total" for held in self.tables)
        raise DisclosureError(
            f"This release has no table by {', '.join(levels) or 'nothing'}: it has {known}. "
            "A table outside a release could give away what the release hides."
        )

    @property
    def note(self) -> str:
        """What a page says beside these tables."""
        return (
            f"Counts from 1 to {self.threshold} are not shown, and every other count is rounded to the nearest "
            f"{self.rounding}; 0 means none. Some larger numbers are {SECONDARY}. Where a count is not shown, "
            "neither is its money. Rounded numbers may not add up to their totals."
        )

    def hidden(self) -> dict[str, int]:
        """How many cells of all tables are `primary` and `secondary`."""
        said = [status for table in self.tables.values() for status in table["suppressed"].to_pylist()]
        return {status: said.count(status) for status in ("primary", "secondary")}


def protect(
    table: pa.Table,
    *,
    dimensions: Sequence[str],
    counts: Sequence[str],
    money: Sequence[str] = (),
    hierarchies: Mapping[str, Sequence[str]] | None = None,
    threshold: int = 7,
    rounding: int = 5,
) -> Protected:
    """Protect a table of cells together with every total of it: `protect_release` of all its levels.

    For counts that do not add up, such as distinct patients, make a `Release`. Raises `DisclosureError`.
    """
    release = Release(table, dimensions, counts, money, hierarchies or {})
    return protect_release(release, threshold=threshold, rounding=rounding)


def protect_release(release: Release, *, threshold: int = 7, rounding: int = 5) -> Protected:
    """Hide and round what a release publishes, so that no small count can be worked out from all of it.

    A cell is hidden where any of its counts is from 1 to `threshold`, and with it all its counts and money.
    Further cells are hidden until each small count could still be anything that its status says, for a
    reader who has every table of the release, knows this method and, where there is money, every price.
    Raises `DisclosureError` for columns that are missing, empty, negative or no whole numbers, and where
    nothing could be shown safely.
    """
    if threshold < 1 or rounding < 1 or rounding > threshold:
        raise DisclosureError(
            f"A threshold of {threshold} with rounding to {rounding} protects nothing: both are 1 or more, and "
            "rounding is no more than the threshold, so that no count shown is rounded to 0."
        )
    clash = [name for name in _ADDED if name in release.cells.column_names]
    if clash:
        raise DisclosureError(f"The table of cells has a column {clash[0]!r} already: rename it.")
    limits = Limits(threshold, rounding, exact=bool(release.money))
    tables = groupings(release)
    hidden = hide(tables, release.distinct, limits)
    status = np.where(hidden.primary, "primary", np.where(hidden.secondary, "secondary", ""))
    shown = {
        each.levels: _published(release, each, status[each.places].tolist(), limits)
        for each in tables
        if each.published
    }
    return Protected(shown, threshold, rounding)


def _published(release: Release, table: Grouping, status: list[str], limits: Limits) -> pa.Table:
    small = "" if len(release.counts) == 1 else "one of its counts is "
    words = {"primary": f"{small}1 to {limits.threshold}", "secondary": SECONDARY}
    gone = np.array([bool(each) for each in status], dtype=bool)
    columns: dict[str, Any] = {level: table.keys[level] for level in table.levels}
    for name, values in table.counts.items():
        columns[name] = pa.array(limits.rounded(values), pa.int64(), mask=gone)
    for name in release.money:
        columns[name] = _money(release.cells, name, table, gone)
    columns["suppressed"] = pa.array([each or None for each in status], pa.string())
    columns["suppressed_because"] = pa.array([words.get(each) for each in status], pa.string())
    return pa.table(columns)


def _money(cells: pa.Table, name: str, table: Grouping, gone: Mask) -> Any:
    """The exact sums of a table's cells, without those that are gone."""
    kind: Any = cells.schema.field(name).type
    exact = pa.decimal128(38, kind.scale)
    place: Any = pa.array(table.member)
    by_place = pa.Table.from_arrays([place, cells[name].cast(exact)], names=["place", "money"])
    sums = by_place.group_by("place").aggregate([("money", "sum")]).sort_by("place")["money_sum"].cast(exact)
    return pc.if_else(pa.array(~gone), sums, pa.scalar(None, exact))
