"""What the library is asked for the pages of need models: those kept in the workspace, as everybody may see them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from speccom.finance.explained import Explained
from speccom.finance.needs.explained import explain_cell
from speccom.finance.needs.kept import Kept, kept_model, kept_models, read_result
from speccom.finance.needs.model_file import NeedsError
from speccom.finance.needs.public import public
from speccom.finance.needs.working import working
from speccom.insight.result import Result

REMEMBERED = 64
NUMBERS = ("share", "NWP", "N", "POP", "age", "additional")
SHOWN = ("coefficients", "measures", "index", "residuals", "calibration", "sensitivity")
"""The tables that everybody may see."""


def models() -> list[Kept]:
    """Every version kept, the latest first."""
    return kept_models(settings.WORKSPACE)


def model(key: str, version: str) -> Kept:
    """One model, its latest version where none is named."""
    return kept_model(settings.WORKSPACE, key, version)


def results(kept: Kept) -> dict[str, Result]:
    """Its tables, protected."""
    return {name: _result(kept.directory / f"{name}.parquet", kept.kept) for name in SHOWN}


def explained(kept: Kept, area: str, number: str) -> Explained:
    """The working of one area's share, or of a number in it. Raises `NeedsError` for a number that is not."""
    whole = working(kept, area)
    found = whole.find(number or whole.symbol)
    if found is None:
        raise NeedsError(f"{number!r} is no number of this: choose from {', '.join(NUMBERS)}.")
    return found


def explained_cell(kept: Kept, table: str, row: int, number: str) -> Explained:
    """The working of one number of a row of its tables, protected as they are. Raises `NeedsError`."""
    if table not in SHOWN:
        raise NeedsError(f"{table!r} is no table of this: choose from {', '.join(SHOWN)}.")
    return explain_cell(kept, results(kept)[table], table, row, number)


@lru_cache(maxsize=REMEMBERED)
def _result(path: Path, kept: datetime) -> Result:
    """Read again when a model was kept again."""
    return public(read_result(path))
