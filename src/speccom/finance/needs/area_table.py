"""The area table of a need model: a CSV file with a row for each area, read and checked with every fault named."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from speccom.finance.needs.model_file import NeedModel, NeedsError
from speccom.insight.statistics.numbers import Flags, Numbers

NOTHING = {"", "na", "n/a", "nan", "null", "-", "–", "none"}
NAMED = 5
"""Rows that a refusal names before it counts the rest."""


@dataclass(frozen=True, eq=False)
class Areas:
    """The areas in the order of their codes, whatever the order of the file.

    `numbers` holds population, outcome, and where given expected, people, weight, deprivation by these names,
    and each variable by its column's, transformed. `words` holds name, cluster, board, region and each column of
    supply dummies. `sha256` is the file's.
    """

    codes: tuple[str, ...]
    numbers: Mapping[str, Numbers]
    words: Mapping[str, tuple[str, ...]]
    file: str
    sha256: str

    def __len__(self) -> int:
        return len(self.codes)


def read_areas(model: NeedModel) -> Areas:
    """The checked rows that a model asks for. Raises `NeedsError`."""
    file = model.areas.name
    try:
        content = model.areas.read_bytes()
        table = csv.reader(content.decode("utf-8-sig").splitlines(), strict=True)
        header = [cell.strip() for cell in next(table, [])]
        rows = [(place, cells) for place, cells in enumerate(table, start=2) if any(map(str.strip, cells))]
    except OSError as error:
        raise NeedsError(f"The area table {model.areas} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise NeedsError(f"{file} is not a CSV file in UTF-8: save it as one.") from error
    _right_width(file, header, rows)
    reading = _Reading(file, header, rows, model)
    return Areas(*reading.read(), file, hashlib.sha256(content).hexdigest())


def _right_width(file: str, header: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> None:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise NeedsError(f"{file}, row 1: {', '.join(twice)} is there twice; keep one of the two.")
    for place, cells in rows:
        if len(cells) != len(header):
            raise NeedsError(f"{file}, row {place}: {len(cells)} cells under {len(header)} headings.")
    if not rows:
        raise NeedsError(f"{file} has no rows: give a row for each area.")


class _Reading:
    """One file with its model: reads a column, and refuses it with the rows that are wrong."""

    def __init__(
        self, file: str, header: Sequence[str], rows: Sequence[tuple[int, list[str]]], model: NeedModel
    ) -> None:
        self.file, self.model = file, model
        self.place = {name: number for number, name in enumerate(header)}
        wanted = _wanted(model)
        missing = [column for column in wanted if column not in self.place]
        if missing:
            raise NeedsError(
                f"{file} has no column{'s' * (len(missing) > 1)} {', '.join(missing)}: it has {', '.join(header)}."
            )
        at = self.place[model.area]
        self.rows = sorted(rows, key=lambda row: row[1][at].strip())
        self.codes = [cells[at].strip() for _, cells in self.rows]

    def read(self) -> tuple[tuple[str, ...], dict[str, Numbers], dict[str, tuple[str, ...]]]:
        self._refuse_where(np.array([not code for code in self.codes]), self.model.area, "has no code")
        again = np.array([False, *(one == other for one, other in pairwise(self.codes))])
        self._refuse_where(again, self.model.area, "is there twice")
        return tuple(self.codes), self._numbers(), self._words()

    def _words(self) -> dict[str, tuple[str, ...]]:
        model = self.model
        parts = {"cluster": model.cluster, "board": model.board, "region": model.region}
        parts |= {column: column for column in model.supply_dummies}
        words = {}
        for part, column in parts.items():
            if column:
                words[part] = self._texts(column)
                empty = np.array([text.lower() in NOTHING for text in words[part]])
                self._refuse_where(empty, column, "has no value")
        if model.label:
            words["name"] = self._texts(model.label)
        return words

    def _texts(self, column: str) -> tuple[str, ...]:
        return tuple(cells[self.place[column]].strip() for _, cells in self.rows)

    def _numbers(self) -> dict[str, Numbers]:
        model = self.model
        parts = ("population", "outcome", "expected", "people", "weight", "deprivation")
        columns = {part: str(getattr(model, part)) for part in parts if getattr(model, part)}
        columns |= {column: column for column in model.variables}
        found = {part: self._column(column) for part, column in columns.items()}
        refuse = self._refuse_where
        refuse(found["population"] <= 0, model.population, "is no population above 0")
        if "expected" in found:
            refuse(found["expected"] <= 0, model.expected, "is no expected outcome above 0")
        if "weight" in found:
            refuse(found["weight"] <= 0, model.weight, "is no weight above 0")
        if "people" in found:
            refuse(found["people"] < 0, model.people, "is no count of 0 or more")
        self._outcome(found["outcome"])
        for column, how in model.transform.items():
            found[column] = self._transformed(column, how, found[column])
        return found

    def _outcome(self, outcome: Numbers) -> None:
        if self.model.log:
            why = f"is negative, which a {self.model.form} model with its log link cannot have"
            self._refuse_where(outcome < 0, self.model.outcome, why)
        if self.model.form == "gamma":
            why = "is 0, which a gamma model cannot have: choose poisson or weighted"
            self._refuse_where(outcome == 0, self.model.outcome, why)
        if outcome.sum() <= 0:
            raise NeedsError(
                f"{self.file}, {self.model.outcome}: all areas together have {outcome.sum():g}; "
                "a need index needs a total above 0."
            )

    def _column(self, column: str) -> Numbers:
        texts = self._texts(column)
        missing = np.array([text.lower() in NOTHING for text in texts])
        self._refuse_where(missing, column, "is missing", "Give each a value or leave the areas out.")
        values = np.array([_number(text) for text in texts])
        self._refuse_where(np.isnan(values), column, "is no number", "Write numbers without commas or units.")
        return values

    def _transformed(self, column: str, how: str, values: Numbers) -> Numbers:
        least = {"log": "above 0", "log1p": "above −1", "square root": "of 0 or more"}.get(how)
        outside = {"log": values <= 0, "log1p": values <= -1, "square root": values < 0}.get(how)
        if outside is not None:
            self._refuse_where(outside, column, f"is no number {least}, as {how} needs")
        return _TRANSFORMS[how](values)

    def _refuse_where(self, wrong: Flags, column: str, why: str, then: str = "Correct them.") -> None:
        places = np.flatnonzero(wrong)
        if not len(places):
            return
        at = self.place[column]
        named = [
            f"row {self.rows[place][0]} ({self.codes[place] or 'no code'}: {self.rows[place][1][at][:20]!r})"
            for place in sorted(places, key=lambda place: self.rows[place][0])[:NAMED]
        ]
        more = f" and {len(places) - NAMED:,} more" if len(places) > NAMED else ""
        rows = f"{len(places):,} row{'s' * (len(places) > 1)}"
        raise NeedsError(f"{self.file}, {column}: {why} in {rows}: {', '.join(named)}{more}. {then}")


def _wanted(model: NeedModel) -> list[str]:
    single = (
        model.area,
        model.label,
        model.outcome,
        model.population,
        model.expected,
        model.people,
        model.weight,
        model.cluster,
        model.board,
        model.region,
        model.deprivation,
    )
    return list(dict.fromkeys(each for each in (*single, *model.variables, *model.supply_dummies) if each))


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and "_" not in text else math.nan


_TRANSFORMS: dict[str, Callable[[Numbers], Numbers]] = {
    "log": np.log,
    "log1p": np.log1p,
    "square root": np.sqrt,
    "square": np.square,
}
