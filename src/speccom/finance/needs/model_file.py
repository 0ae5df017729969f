"""Reads what a need model is to be: a small JSON file that gives each column of an area table its part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speccom.errors import SpeccomError

FORMS = {
    "weighted": "weighted least squares on the ratio to expected",
    "poisson": "Poisson regression with a log link, the expected as its offset",
    "gamma": "gamma regression with a log link on the ratio to expected",
}
"""Each form of model in words. The log forms multiply their variables' effects, the weighted one adds them."""
TRANSFORMATIONS = ("log", "log1p", "square root", "square")
UNITS = ("£", "patients", "cases")
_ONE = (
    "area",
    "name",
    "outcome",
    "population",
    "expected",
    "people",
    "weight",
    "cluster",
    "board",
    "region",
    "deprivation",
)
_SEVERAL = ("need", "supply", "supply_dummies", "candidates")
_REQUIRED = ("area", "outcome", "population", "need")
_TOP = (
    "name",
    "service",
    "year",
    "areas",
    "form",
    "unit",
    "columns",
    "transform",
    "sources",
    "synthetic",
    "folds",
)


class NeedsError(SpeccomError):
    """A need model that cannot be fitted as asked; the message names columns, rows and numbers."""

    code = "needs"


@dataclass(frozen=True, slots=True)
class NeedModel:
    """What to fit. Columns are named as in the area table; empty text where a part is not given.

    `outcome` is the cost (£) or the patients or cases of an area in `year`; `expected` what its people would
    have at the national rates of their age and sex; `people` the patients behind a cost. `supply` and the
    levels of `supply_dummies` explain the outcome, and are held at their mean when need is predicted.
    `candidates` are in no model and tried one by one. `deprivation`: higher is more deprived.
    """

    name: str
    service: str
    year: str
    areas: Path
    form: str
    unit: str
    area: str
    label: str
    outcome: str
    population: str
    expected: str
    people: str
    weight: str
    cluster: str
    board: str
    region: str
    deprivation: str
    need: tuple[str, ...]
    supply: tuple[str, ...]
    supply_dummies: tuple[str, ...]
    candidates: tuple[str, ...]
    transform: Mapping[str, str]
    sources: tuple[str, ...]
    synthetic: bool
    folds: int
    asked: Mapping[str, Any]

    @property
    def log(self) -> bool:
        """Whether effects multiply."""
        return self.form != "weighted"

    @property
    def variables(self) -> tuple[str, ...]:
        """Columns of numbers that are or may be in a model."""
        return (*self.need, *self.supply, *self.candidates)

    def titled(self, column: str) -> str:
        """A variable as it enters the model: `log(imd_score)`."""
        return f"{self.transform[column]}({column})" if column in self.transform else column


def read_model(path: Path) -> NeedModel:
    """A model file; the area table is found from where it lies. Raises `NeedsError`, naming the key."""
    try:
        asked = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except OSError as error:
        raise NeedsError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise NeedsError(f"{path.name} is not JSON in UTF-8: {error}.") from error
    except RecursionError as error:
        raise NeedsError(f"{path.name} is no model file: it is nested too deep.") from error
    return model_of(asked, path.parent, path.name)


def model_of(asked: Any, beside: Path, file: str) -> NeedModel:
    """A model from what its file holds. Raises `NeedsError`."""
    reading = _Reading(file)
    top = reading.mapping(asked, "the file", _TOP)
    columns = reading.mapping(top.get("columns", {}), "columns", (*_ONE, *_SEVERAL))
    missing = [name for name in _REQUIRED if not columns.get(name)]
    if missing:
        raise reading.refuse("columns", f"{', '.join(missing)} not given; name the column of each.")
    one = {name: reading.text(columns, name) for name in _ONE}
    several = {name: reading.texts(columns, name) for name in _SEVERAL}
    _each_once(reading, several)
    form = reading.choice(top, "form", tuple(FORMS))
    synthetic = top.get("synthetic", False)
    if not isinstance(synthetic, bool):
        raise reading.refuse("synthetic", "write true for made-up data, else false.")
    transform = reading.mapping(top.get("transform", {}), "transform", None)
    for column, how in transform.items():
        if column not in (*several["need"], *several["supply"], *several["candidates"]):
            raise reading.refuse("transform", f"{column!r} is no need, supply or candidate variable.")
        if how not in TRANSFORMATIONS:
            raise reading.refuse("transform", f"{how!r} is none of {', '.join(TRANSFORMATIONS)}.")
    folds = top.get("folds", 5)
    if not isinstance(folds, int) or isinstance(folds, bool) or not 2 <= folds <= 20:
        raise reading.refuse("folds", f"{folds!r} is no whole number from 2 to 20.")
    sources = reading.texts(top, "sources")
    if not sources:
        raise reading.refuse("sources", "give at least one: where the area data come from, and of when.")
    return NeedModel(
        name=reading.needed(top, "name"),
        service=reading.needed(top, "service"),
        year=reading.needed(top, "year"),
        areas=beside / reading.needed(top, "areas"),
        form=form,
        unit=reading.choice(top, "unit", UNITS),
        area=one["area"],
        label=one["name"],
        outcome=one["outcome"],
        population=one["population"],
        expected=one["expected"],
        people=one["people"],
        weight=one["weight"],
        cluster=one["cluster"],
        board=one["board"],
        region=one["region"],
        deprivation=one["deprivation"],
        need=several["need"],
        supply=several["supply"],
        supply_dummies=several["supply_dummies"],
        candidates=several["candidates"],
        transform=transform,
        sources=sources,
        synthetic=synthetic,
        folds=folds,
        asked=top,
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise NeedsError(f"The model file has {twice!r} twice: keep one.")
    return dict(pairs)


def _each_once(reading: _Reading, several: Mapping[str, tuple[str, ...]]) -> None:
    seen: dict[str, str] = {}
    for part, names in several.items():
        for name in names:
            if name in seen:
                raise reading.refuse("columns", f"{name!r} is in {seen[name]} and in {part}; name it once.")
            seen[name] = part


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads parts of one file, naming it in each refusal."""

    file: str

    def refuse(self, key: str, why: str) -> NeedsError:
        return NeedsError(f"{self.file}, {key}: {why}")

    def mapping(self, value: Any, key: str, allowed: tuple[str, ...] | None) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.refuse(key, "must be a JSON object, { … }.")
        unknown = [] if allowed is None else [name for name in value if name not in allowed]
        if unknown:
            raise self.refuse(
                key, f"{', '.join(map(repr, unknown))} is not known; choose from {', '.join(allowed or ())}."
            )
        return value

    def text(self, held: Mapping[str, Any], key: str) -> str:
        value = held.get(key, "")
        if not isinstance(value, str):
            raise self.refuse(key, f"{value!r} is no text.")
        return value.strip()

    def needed(self, held: Mapping[str, Any], key: str) -> str:
        value = self.text(held, key)
        if not value:
            raise self.refuse(key, "is not given.")
        return value

    def texts(self, held: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = held.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
            raise self.refuse(key, "must be a list of texts, [ … ].")
        return tuple(each.strip() for each in value)

    def choice(self, held: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
        value = self.needed(held, key)
        if value not in allowed:
            raise self.refuse(key, f"{value!r} is none of {', '.join(allowed)}.")
        return value
