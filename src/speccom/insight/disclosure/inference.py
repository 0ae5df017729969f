"""What can be worked out about a hidden count from everything published; knows nothing of what to hide.

The reader of a release is given more than the release shows: where money stands beside counts, the exact
count behind every rounded one, since a known price gives it away; and, where distinct counts happen to add
up, that they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from speccom.insight.disclosure.release import Grouping, Integers

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
WITHOUT_END = 1e9
"""Stands for no bound: finite, so that a cell's own part can be taken from a sum."""

_NEAR = 1e-6
_FAR = 1e3  # beyond the truth, for a cell without a bound: more than any small count needs
_SINGLE = 24  # cells asked about one by one before the rest counts as not shown to be safe


@dataclass(frozen=True, eq=False)
class Equations:
    """What is known to hold between the cells of one count: `low <= matrix @ cells <= high`.

    The rows marked in `enough` imply the others.
    """

    matrix: sparse.csr_matrix
    low: Numbers
    high: Numbers
    enough: Mask


def equations(tables: Sequence[Grouping], name: str, distinct: bool) -> Equations:
    """Every total against its parts, for one count.

    A count that adds up: each total is the sum of its finest cells. A distinct count: each total is at
    most the sum of its parts in every finer table, and at least the largest part.
    """
    values = np.concatenate([table.counts[name] for table in tables]).astype(np.float64)
    rows: list[sparse.coo_matrix] = []
    lows: list[Numbers] = []
    highs: list[Numbers] = []
    enough: list[Mask] = []
    for whole in tables:
        for part in tables:
            if distinct and not part.published:
                continue
            parents = None if part is whole else parents_of(part, whole)
            if parents is None:
                continue
            sums = _sum_rows(part, whole, parents, len(values))
            excess = np.asarray(sums @ values)
            rows.append(sums)
            lows.append(np.zeros(whole.size))
            highs.append(np.where(excess == 0, 0.0, WITHOUT_END))
            enough.append(np.full(whole.size, distinct or part is tables[0]))
            if distinct:
                rows.append(_largest_rows(part, whole, parents, len(values)))
                lows.append(np.zeros(part.size))
                highs.append(np.full(part.size, WITHOUT_END))
                enough.append(np.ones(part.size, dtype=bool))
    if not rows:
        none = np.zeros(0)
        return Equations(sparse.csr_matrix((0, len(values))), none, none, none.astype(bool))
    matrix = sparse.csr_matrix(sparse.vstack(rows))
    return Equations(matrix, np.concatenate(lows), np.concatenate(highs), np.concatenate(enough))


def parents_of(part: Grouping, whole: Grouping) -> Integers | None:
    """For each cell of a finer table the cell of the coarser one that it lies in; none if it is not finer."""
    parents = np.zeros(part.size, dtype=np.int64)
    parents[part.member] = whole.member
    return parents if bool(np.all(parents[part.member] == whole.member)) else None


def _sum_rows(part: Grouping, whole: Grouping, parents: Integers, width: int) -> sparse.coo_matrix:
    row = np.concatenate([parents, np.arange(whole.size)])
    column = np.concatenate([part.first + np.arange(part.size), whole.first + np.arange(whole.size)])
    sign = np.concatenate([np.ones(part.size), -np.ones(whole.size)])
    return sparse.coo_matrix((sign, (row, column)), shape=(whole.size, width))


def _largest_rows(part: Grouping, whole: Grouping, parents: Integers, width: int) -> sparse.coo_matrix:
    row = np.tile(np.arange(part.size), 2)
    column = np.concatenate([whole.first + parents, part.first + np.arange(part.size)])
    sign = np.concatenate([np.ones(part.size), -np.ones(part.size)])
    return sparse.coo_matrix((sign, (row, column)), shape=(part.size, width))


@dataclass(frozen=True, eq=False)
class Knowledge:
    """One count as its reader knows it: the equations, and bounds on each cell. `values` are the truth."""

    equations: Equations
    values: Numbers
    low: Numbers
    high: Numbers

    def not_covering(self, cells: Integers, lowest: Numbers, highest: Numbers) -> Integers:
        """Those of `cells` whose possible values do not reach from `lowest` to `highest`.

        A possible table that has a cell at its highest (lowest) shows that it reaches there, and one table
        shows so for many cells at once: each round looks for a table with as many as it can. What rounds
        do not show is asked cell by cell; beyond a few of those, the rest counts as not covering, which
        hides more than is needed and never less.
        """
        model = _Model(self)
        up, down = set(cells.tolist()), set(cells.tolist())
        wanted = dict(zip(cells.tolist(), zip(lowest.tolist(), highest.tolist(), strict=True), strict=True))
        random = np.random.default_rng(1)
        idle = 0
        while (up or down) and idle < 2:
            objective = np.zeros(len(self.values))
            for cell in sorted(up | down):
                rises = cell in up and (cell not in down or random.random() < 0.5)
                objective[cell] = (1 if rises else -1) * (0.5 + random.random())
            table = model.table(objective)
            left = len(up) + len(down)
            up = {cell for cell in up if table[cell] < wanted[cell][1] - _NEAR}
            down = {cell for cell in down if table[cell] > wanted[cell][0] + _NEAR}
            idle = idle + 1 if len(up) + len(down) == left else 0
        failing = self._one_by_one(model, up, down, wanted)
        return np.array(sorted(failing), dtype=np.int64)

    def _one_by_one(
        self, model: _Model, up: set[int], down: set[int], wanted: dict[int, tuple[float, float]]
    ) -> set[int]:
        left = sorted(up | down)
        failing = set(left[_SINGLE:])
        for cell in left[:_SINGLE]:
            lowest, highest = wanted[cell]
            if (cell in up and model.end(cell, 1) < highest - _NEAR) or (
                cell in down and model.end(cell, -1) > lowest + _NEAR
            ):
                failing.add(cell)
        return failing


class _Model:
    """The linear programme of what is not known: known cells are taken into the constants."""

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.free = np.flatnonzero(known.high > known.low)
        enough = known.equations.enough
        matrix = known.equations.matrix[enough]
        unknown = matrix[:, self.free]
        fixed = known.values.copy()
        fixed[self.free] = 0
        constant = matrix @ fixed
        kept = np.flatnonzero(np.diff(unknown.indptr))
        self.matrix = unknown[kept]
        self.bounds = Bounds(known.low[self.free], np.minimum(known.high, known.values + _FAR)[self.free])
        self.low = known.equations.low[enough][kept] - constant[kept]
        high = known.equations.high[enough][kept]
        self.high = np.where(high >= WITHOUT_END, np.inf, high - constant[kept])

    def table(self, objective: Numbers) -> Numbers:
        """A possible table with the highest objective; the true one where none is found."""
        table = self.known.values.copy()
        if len(self.free):
            held = LinearConstraint(self.matrix, self.low, self.high) if self.matrix.shape[0] else None
            # Without presolve a table is found several times sooner: many short programmes, none hard.
            answer = milp(
                -objective[self.free], bounds=self.bounds, constraints=held, options={"presolve": False}
            )
            if answer.x is not None:
                table[self.free] = answer.x
        return table

    def end(self, cell: int, direction: int) -> float:
        """The highest (1) or lowest (-1) possible value of one cell."""
        objective = np.zeros(len(self.known.values))
        objective[cell] = direction
        return float(self.table(objective)[cell])
