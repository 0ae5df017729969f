"""Which cells of a table with totals must be withheld too, so that no withheld one can be worked out from the rest.

Knows rows, columns and amounts, and no money. A table's rows and columns each add up to their total, so a reader
has an equation for each of them; the withheld cells are edges between the rows and the columns that they are in,
and one of them can be worked out exactly when no circle of withheld cells passes through it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from heapq import heappop, heappush

ALL = "*"
"""The row or column of totals."""
Cell = tuple[str, str]
_Node = tuple[str, str]


def with_totals(cells: Mapping[Cell, Decimal]) -> dict[Cell, Decimal]:
    """A table with the total of each row, of each column, and of all."""
    found: dict[Cell, Decimal] = defaultdict(Decimal)
    for (row, column), amount in cells.items():
        for key in ((row, column), (row, ALL), (ALL, column), (ALL, ALL)):
            found[key] += amount
    return dict(found)


def completed(table: Mapping[Cell, Decimal], secret: Iterable[Cell]) -> frozenset[Cell]:
    """The cells to withhold of a table with its totals: those that are secret, and others until none is exposed.

    Each that could be worked out is put in a circle of withheld cells: the one that takes the fewest totals,
    then the least money.
    """
    near: dict[_Node, dict[_Node, Cell]] = defaultdict(dict)
    for row, column in table:
        near["row", row]["column", column] = (row, column)
        near["column", column]["row", row] = (row, column)
    hidden = {cell for cell in secret if cell in table}
    for cell in sorted(hidden):
        hidden |= _circle(table, near, hidden, cell)
    return frozenset(hidden)


def _circle(
    table: Mapping[Cell, Decimal], near: Mapping[_Node, Mapping[_Node, Cell]], hidden: set[Cell], cell: Cell
) -> set[Cell]:
    """The cells of the cheapest circle through a cell, where withheld ones cost nothing; by Dijkstra's method."""
    start, end = ("row", cell[0]), ("column", cell[1])
    waiting: list[tuple[int, Decimal, _Node]] = [(0, Decimal(0), start)]
    came: dict[_Node, Cell] = {}
    best = {start: (0, Decimal(0))}
    while waiting:
        totals, amount, node = heappop(waiting)
        if node == end:
            break
        if (totals, amount) > best[node]:
            continue
        for other, through in near[node].items():
            if through == cell:
                continue
            free = through in hidden
            cost = (
                totals + (0 if free else through.count(ALL)),
                amount + (0 if free else abs(table[through])),
            )
            if other not in best or cost < best[other]:
                best[other], came[other] = cost, through
                heappush(waiting, (*cost, other))
    found, node = set(), end
    while node != start and node in came:
        through = came[node]
        found.add(through)
        node = ("column", through[1]) if node[0] == "row" else ("row", through[0])
    return found
