"""Which cells of a table with totals must be withheld too, so that no withheld one can be worked out from the rest.

Knows rows, columns and amounts, and no money. A table's rows and columns each add up to their total, so a reader
has an equation for each of them; the withheld cells are edges between the rows and the columns that they are in,
and one of them can be worked out exactly when no circle of withheld cells passes through it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

ALL = "*"
"""The row or column of totals."""
Cell = tuple[str, str]


def with_totals(cells: Mapping[Cell, Decimal]) -> dict[Cell, Decimal]:
    """A table with the total of each row, of each column, and of all."""
    found: dict[Cell, Decimal] = defaultdict(Decimal)
    for (row, column), amount in cells.items():
        for key in ((row, column), (row, ALL), (ALL, column), (ALL, ALL)):
            found[key] += amount
    return dict(found)


def completed(table: Mapping[Cell, Decimal], secret: Iterable[Cell]) -> frozenset[Cell]:
    """The cells to withhold of a table with its totals: those that are secret, and as few others as it takes.

    The smallest sum in the row or column of a cell that could be worked out goes next, totals last.
    """
    hidden = {cell for cell in secret if cell in table}
    while exposed := _worked_out(hidden):
        row, column = exposed
        open_cells = [cell for cell in table if cell not in hidden and (cell[0] == row or cell[1] == column)]
        if not open_cells:
            rest = [cell for cell in table if cell not in hidden]
            if not rest:
                break
            open_cells = rest
        hidden.add(min(open_cells, key=lambda cell: (cell.count(ALL), abs(table[cell]), cell)))
    return frozenset(hidden)


def _worked_out(hidden: set[Cell]) -> Cell | None:
    """The first withheld cell that no circle of withheld cells passes through, if any."""
    for cell in sorted(hidden):
        if not _joined(hidden - {cell}, cell):
            return cell
    return None


def _joined(hidden: Iterable[Cell], ends: Cell) -> bool:
    """Whether a row and a column are joined through other withheld cells."""
    near: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for row, column in hidden:
        near["row", row].add(("column", column))
        near["column", column].add(("row", row))
    reached, waiting = {("row", ends[0])}, [("row", ends[0])]
    while waiting:
        for place in near[waiting.pop()] - reached:
            reached.add(place)
            waiting.append(place)
    return ("column", ends[1]) in reached
