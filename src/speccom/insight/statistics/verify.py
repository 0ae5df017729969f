"""Compares the methods with a file of published values; knows the file's layout, and no method of its own."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from speccom.errors import SpeccomError
from speccom.insight.statistics.numbers import Numbers, StatisticsError
from speccom.insight.statistics.published import COMPANION, Inputs, NotComputed, compute

COLUMNS = ("id", "function", "inputs_json", "measure", "expected", "rel_tolerance")
COMPUTED = "computed"
NOT_AVAILABLE = "NA"
"""What stands in the file for a result that is not a number, for a reason that is known."""


class VectorsError(SpeccomError):
    """A file of vectors that cannot be read: which row, and what is wrong with it."""

    code = "vectors"


class Verdict(StrEnum):
    """What came of one row.

    `AGREES_IN_PLACES`: a value below 1 is within the tolerance as an absolute difference, not as a share of it.
    Small values are often published to so many decimal places, which hold fewer digits than larger ones do.
    """

    AGREES = "agrees"
    AGREES_IN_PLACES = "agrees to its decimal places"
    DIFFERS = "differs"
    NOT_COMPUTED = "not computed"


@dataclass(frozen=True)
class Checked:
    """One row of the file (numbered from 1, without the header) and what came of it."""

    number: int
    row: Mapping[str, str]
    verdict: Verdict
    computed: str
    reason: str


@dataclass(frozen=True)
class Verification:
    """The columns of the file and every row of it, in order."""

    columns: Sequence[str]
    rows: Sequence[Checked]

    def count(self, verdict: Verdict) -> int:
        return sum(checked.verdict == verdict for checked in self.rows)

    @property
    def agree(self) -> int:
        return self.count(Verdict.AGREES) + self.count(Verdict.AGREES_IN_PLACES)

    @property
    def all_agree(self) -> bool:
        return self.agree == len(self.rows)


def verify(path: Path) -> Verification:
    """Compute every row of a CSV file of vectors and compare it with what the row expects.

    Columns: id, function, inputs_json (a JSON object or list; its `inputs` names a JSON file that lies beside
    this one), measure, expected, and rel_tolerance (a number, or `exact` for text and lists); others are kept.
    A row whose function, measure or inputs are not known is not computed, and says why. An expected value below 1
    may also be met to within the tolerance as an absolute difference (`Verdict.AGREES_IN_PLACES`). Errors: a file that
    cannot be read, a missing column, inputs or a tolerance that cannot be read (`VectorsError`, with the row).
    """
    columns, rows = _read(path)
    companion = cache(lambda name: _companion(path.parent, name))
    return Verification(columns, [_check(number, row, companion) for number, row in rows.items()])


def write(verification: Verification, path: Path) -> None:
    """The file as it came, with the column `computed` (blank where nothing was) added at its end."""
    columns = [name for name in verification.columns if name != COMPUTED]
    try:
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, [*columns, COMPUTED], extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows({**checked.row, COMPUTED: checked.computed} for checked in verification.rows)
    except OSError as error:
        raise VectorsError(
            f"{path} cannot be written: {error.strerror or error}. Name another with --output."
        ) from error


def _read(path: Path) -> tuple[list[str], dict[int, dict[str, str]]]:
    """The columns, and the rows by number; blank lines count and are left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            columns = next(reader, [])
            rows = list(reader)
    except OSError as error:
        raise VectorsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise VectorsError(f"{path} is not a CSV file in UTF-8: {error}.") from error
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise VectorsError(
            f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}: "
            f"a file of vectors has {', '.join(COLUMNS)}."
        )
    for number, row in enumerate(rows, start=1):
        if row and len(row) != len(columns):
            raise VectorsError(f"{path}, row {number} has {len(row)} values for {len(columns)} columns.")
    found = enumerate(rows, start=1)
    return columns, {number: dict(zip(columns, row, strict=True)) for number, row in found if row}


def _companion(folder: Path, name: Any) -> Inputs:
    if not isinstance(name, str) or Path(name).name != name:
        raise VectorsError(f"inputs {name!r} must be the plain name of a file beside the vectors.")
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        raise VectorsError(
            f"{folder / name}, which the vectors name, cannot be read: {error.strerror or error}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise VectorsError(f"{folder / name}, which the vectors name, is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise VectorsError(f"{folder / name}, which the vectors name, must hold a JSON object.")
    return found


def _check(number: int, row: Mapping[str, str], companion: Callable[[str], Inputs]) -> Checked:
    inputs, tolerance = _inputs(number, row), _tolerance(number, row)
    try:
        if isinstance(inputs, dict) and "inputs" in inputs:
            inputs = {**inputs, COMPANION: companion(inputs["inputs"])}
        result = compute(row["function"].strip(), row["measure"].strip(), inputs)
    except VectorsError as error:
        raise VectorsError(f"Row {number} ({row['id']}): {error}") from error
    except (NotComputed, StatisticsError) as error:
        return Checked(number, row, Verdict.NOT_COMPUTED, "", str(error))
    computed = _written(result)
    expected = row["expected"].strip()
    if tolerance is None or NOT_AVAILABLE in (computed, expected):
        verdict = Verdict.AGREES if _plain(computed) == _plain(expected) else Verdict.DIFFERS
    else:
        wanted = _numbers(expected)
        if wanted is None:
            raise VectorsError(
                f"Row {number} ({row['id']}): {expected!r} is not a number, and its rel_tolerance is not exact."
            )
        verdict = _compared(_numbers(computed), wanted, tolerance)
    reason = "" if verdict == Verdict.AGREES else f"expected {expected}, computed {computed}"
    return Checked(number, row, verdict, computed, reason)


def _inputs(number: int, row: Mapping[str, str]) -> Any:
    try:
        inputs = json.loads(row["inputs_json"])
    except (ValueError, RecursionError) as error:
        raise VectorsError(f"Row {number} ({row['id']}): inputs_json is not JSON: {error}.") from error
    if not isinstance(inputs, dict | list):
        raise VectorsError(f"Row {number} ({row['id']}): inputs_json must be a JSON object or list.")
    return inputs


def _tolerance(number: int, row: Mapping[str, str]) -> float | None:
    """The relative tolerance; None for exact."""
    text = row["rel_tolerance"].strip()
    if text == "exact":
        return None
    try:
        tolerance = float(text)
    except ValueError:
        tolerance = math.nan
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise VectorsError(
            f"Row {number} ({row['id']}): rel_tolerance {text!r} is neither a number nor exact."
        )
    return tolerance


def _compared(found: Numbers | None, wanted: Numbers, tolerance: float) -> Verdict:
    if found is None or found.shape != wanted.shape:
        return Verdict.DIFFERS
    apart = np.abs(found - wanted)
    if np.all(apart <= tolerance * np.abs(wanted)):
        return Verdict.AGREES
    small = np.maximum(np.abs(wanted), 1.0)
    return Verdict.AGREES_IN_PLACES if np.all(apart <= tolerance * small) else Verdict.DIFFERS


def _numbers(text: str) -> Numbers | None:
    try:
        return np.asarray(json.loads(text), dtype=float)
    except (ValueError, TypeError):
        return None


def _plain(text: str) -> Any:
    """Lists and numbers by value, so that spaces and trailing zeros decide nothing."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _written(result: object) -> str:
    if isinstance(result, str):
        return result
    values = np.asarray(result)
    if values.ndim:
        return json.dumps(values.tolist())
    number = float(values)
    return NOT_AVAILABLE if math.isnan(number) else repr(number)
