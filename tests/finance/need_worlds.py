"""Small worlds for the tests of need models: made-up areas on disk, with the model file that asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from speccom.finance.needs import Workshop, read_model, work_through
from speccom.finance.needs.example import model_file, rows, written

BOARDS = {f"Q{number:02d}": f"Y{number % 4}" for number in range(16)}
Row = Mapping[str, Any]


def made_up(seed: int = 3, per_board: int = 25, noise: float = 0.1) -> list[dict[str, Any]]:
    """Areas of sixteen boards in four regions, as `speccom need-example` makes them."""
    return rows(BOARDS, per_board=per_board, seed=seed, noise=noise)[0]


def model_in(
    directory: Path, areas: Sequence[Row], columns: Mapping[str, Any] | None = None, **others: Any
) -> Path:
    """A model file and its area table; `columns` change some of the example's, empty ones are left out."""
    asked = model_file("areas.csv") | others
    asked["columns"] = {
        key: value for key, value in (asked["columns"] | dict(columns or {})).items() if value not in ("", [])
    }
    (directory / "areas.csv").write_text(written(areas), encoding="utf-8")
    path = directory / "model.json"
    path.write_text(json.dumps(asked), encoding="utf-8")
    return path


def worked(
    directory: Path, areas: Sequence[Row], columns: Mapping[str, Any] | None = None, **others: Any
) -> Workshop:
    """The model of some areas, worked through."""
    return work_through(read_model(model_in(directory, areas, columns, **others)))


def coefficients_of(found: Workshop) -> dict[str, Row]:
    """Each coefficient's row by its term."""
    return {row["term"]: row for row in found.results["coefficients"].table.to_pylist()}


def index_of(found: Workshop) -> dict[str, Row]:
    """Each board's row of the index."""
    return {row["area"]: row for row in found.results["index"].table.to_pylist()}


def changed(areas: Sequence[Row], **how: Callable[[Row], Any]) -> list[dict[str, Any]]:
    """The same areas with some columns worked out anew."""
    return [dict(row) | {name: work(row) for name, work in how.items()} for row in areas]
