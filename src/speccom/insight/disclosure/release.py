"""The tables that are published together from one set of cells, checked; knows nothing of what is safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speccom.errors import SpeccomError

Integers = npt.NDArray[np.int64]
Levels = tuple[str, ...]
"""The columns that a table is by; `()` is the total of everything."""


class DisclosureError(SpeccomError):
    """A table that cannot be protected as asked; the message names the column and the row."""

    code = "disclosure"


@dataclass(frozen=True, eq=False)
class Release:
    """Everything that a page or a download publishes from one set of cells.

    `cells` holds each combination of `dimensions` once, the finest that anything is published by.
    `counts` are whole numbers from 0; `money` is decimal, in pounds, and adds up.
    `hierarchies` name, for a dimension, the coarser columns of `cells` above it: `{"icb": ("region",)}`.
    `tables` are the levels published, by default every combination of levels, totals included.
    `distinct` are counts that do not add up, such as patients: one person may be in several cells. Their
    own counts for each coarser table are given in `totals`, by levels.
    """

    cells: pa.Table
    dimensions: Sequence[str]
    counts: Sequence[str]
    money: Sequence[str] = ()
    hierarchies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tables: Sequence[Sequence[str]] | None = None
    distinct: Sequence[str] = ()
    totals: Mapping[Levels, pa.Table] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Grouping:
    """The cells of one table: `member` gives, for each finest cell, the place of the cell it falls into."""

    levels: Levels
    published: bool
    first: int
    member: Integers
    keys: pa.Table
    counts: Mapping[str, Integers]

    @property
    def size(self) -> int:
        return self.keys.num_rows

    @property
    def places(self) -> slice:
        """Where the cells of this table lie among those of all tables."""
        return slice(self.first, self.first + self.size)


def groupings(release: Release) -> list[Grouping]:
    """The finest cells, then every other table of a release. Raises `DisclosureError`."""
    _check(release)
    finest = tuple(release.dimensions)
    wanted = _wanted(release)
    codes = {name: _codes(release.cells, name) for name in _levels(release)}
    found: list[Grouping] = []
    first = 0
    for levels in [finest, *(each for each in wanted if each != finest)]:
        grouping = _grouping(release, levels, codes, levels in wanted, first)
        found.append(grouping)
        first += grouping.size
    if found[0].size != release.cells.num_rows:
        raise DisclosureError(
            f"The same {', '.join(finest)} is there more than once: add such rows up before they are protected."
        )
    return found


def _grouping(
    release: Release, levels: Levels, codes: Mapping[str, Integers], published: bool, first: int
) -> Grouping:
    joined = np.zeros(release.cells.num_rows, dtype=np.int64)
    for level in levels:
        _, joined = np.unique(
            joined * (int(codes[level].max(initial=0)) + 1) + codes[level], return_inverse=True
        )
    _, example, member = np.unique(joined, return_index=True, return_inverse=True)
    keys = release.cells.select(list(levels)).take(example)
    if not levels:
        keys = pa.table({"": pa.nulls(len(example))})
    counts = {name: _sums(release.cells, name, member, len(example)) for name in release.counts}
    if levels != tuple(release.dimensions):
        for name in release.distinct:
            counts[name] = _given(release, levels, keys, name)
    return Grouping(levels, published, first, member, keys, counts)


def _sums(cells: pa.Table, name: str, member: Integers, size: int) -> Integers:
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, member, cells[name].to_numpy().astype(np.int64))
    return sums


def _given(release: Release, levels: Levels, keys: pa.Table, name: str) -> Integers:
    """The distinct counts of a coarser table, in the order of its keys."""
    by = f"by {', '.join(levels)}" if levels else "of everything"
    table = release.totals.get(levels)
    if table is None:
        raise DisclosureError(
            f"{name} does not add up, so its count {by} has to be given: put that table into `totals`, "
            f"under {levels!r}."
        )
    _columns(table, [*levels, name], f"the table {by}")
    _whole_numbers(table, name, f"the table {by}")
    rows = table.select([*levels, name]).to_pylist()
    held = {tuple(row[level] for level in levels): int(row[name]) for row in rows}
    wanted = [tuple(row[level] for level in levels) for row in keys.to_pylist()] if levels else [()]
    lacking = next((key for key in wanted if key not in held), None)
    if keys.num_rows and (lacking is not None or len(held) != len(rows)):
        what = f"has no row for {lacking}" if lacking is not None else "has a row twice"
        raise DisclosureError(f"The table {by} {what}: give each of its rows once.")
    return np.array([held[key] for key in wanted][: keys.num_rows], dtype=np.int64)


def _wanted(release: Release) -> list[Levels]:
    known = _levels(release)
    if release.tables is None:
        choices = [(name, *release.hierarchies.get(name, ()), None) for name in release.dimensions]
        return [tuple(level for level in each if level is not None) for each in product(*choices)]
    wanted = [tuple(levels) for levels in release.tables]
    for level in (level for levels in wanted for level in levels):
        if level not in known:
            raise DisclosureError(f"{level!r} is no level of this release: choose {', '.join(known)}.")
    if not wanted:
        raise DisclosureError("The release publishes no table: name at least one.")
    return list(dict.fromkeys(wanted))


def _levels(release: Release) -> list[str]:
    return [level for name in release.dimensions for level in (name, *release.hierarchies.get(name, ()))]


def _codes(cells: pa.Table, name: str) -> Integers:
    encoded = pc.rank(cells[name], tiebreaker="dense") if cells.num_rows else pa.array([], pa.int64())
    return np.asarray(encoded.to_numpy(zero_copy_only=False), dtype=np.int64)


# --- what is refused


def _check(release: Release) -> None:
    if not release.dimensions or not release.counts:
        raise DisclosureError("Name at least one dimension and one count of the table.")
    unknown = [name for name in release.hierarchies if name not in release.dimensions]
    if unknown:
        raise DisclosureError(
            f"The hierarchy of {unknown[0]} has no dimension: choose {', '.join(release.dimensions)}."
        )
    odd = [name for name in release.distinct if name not in release.counts]
    if odd:
        raise DisclosureError(f"{odd[0]} is named as distinct but is no count: add it to the counts.")
    _columns(release.cells, [*_levels(release), *release.counts, *release.money], "the table of cells")
    for name in release.counts:
        _whole_numbers(release.cells, name, "the table of cells")
    for name in release.money:
        kind = release.cells.schema.field(name).type
        if not pa.types.is_decimal(kind):
            raise DisclosureError(f"{name} is {kind}, where money is an exact decimal: cast it first.")
    for name, above in release.hierarchies.items():
        for finer, coarser in zip((name, *above), above, strict=False):
            _one_parent(release.cells, finer, coarser)


def _columns(table: pa.Table, names: Sequence[str], where: str) -> None:
    for name in names:
        if name not in table.column_names:
            raise DisclosureError(f"{where[0].upper()}{where[1:]} has no column {name!r}: add it.")
        if table[name].null_count:
            row = table[name].is_null().index(True).as_py() + 1
            raise DisclosureError(f"Row {row} of {where} has no {name}: fill it in, with 0 for none.")


def _whole_numbers(table: pa.Table, name: str, where: str) -> None:
    kind = table.schema.field(name).type
    if not pa.types.is_integer(kind):
        raise DisclosureError(f"{name} in {where} is {kind}, where a count is a whole number: cast it first.")
    for row, value in enumerate(table[name].to_numpy().tolist(), start=1):
        if value < 0:
            raise DisclosureError(f"Row {row} of {where} has {value} as {name}: a count is 0 or more.")


def _one_parent(cells: pa.Table, finer: str, coarser: str) -> None:
    parents: dict[object, object] = {}
    for child, parent in _pairs(cells, finer, coarser):
        if parents.setdefault(child, parent) != parent:
            raise DisclosureError(
                f"{finer} {child} is in more than one {coarser} ({parents[child]}, {parent}): "
                "a hierarchy has one parent for each."
            )


def _pairs(cells: pa.Table, finer: str, coarser: str) -> Iterator[tuple[object, object]]:
    pairs = cells.select([finer, coarser]).group_by([finer, coarser]).aggregate([])
    yield from zip(pairs[finer].to_pylist(), pairs[coarser].to_pylist(), strict=True)
