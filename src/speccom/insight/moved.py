"""Keeps what a decision would move in the ledger, so that it is worked out once; knows nothing of who waits for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from speccom.insight.kept import held, kept, place
from speccom.ledger.effect import TABLES, Effect, effect_of
from speccom.ledger.manifest import LedgerError, require_manifest
from speccom.period import FinancialYear
from speccom.register.decided import Preview
from speccom.workspace import Workspace

_NAME = "moved"
_ABOUT = b"speccom"


def place_of_moved(workspace: Workspace, preview: Preview) -> Path:
    """The file that keeps what a previewed decision would move, whether it is there yet or not.

    It is another one once the ledger, the register or what the decision does to the register is another. Raises
    `LedgerError` where there is no ledger.
    """
    return place(workspace, require_manifest(workspace), preview.before, _NAME, _asked(preview))


def moved_before(path: Path) -> Effect | None:
    """What a file of `place_of_moved` keeps; none where nothing is kept there."""
    tables = held(path)
    return _unpacked(tables) if tables else None


def work_out_moved(workspace: Workspace, preview: Preview, progress: Callable[[int, int], None]) -> None:
    """Keep what a previewed decision would move, unless it is kept; `progress` as of `effect_of`.

    Raises `LedgerError` with why it cannot be told, which is not kept: a build may mend it and leave all else alike.
    """

    def made() -> list[pa.Table]:
        effect = effect_of(workspace, preview, progress)
        if effect.year is None:
            raise LedgerError(" ".join(effect.gaps))
        return _packed(effect)

    kept(workspace, require_manifest(workspace), preview.before, _NAME, _asked(preview), made)


def _asked(preview: Preview) -> dict[str, object]:
    return {"facts": preview.facts, "days": preview.days}


def _packed(effect: Effect) -> list[pa.Table]:
    """The tables of an effect in their order, what is said beside them in the first one's metadata."""
    about = {
        "year": str(effect.year),
        "months": effect.months,
        "gaps": effect.gaps,
        "synthetic": effect.synthetic,
    }
    first, *others = (getattr(effect, name) for name in TABLES)
    return [first.replace_schema_metadata({_ABOUT: json.dumps(about).encode()}), *others]


def _unpacked(tables: list[pa.Table]) -> Effect:
    about = json.loads((tables[0].schema.metadata or {})[_ABOUT])
    first = tables[0].replace_schema_metadata(None)
    return Effect(
        **dict(zip(TABLES, [first, *tables[1:]], strict=True)),
        year=FinancialYear.parse(about["year"]),
        months=about["months"],
        gaps=tuple(about["gaps"]),
        synthetic=about["synthetic"],
    )
