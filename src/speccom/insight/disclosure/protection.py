"""Which cells are hidden: small counts first, then as little else as keeps them from being worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from speccom.insight.disclosure.inference import (
    WITHOUT_END,
    Equations,
    Knowledge,
    Mask,
    Numbers,
    equations,
    parents_of,
)
from speccom.insight.disclosure.release import DisclosureError, Grouping, Integers


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts from 1 to `threshold` are small; shown ones are rounded to `rounding`; `exact` says that a
    reader may know the count behind a rounded one, as where money is shown too."""

    threshold: int
    rounding: int
    exact: bool

    def rounded(self, values: Integers) -> Integers:
        """To the nearest multiple, halves up."""
        return self.rounding * ((values + self.rounding // 2) // self.rounding)


@dataclass(frozen=True, eq=False)
class Hidden:
    """Over the cells of every table in order: hidden for its own small count, or for another cell's."""

    primary: Mask
    secondary: Mask


def hide(tables: Sequence[Grouping], distinct: Sequence[str], limits: Limits) -> Hidden:
    """The cells to hide. Raises `DisclosureError` where even hiding everything would give a count away."""
    shown = np.concatenate([np.full(table.size, table.published) for table in tables])
    counts = [_count(tables, name, name in distinct, shown, limits) for name in tables[0].counts]
    small = np.any([count.small for count in counts], axis=0)
    # A total of several small cells is not said to be small itself: that would bound each of its parts.
    several = np.any([count.parts >= 2 for count in counts], axis=0)
    primary = small & ~several
    hidden = _Search(counts, shown, primary, several, limits).run(small)
    return Hidden(hidden & primary, hidden & ~primary)


@dataclass(frozen=True, eq=False)
class _Count:
    """One count over the cells of every table. `parts` is how many shown cells above zero lie in a cell, and
    `least` what the cell is at least when all that is known of them is that they are above zero."""

    values: Numbers
    parts: Numbers
    least: Numbers
    small: Mask
    equations: Equations
    columns: sparse.csc_matrix


def _count(tables: Sequence[Grouping], name: str, distinct: bool, shown: Mask, limits: Limits) -> _Count:
    values = np.concatenate([table.counts[name] for table in tables])
    parts, least = np.zeros(len(values)), np.where(values > 0, 1.0, 0.0)
    for whole in sorted(tables, key=lambda table: -table.size):
        for part in tables:
            parents = parents_of(part, whole) if part.published and part is not whole else None
            if parents is None or part.size < whole.size:
                continue
            own = least[part.places]
            some = np.bincount(parents, own > 0, whole.size)
            parts[whole.places] = np.maximum(parts[whole.places], some)
            together, largest = np.bincount(parents, own, whole.size), np.zeros(whole.size)
            np.maximum.at(largest, parents, own)
            adds_up = np.bincount(parents, part.counts[name], whole.size) == whole.counts[name]
            least[whole.places] = np.maximum(least[whole.places], np.where(adds_up, together, largest))
    small = shown & (values >= 1) & (values <= limits.threshold)
    found = equations(tables, name, distinct)
    return _Count(values.astype(np.float64), parts, least, small, found, sparse.csc_matrix(found.matrix))


class _Search:
    """Hides more until nothing small can be worked out from any count."""

    def __init__(
        self, counts: Sequence[_Count], shown: Mask, primary: Mask, several: Mask, limits: Limits
    ) -> None:
        self.counts, self.shown, self.primary, self.several = counts, shown, primary, several
        self.limits = limits

    def run(self, hidden: Mask) -> Mask:
        hidden = hidden.copy()
        # Hiding more never tells a reader more, so a cell that was safe stays so and is not asked about again.
        open_cells = [np.flatnonzero(count.small) for count in self.counts]
        while any(len(cells) for cells in open_cells):
            for count in self.counts:
                self._fill_equations(count, hidden)
            for place, count in enumerate(self.counts):
                cells = open_cells[place]
                open_cells[place] = self._known(count, hidden).not_covering(
                    cells, *self._wanted(count, cells)
                )
                self._hide_near(count, hidden, open_cells[place])
        return hidden

    def _known(self, count: _Count, hidden: Mask) -> Knowledge:
        """What a reader knows of a count who sees all but `hidden` and knows how this module hides."""
        low, high = self._hidden_bounds(count)
        shown = self.shown & ~hidden
        least, most = count.values, count.values
        if not self.limits.exact:
            middle = self.limits.rounded(count.values.astype(np.int64)).astype(np.float64)
            least = np.maximum(middle - self.limits.rounding // 2, self.limits.threshold + 1)
            most = middle - self.limits.rounding // 2 + self.limits.rounding - 1
            least, most = np.where(count.values == 0, 0, least), np.where(count.values == 0, 0, most)
        return Knowledge(
            count.equations, count.values, np.where(shown, least, low), np.where(shown, most, high)
        )

    def _hidden_bounds(self, count: _Count) -> tuple[Numbers, Numbers]:
        """The bounds of each cell when it is hidden, which follow from what its status says."""
        large = count.values > self.limits.threshold
        low = np.where(large, self.limits.threshold + 1.0, np.where(count.small, 1.0, 0.0))
        low = np.where(self.several, count.least, low)
        high = np.where(count.small & self.primary, float(self.limits.threshold), WITHOUT_END)
        return np.where(self.shown, low, 0.0), high

    def _wanted(self, count: _Count, cells: Integers) -> tuple[Numbers, Numbers]:
        """The range that each small cell has to be able to take: all that its status says."""
        return np.maximum(1.0, count.least[cells]), np.full(len(cells), float(self.limits.threshold))

    def _fill_equations(self, count: _Count, hidden: Mask) -> None:
        """Hide in each equation until its other cells can make up for any hidden one.

        Quick, and not enough by itself: it looks at one equation at a time.
        """
        while True:
            short = self._shortfalls(count, hidden)
            opens = self._opened(count, hidden)
            fresh: set[int] = set()
            rows = np.flatnonzero(short > 0)
            for row in rows[np.argsort(-short[rows], kind="stable")]:
                if fresh.isdisjoint(members := _entries(count.equations.matrix, row)):
                    fresh.update(self._hide_one(count, hidden, np.array(members), short[row], opens))
            if not fresh:
                return

    def _shortfalls(self, count: _Count, hidden: Mask) -> Numbers:
        """For each equation, how far its other cells are from making up for the worst placed hidden one."""
        known, found = self._known(count, hidden), count.equations
        rise, fall = known.high - known.values, known.values - known.low
        needs_rise, needs_fall = self._needs(count, hidden, fall)
        entries = found.matrix.tocoo()
        row, cell, added = entries.row, entries.col, entries.data > 0
        total = found.matrix @ known.values
        # A rise of the sum is taken up by cells that are added falling, and by those taken away rising.
        against_rise = np.where(added, fall[cell], rise[cell])
        against_fall = np.where(added, rise[cell], fall[cell])
        size = found.matrix.shape[0]
        takes_rise = np.bincount(row, against_rise, size) + np.where(
            found.high >= WITHOUT_END, WITHOUT_END, found.high - total
        )
        takes_fall = np.bincount(row, against_fall, size) + total - found.low
        others_rise, others_fall = takes_rise[row] - against_rise, takes_fall[row] - against_fall
        short = np.maximum(
            needs_rise[cell] - np.where(added, others_rise, others_fall),
            needs_fall[cell] - np.where(added, others_fall, others_rise),
        )
        worst = np.zeros(size)
        np.maximum.at(worst, row, short)
        return worst

    def _needs(self, count: _Count, hidden: Mask, fall: Numbers) -> tuple[Numbers, Numbers]:
        """How far each hidden cell must be able to rise and to fall: one that is not small, by one at least,
        else its equation fixes it and it covers for nothing elsewhere."""
        rise = np.where(hidden & (count.values > 0), 1.0, 0.0)
        down = np.where(hidden, np.minimum(1.0, fall), 0.0)
        cells = np.flatnonzero(count.small)
        lowest, highest = self._wanted(count, cells)
        rise[cells], down[cells] = highest - count.values[cells], count.values[cells] - lowest
        return rise, down

    def _hide_near(self, count: _Count, hidden: Mask, failing: Integers) -> None:
        """Hide one more cell for each failing one that nothing was hidden for yet."""
        fresh: set[int] = set()
        opens = self._opened(count, hidden)
        for cell in failing:
            fresh.update(self._hide_linked(count, hidden, int(cell), opens, fresh))
        if len(failing) and not fresh:
            raise DisclosureError(
                "These tables cannot be published together without giving a small count away: "
                "publish fewer of them, or coarser ones."
            )

    def _hide_linked(
        self, count: _Count, hidden: Mask, cell: int, opens: Numbers, fresh: set[int]
    ) -> list[int]:
        """Hide a cell in the equation of `cell` with the fewest hidden ones that can spare one, else in those
        of the cells linked to it; empty where none is left, or where its equation has just had one hidden."""
        seen, reached = {cell}, [cell]
        while reached:
            near = [
                _entries(count.equations.matrix, row) for row in self._equations_of(count, hidden, reached)
            ]
            if near and not fresh.isdisjoint(near[0]):
                return []
            for members in near:
                if found := self._hide_one(count, hidden, np.array(members), 0.0, opens):
                    return found
            reached = sorted({member for members in near for member in members} - seen)
            seen.update(reached)
        return []

    def _equations_of(self, count: _Count, hidden: Mask, cells: list[int]) -> list[int]:
        """The equations that hold any of these cells, those with the fewest hidden cells first."""
        rows = {row for cell in cells for row in _entries(count.columns, cell)}
        matrix = count.equations.matrix
        return sorted(rows, key=lambda row: (int(hidden[_entries(matrix, row)].sum()), row))

    def _hide_one(
        self, count: _Count, hidden: Mask, members: Integers, short: float, opens: Numbers
    ) -> list[int]:
        """Hide the member whose loss is least; empty where none is left.

        Before size comes how many equations it would open that hide nothing yet, as each then needs another.
        """
        free = members[self.shown[members] & ~hidden[members] & (count.values[members] > 0)]
        if not len(free):
            return []
        room = count.values[free] - self._hidden_bounds(count)[0][free]
        best = free[np.lexsort((free, count.values[free], opens[free], room < short))[0]]
        hidden[best] = True
        return [int(best)]

    def _opened(self, count: _Count, hidden: Mask) -> Numbers:
        """For each cell, how many of its equations hide nothing yet."""
        incidence = abs(count.columns)
        untouched = (incidence @ hidden.astype(np.float64)) == 0
        opened: Numbers = incidence.T @ untouched.astype(np.float64)
        return opened


def _entries(matrix: sparse.csr_matrix | sparse.csc_matrix, place: int) -> list[int]:
    """The columns of a row, or the rows of a column."""
    found: list[int] = matrix.indices[matrix.indptr[place] : matrix.indptr[place + 1]].tolist()
    return found
