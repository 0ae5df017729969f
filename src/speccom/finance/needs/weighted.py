"""People weighted by need as a file for target shares: written from a fitted model, and read from one or several."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from speccom.finance.explained import Confidence
from speccom.finance.needs.model_file import NeedsError
from speccom.finance.needs.workshop import Workshop
from speccom.finance.target import Need

COLUMNS = (
    "area",
    "service",
    "population",
    "need_weighted_population",
    "year",
    "model",
    "sources",
    "synthetic",
)
_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class _File:
    """One service of one file."""

    service: str
    population: dict[str, Decimal]
    weighted: dict[str, Decimal]
    about: str
    synthetic: bool


def written(workshop: Workshop) -> str:
    """CSV: a row for each board (or area), with the model's fingerprint, its sources and what is made up in each,
    so that no row can lose them."""
    model, rows = workshop.model, workshop.results["index"].table.to_pylist()
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            [
                row["area"],
                model.service,
                _exact(row["population"]),
                _exact(row["need_weighted_population"]),
                model.year,
                workshop.fingerprint,
                "; ".join(model.sources),
                "true" if model.synthetic else "false",
            ]
        )
    return buffer.getvalue()


def read_weighted(paths: Sequence[Path]) -> Need:
    """What `finance.target.target_shares` takes: people, and people weighted for each service of the files.

    Services are the files' own; every file must be of the same areas and people. There is no weighting by
    avoidable mortality in them. Raises `NeedsError`, naming file, row and field.
    """
    found = [_read(path) for path in paths]
    if not found:
        raise NeedsError("No file of people weighted by need is named.")
    first, weighted = found[0], {}
    for path, each in zip(paths, found, strict=True):
        if each.service in weighted:
            raise NeedsError(f"{path.name}: {each.service!r} is in two files; give each service once.")
        _same_people(path, first.population, each.population)
        weighted[each.service] = each.weighted
    synthetic = any(each.synthetic for each in found)
    notes = ["Synthetic: made up, and about nobody."] if synthetic else []
    return Need(
        first.population,
        weighted,
        None,
        " | ".join(each.about for each in found),
        Confidence.INFERRED,
        tuple(notes),
        synthetic=synthetic,
    )


def _read(path: Path) -> _File:
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except OSError as error:
        raise NeedsError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise NeedsError(f"{path.name} is not a CSV file in UTF-8.") from error
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise NeedsError(f"{path.name} is no file of people weighted by need: it needs {', '.join(COLUMNS)}.")
    population, weighted = {}, {}
    for place, row in enumerate(rows, start=2):
        if row["area"] in population:
            raise NeedsError(f"{path.name}, row {place}: {row['area']} is there twice.")
        if (row["service"], row["model"]) != (rows[0]["service"], rows[0]["model"]):
            raise NeedsError(f"{path.name}, row {place}: is of another service or model than the first row.")
        population[row["area"]] = _number(path, place, row, "population")
        weighted[row["area"]] = _number(path, place, row, "need_weighted_population")
    about = (
        f"Need model {rows[0]['model'][:12]} ({rows[0]['service']}, {rows[0]['year']}): {rows[0]['sources']}"
    )
    return _File(rows[0]["service"], population, weighted, about, rows[0]["synthetic"] == "true")


def _same_people(path: Path, one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> None:
    apart = sorted(area for area in one.keys() | other.keys() if one.get(area) != other.get(area))
    if apart:
        raise NeedsError(
            f"{path.name}: its people differ from the first file’s in {', '.join(apart[:5])}"
            f"{' and more' if len(apart) > 5 else ''}; fit both models on the same population."
        )


def _number(path: Path, place: int, row: Mapping[str, str], field: str) -> Decimal:
    try:
        value = Decimal(row[field])
    except InvalidOperation as error:
        raise NeedsError(
            f"{path.name}, row {place}, field {field}: {row[field][:20]!r} is no number."
        ) from error
    if not value.is_finite() or value <= 0:
        raise NeedsError(f"{path.name}, row {place}, field {field}: {row[field][:20]!r} is not above 0.")
    return value


def _exact(value: float) -> str:
    text = f"{Decimal(value).quantize(_PLACES):f}"
    return text.rstrip("0").rstrip(".")
