"""The position of every commissioner at a month, as everybody may see it; kept while it is made of the same."""

from __future__ import annotations

import pyarrow as pa

from speccom.finance.position.months import year_to_date
from speccom.finance.position.shown import FEWEST, shown_of_all
from speccom.finance.position.standing import standing
from speccom.finance.position.table import position
from speccom.insight.kept import kept, packed, unpacked
from speccom.insight.result import Gap, Result
from speccom.ledger.manifest import require_manifest
from speccom.period import Month
from speccom.register import Register
from speccom.workspace import Workspace

MADE_OF = (
    "reference/budgets.parquet",
    "reference/contracts.parquet",
    "reference/targets.parquet",
    "reference/population-icb.parquet",
    "ledger/completion.parquet",
)
"""What a position is made of besides the ledger, the register and the lists of places."""


def everybody(workspace: Workspace, register: Register, month: Month) -> Result:
    """A row for each commissioner of whose total everybody may know, by code; a gap for each of the others.

    Columns: those of `position` by commissioner. Raises `PositionError` for a month that is not held.
    """
    asked = {"month": str(month), "made of": changed(workspace), "fewest": FEWEST}
    manifest = require_manifest(workspace)
    [table] = kept(
        workspace,
        manifest,
        register,
        "position-everybody",
        asked,
        lambda: [packed(_everybody(workspace, register, month))],
    )
    return unpacked(table)


def changed(workspace: Workspace) -> list[int]:
    """When what can be imported or measured last changed."""
    files = [workspace.root / name for name in MADE_OF]
    return [file.stat().st_mtime_ns if file.is_file() else 0 for file in files]


def _everybody(workspace: Workspace, register: Register, month: Month) -> Result:
    held = year_to_date(workspace, month, register=register)
    may = shown_of_all(workspace, register, month.year)
    result = position(standing(held), ("commissioner",))
    rows = result.table.to_pylist()
    shown = [row for row in rows if may.get(row["commissioner"]) is not None]
    hidden = [
        Gap(
            row["commissioner_name"],
            "position",
            "no area of it resolves, so nobody pays"
            if not row["commissioner"]
            else f"a month of {month.year} has 1 to {FEWEST - 1} patients",
        )
        for row in rows
        if may.get(row["commissioner"]) is None
    ]
    named = {row["commissioner_name"] for row in rows} - {row["commissioner_name"] for row in shown}
    said = (gap for gap in result.gaps if gap.subject not in named)
    table = pa.Table.from_pylist(shown, schema=result.table.schema)
    return Result(result.title, table, result.notes, (*hidden, *said), result.synthetic)
