"""Budgets as imported: exact pounds by commissioner, and where given by service line and provider, over months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from speccom.finance.position import inputs
from speccom.finance.position.inputs import PositionError
from speccom.period import Interval, Month
from speccom.places.lists import AreaFile, load, read, save
from speccom.register import Register
from speccom.workspace import Workspace

KIND = "budgets"
NEEDED = ("commissioner", "from", "to", "pounds")
COLUMNS = ("commissioner", "service_line", "provider", "from", "to", "pounds", "note")
_MONEY = pa.decimal128(38, 2)


@dataclass(frozen=True, slots=True)
class Budget:
    """One row: pounds over whole months. Without a line it is for all lines, without a provider for all."""

    row: int
    commissioner: str
    service_line: str | None
    provider: str | None
    interval: Interval
    pounds: Decimal

    def months(self) -> dict[Month, Decimal]:
        """The pounds of each month: equal parts, to the penny."""
        return inputs.monthly(self.pounds, self.interval)

    def covers_some_of(self, other: Budget) -> bool:
        """Whether a pound could belong to both."""
        return (
            self.commissioner == other.commissioner
            and _meet(self.service_line, other.service_line)
            and _meet(self.provider, other.provider)
            and self.interval.overlaps(other.interval)
        )


def import_budgets(workspace: Workspace, register: Register, path: Path) -> str:
    """Import budgets from a CSV file in place of those before; give what was taken in, in words.

    Columns: commissioner, from, to (half-open, each the first day of a month), pounds; and where a budget is
    not for everything, service_line, provider; note is for people. Raises `PositionError` with the row and
    field of a fault, or with the two rows and sums that would budget the same pound twice, and
    `AreaListError` for what is no CSV file.
    """
    file = read(path)
    inputs.columns(file, NEEDED, COLUMNS)
    rows = [_row(file, number, cells, register) for number, cells in file.rows]
    _no_clash(file, rows)
    save(
        workspace,
        KIND,
        file,
        pa.table(
            {
                "row": pa.array([each.row for each in rows], pa.int64()),
                "commissioner": pa.array([each.commissioner for each in rows], pa.string()),
                "service_line": pa.array([each.service_line for each in rows], pa.string()),
                "provider": pa.array([each.provider for each in rows], pa.string()),
                "from": pa.array([each.interval.start for each in rows], pa.date32()),
                "to": pa.array([each.interval.end for each in rows], pa.date32()),
                "pounds": pa.array([each.pounds for each in rows], _MONEY),
            }
        ),
    )
    total = sum((each.pounds for each in rows), Decimal(0))
    bodies = len({each.commissioner for each in rows})
    return (
        f"Imported {len(rows):,} budgets of {bodies:,} commissioners, £{total:,.2f} in all, from {file.name}."
    )


def budgets(workspace: Workspace) -> list[Budget] | None:
    """The budgets that were imported; none where none were."""
    table = load(workspace, KIND)
    if table is None:
        return None
    return [
        Budget(
            row["row"],
            row["commissioner"],
            row["service_line"],
            row["provider"],
            Interval(row["from"], row["to"]),
            row["pounds"],
        )
        for row in table.to_pylist()
    ]


def _row(file: AreaFile, number: int, cells: dict[str, str], register: Register) -> Budget:
    return Budget(
        number,
        inputs.commissioner(file, number, cells, register),
        inputs.service_line(file, number, cells) if cells.get("service_line") else None,
        inputs.provider(file, number, cells) if cells.get("provider") else None,
        inputs.whole_months(file, number, cells),
        inputs.pounds(file, number, cells, "pounds"),
    )


def _no_clash(file: AreaFile, rows: Iterable[Budget]) -> None:
    """No pound may be in two rows, else no sum of them would mean anything."""
    held: dict[str, dict[tuple[str | None, str | None], list[Budget]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for budget in rows:
        of_body = held[budget.commissioner]
        for (line, provider), others in of_body.items():
            if not (_meet(line, budget.service_line) and _meet(provider, budget.provider)):
                continue
            other = next((each for each in others if each.interval.overlaps(budget.interval)), None)
            if other is not None:
                raise PositionError(
                    f"{file.name}, rows {other.row} and {budget.row}: both budget {_of(other, budget)}, "
                    f"£{other.pounds:,.2f} in {inputs.said(other.interval)} and £{budget.pounds:,.2f} in "
                    f"{inputs.said(budget.interval)}; keep one, or give them months of their own."
                )
        of_body[budget.service_line, budget.provider].append(budget)


def _meet(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _of(one: Budget, other: Budget) -> str:
    parts = [
        one.commissioner,
        one.service_line or other.service_line or "all lines",
        f"at {one.provider or other.provider or 'all providers'}",
    ]
    return " ".join(parts)
