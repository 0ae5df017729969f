"""Words, tables and pictures of need models; decides no number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.urls import reverse

from speccom.charts.drawing import MADE_UP, Figure
from speccom.charts.needs import (
    calibration_picture,
    coefficients_picture,
    index_map,
    residual_map,
)
from speccom.charts.units import heading, said
from speccom.charts.words import short_name
from speccom.finance.needs.kept import Kept
from speccom.finance.needs.model_file import FORMS
from speccom.insight.result import Result, meaning
from speccom.site.core.library import register
from speccom.site.core.pages import Cell, Link, Number, Page, Table, table
from speccom.site.core.words import count, long_date
from speccom.site.finance.presenters.shared import picture
from speccom.site.insight.presenters import Picture

NOTICE = (
    "This is a model of the data that it was given, and no published need. Its form follows NHS England’s "
    "weighted capitation as far as we recall it; which variables count as need, and which as supply, was chosen "
    "by whoever made the model."
)
MOST = 100
"""Rows that a page shows of a table by small area."""
_COLUMNS = {
    "index": (
        "area",
        "population",
        "age_index",
        "additional_index",
        "need_index",
        "need_weighted_population",
        "share",
        "with_supply_index",
    ),
    "coefficients": (
        "term",
        "part",
        "coefficient",
        "standard_error",
        "lower",
        "upper",
        "chance",
        "effect",
        "inflation",
    ),
    "sensitivity": (
        "kind",
        "what",
        "explained",
        "out_of_sample",
        "mean_change",
        "gains_most",
        "gain",
        "loses_most",
        "loss",
    ),
}
"""What a page shows of its widest tables; the command has all of their columns."""
_FOLDED = ("left-boards", "calibration")
"""Tables that say what a picture says, and are opened by who wants them."""
_OPENS = {
    "population": "POP",
    "age_index": "age",
    "additional_index": "additional",
    "need_index": "N",
    "need_weighted_population": "NWP",
    "share": "share",
}
"""The columns of the index that open to a board's own working, each with what its number is called there."""
_FIGURES: tuple[tuple[str, str, Callable[[Result], Figure | None]], ...] = (
    ("index", "Need by board", index_map),
    ("coefficients", "What each variable does", coefficients_picture),
    ("calibration", "Observed against predicted", calibration_picture),
    ("residuals", "What is left, by board", residual_map),
)
_TITLES = {
    "index": "Need index and need-weighted people. Each number opens to its working",
    "coefficients": "Coefficients, with robust standard errors and 95% limits",
    "measures": "Fit and tests",
    "calibration": "Calibration by tenths of the prediction",
    "sensitivity": "What the answer hangs on: other models, and the shares that they move most",
}
_KINDS = {
    "board": ("left-boards", "What is left, by board"),
    "region": ("left-regions", "What is left, by region"),
    "deprivation": ("left-deprivation", "What is left, by fifth of deprivation (1 the most deprived)"),
}

_HEADED = {"board": "Board", "region": "Region", "deprivation": "Fifth"}


@dataclass(frozen=True, kw_only=True)
class ModelsPage(Page):
    """The models kept, or how to make one."""

    synthetic: bool
    paragraphs: tuple[str, ...]
    commands: tuple[str, ...]
    models: tuple[tuple[Link, str], ...]


@dataclass(frozen=True, kw_only=True)
class ModelPage(Page):
    """One model: pictures, tables, notes, what is not said, what each column means, and its other versions."""

    synthetic: bool
    notice: str
    facts: tuple[tuple[str, str | Link], ...]
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
    not_said: tuple[str, ...]
    folded: tuple[str, ...]
    explained: tuple[tuple[str, str], ...]
    versions: tuple[Link, ...]


def models_page(held: Sequence[Kept]) -> ModelsPage:
    """Each model's latest version, the latest first."""
    latest = list({each.key: each for each in reversed(held)}.values())[::-1]
    rows = [
        (
            Link(each.name, _address(each)),
            each.service,
            each.year,
            Number(f"{each.explained:.1%}", each.explained, True, _opened(each, "measures", 4, "value")),
            Number(f"{each.areas:,}", each.areas, True, _opened(each, "measures", 1, "value")),
            long_date(each.kept.date()),
            "yes" if each.synthetic else "no",
        )
        for each in latest
    ]
    columns = ("Model", "Service", "Year", "Explained", "Areas", "Kept on", "Made-up data")
    return ModelsPage(
        title="Need models",
        lead="How much each area’s people need, told from data on areas, with the effect of supply taken out.",
        trail=(Link("Finance", reverse("finance")),),
        tables=(table("models", "The need models kept in this workspace", columns, rows),) if rows else (),
        sources=(NOTICE,),
        synthetic=any(each.synthetic for each in latest),
        paragraphs=(
            NOTICE,
            "People use more of a service where it is near and plentiful, whatever they need. A model without "
            "supply takes that for need; here supply is in the model, and then put at the same level everywhere.",
            *(
                ()
                if rows
                else (
                    "No model is kept in this workspace yet. Make one from the ledger or from your own "
                    "areas, or try the made-up example:",
                )
            ),
        ),
        commands=()
        if rows
        else (
            "pip install 'speccom[needs]'",
            "speccom need-example DIR",
            "speccom needs DIR/model.json --keep",
        ),
        models=tuple(
            (
                Link(each.name, _address(each)),
                f"{each.service}, {each.year}: {count(each.areas, 'area')}, {each.explained:.0%} explained."
                + (f" {MADE_UP}" if each.synthetic else ""),
            )
            for each in latest
        ),
    )


def model_page(kept: Kept, results: Mapping[str, Result], held: Sequence[Kept]) -> ModelPage:
    """One version of a model."""
    drawn = [(heading_of, draw(results[name])) for name, heading_of, draw in _FIGURES]
    first = results["coefficients"]
    notes = dict.fromkeys(note for result in results.values() for note in result.notes)
    gaps = dict.fromkeys(gap for result in results.values() for gap in result.said()[len(result.notes) :])
    return ModelPage(
        title=f"{kept.name} (synthetic data)" if kept.synthetic else kept.name,
        lead="Need for each head against England’s 1, with supply at the same level everywhere.",
        trail=(Link("Finance", reverse("finance")), Link("Need models", reverse("needs"))),
        tables=tuple(_tables(kept, results)),
        sources=(*((MADE_UP,) if kept.synthetic else ()), *notes),
        synthetic=first.synthetic,
        notice=NOTICE,
        facts=(
            ("Service", kept.service),
            ("Year", kept.year),
            ("Form", FORMS[kept.form]),
            ("Areas", Link(f"{kept.areas:,}", _opened(kept, "measures", 1, "value"))),
            (
                "Explained",
                Link(
                    f"{kept.explained:.1%} of the variation between areas",
                    _opened(kept, "measures", 4, "value"),
                ),
            ),
            ("Kept on", long_date(kept.kept.date())),
            ("Version", kept.version),
        ),
        pictures=tuple(picture(figure, words) for words, figure in drawn if figure is not None),
        notes=tuple(notes),
        not_said=tuple(gaps),
        folded=_FOLDED,
        explained=_meanings(results),
        versions=tuple(
            Link(f"{long_date(each.kept.date())}, {each.version}", _address(each, versioned=True))
            for each in held
            if each.key == kept.key and each.version != kept.version
        ),
    )


def _address(kept: Kept, *, versioned: bool = False) -> str:
    return reverse("need", args=[kept.key], query={"version": kept.version} if versioned else None)


def _opened(kept: Kept, table: str, row: int, number: str) -> str:
    query = {"table": table, "row": str(row), "number": number, "version": kept.version}
    return reverse("explain-need", args=[kept.key], query=query)


# --- tables


def _tables(kept: Kept, results: Mapping[str, Result]) -> list[Table]:
    found = [_index(kept, results["index"])]
    found += [
        _table(kept, results[name], name, _TITLES[name])
        for name in ("coefficients", "measures", "calibration")
    ]
    left = results["residuals"]
    rows = list(enumerate(left.table.to_pylist(), start=1))
    for kind, (key, caption) in _KINDS.items():
        own = [(place, row) for place, row in rows if row["kind"] == kind]
        if own:
            found.append(_left(kept, left, kind, key, caption, own))
    found.append(_table(kept, results["sensitivity"], "sensitivity", _TITLES["sensitivity"]))
    return found


def _index(kept: Kept, result: Result) -> Table:
    """The index, each area named where the register knows it, its numbers open to their working."""
    rows = result.table.to_pylist()
    caption = _TITLES["index"]
    if len(rows) > MOST:
        caption += f" – the first {MOST} of {len(rows):,}; all are in the file of the command"
        rows = rows[:MOST]
    fields = [result.table.schema.field(name) for name in _COLUMNS["index"]]

    def cell(place: int, row: Mapping[str, Any], field: Any) -> Cell:
        if field.name not in _OPENS:
            return _cell(row, field, _opened(kept, "index", place, field.name))
        query = {"area": row["area"], "number": _OPENS[field.name], "version": kept.version}
        return _cell(row, field, reverse("explain-need", args=[kept.key], query=query))

    return table(
        "index",
        caption,
        ("Board or area", "Code", *(heading(field) for field in fields[1:])),
        (
            (_named(row["area"]), *(cell(place, row, field) for field in fields))
            for place, row in enumerate(rows, start=1)
        ),
    )


def _table(kept: Kept, result: Result, key: str, caption: str) -> Table:
    names = _COLUMNS.get(key) or result.table.column_names
    fields = [result.table.schema.field(name) for name in names]
    return table(
        key,
        caption,
        [heading(field) for field in fields],
        (
            [_cell(row, field, _opened(kept, key, place, field.name)) for field in fields]
            for place, row in enumerate(result.table.to_pylist(), start=1)
        ),
    )


def _left(
    kept: Kept,
    result: Result,
    kind: str,
    key: str,
    caption: str,
    rows: Sequence[tuple[int, Mapping[str, Any]]],
) -> Table:
    """What is left of each board, region or fifth, by its name."""
    names = ("areas", "population", "observed_over_predicted")
    fields = [result.table.schema.field(name) for name in names]
    return table(
        key,
        caption,
        (_HEADED[kind], *(heading(field) for field in fields)),
        (
            (
                _named(row["of"]),
                *(_cell(row, field, _opened(kept, "residuals", place, field.name)) for field in fields),
            )
            for place, row in rows
        ),
    )


def _cell(row: Mapping[str, Any], field: Any, address: str) -> Cell:
    value, unit = row[field.name], meaning(field).unit
    if pa.types.is_string(field.type):
        return said(value, unit)
    if isinstance(value, float):
        value = round(value) if unit == "people" else value
        return Number(_digits(value, unit), value, True, address)
    return Number(said(value, unit), value, True, None if value is None else address)


def _digits(value: float, unit: str) -> str:
    """Shares that move by less than a percent need places that others do not."""
    if unit == "chance" and value < 0.0001:
        return "under 0.01%"
    if unit in ("share", "chance"):
        return f"{value:.2%}".replace("-", "−")
    if unit or abs(value) >= 1000:
        return said(value, unit)
    return f"{value:.4g}".replace("-", "−")


def _named(area: str) -> str:
    known = register().organisations.get(area)
    return short_name(known.name) if known else area


def _meanings(results: Mapping[str, Result]) -> tuple[tuple[str, str], ...]:
    """Each column's heading with what it means, once."""
    found: dict[str, str] = {}
    for result in results.values():
        for field in result.table.schema:
            about = meaning(field)
            found.setdefault(heading(field), f"{about.meaning}{f' ({about.unit})' if about.unit else ''}")
    return tuple(found.items())
