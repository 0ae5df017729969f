"""What is recommended of many lines as one table, from their measures and whatever judgements are given."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from speccom.insight.result import Column, Result, described
from speccom.portfolio.criteria import ANSWERS, READINESS, SUITABILITY, PortfolioError, judged, measures
from speccom.portfolio.measures import values_of
from speccom.portfolio.recommendation import (
    DIVIDED,
    UNFAVOURABLE,
    UNKNOWN,
    Recommended,
    Standing,
    recommend,
    recommendations,
)

COLUMNS = {
    "service_line": Column("code", "service line"),
    "service_line_name": Column("", "its name"),
    "recommendation": Column(
        "", "suitable_and_ready, suitable_not_yet_ready, retained, or not_known where too little is known"
    ),
    "because": Column("", "the row of the rule that decided it, in words"),
    "suitability": Column("", "met, not met or not known"),
    "readiness": Column("", "met, not met or not known"),
    "highly_specialised": Column("yes or no", "whether the register has it as highly specialised"),
    "suitability_favourable": Column("criteria", "of suitability, those that favour leadership by boards"),
    "suitability_known": Column("criteria", "of suitability, those that weigh and are known"),
    "readiness_favourable": Column("criteria", "of readiness, those that favour leadership by boards"),
    "readiness_known": Column("criteria", "of readiness, those that weigh and are known"),
    "against": Column("", "criteria that speak against it"),
    "divided": Column("", "criteria on which the panel is divided evenly"),
    "not_known": Column("", "criteria that are not known"),
}
_WHOLE = {"suitability_favourable", "suitability_known", "readiness_favourable", "readiness_known"}


class Judgement(NamedTuple):
    """One person's answer to one criterion of one line, with their reason."""

    service_line: str
    criterion: str
    person: str
    answer: str
    reason: str


def judgements_in(path: Path) -> list[Judgement]:
    """The judgements of a CSV file with the columns of `Judgement`.

    Raises `PortfolioError`, naming the row, for a column, criterion or answer that is not, an answer without a
    person or a reason, or a person who answers twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [name for name in Judgement._fields if name not in (reader.fieldnames or ())]
            if missing:
                raise PortfolioError(
                    f"{path} has no column {missing[0]}: give {', '.join(Judgement._fields)}."
                )
            found = [Judgement(*((row[name] or "").strip() for name in Judgement._fields)) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise PortfolioError(f"{path} cannot be read: {error}.") from error
    seen: set[tuple[str, ...]] = set()
    for number, each in enumerate(found, start=2):
        if wrong := _wrong(each, seen):
            raise PortfolioError(f"{path}, row {number}: {wrong}")
        seen.add(each[:3])
    return found


def recommended(measured: Result, judgements: Iterable[Judgement] = ()) -> Result:
    """A row for each line of `measures.measured`, with what is recommended of it; columns are those of `COLUMNS`.

    Raises `PortfolioError` for a judgement of a line that is not among them.
    """
    rows = measured.table.to_pylist()
    answers: dict[str, list[tuple[str, str]]] = {row["service_line"]: [] for row in rows}
    for each in judgements:
        if each.service_line not in answers:
            raise PortfolioError(f"{each.service_line} is judged and not among the lines asked for.")
        answers[each.service_line].append((each.criterion, each.answer))
    made = [_row(row, recommend_row(row, answers[row["service_line"]])) for row in rows]
    table = described(
        {name: (column, [row[name] for row in made], _kind(name)) for name, column in COLUMNS.items()}
    )
    title = measured.title.replace("measured criteria", "recommendation", 1)
    notes = ("The bars and the rule are Speccom's own: none were published.", *measured.notes)
    return Result(title, table, notes, measured.gaps, measured.synthetic)


def recommend_row(row: Mapping[str, Any], answers: Iterable[tuple[str, str]]) -> Recommended:
    """What is recommended of a row of measures and (criterion, answer) pairs."""
    return recommend(
        row["highly_specialised"] is True,
        values_of(row),
        answers,
        gaps=dict.fromkeys(measures(), (row["note"] or "").capitalize()),
    )


def _row(row: Mapping[str, Any], found: Recommended) -> dict[str, Any]:
    suits, ready = found.test(SUITABILITY), found.test(READINESS)
    return {
        "service_line": row["service_line"],
        "service_line_name": row["service_line_name"],
        "recommendation": found.recommendation,
        "because": found.because,
        "suitability": suits.result,
        "readiness": ready.result,
        "highly_specialised": row["highly_specialised"],
        "suitability_favourable": suits.favourable,
        "suitability_known": suits.known,
        "readiness_favourable": ready.favourable,
        "readiness_known": ready.known,
        "against": _named(found.standings, UNFAVOURABLE),
        "divided": _named(found.standings, DIVIDED),
        "not_known": _named(found.standings, UNKNOWN),
    }


def _named(standings: Sequence[Standing], standing: str) -> str:
    return "; ".join(
        each.criterion.name for each in standings if each.standing == standing and each.criterion.weighs
    )


def _wrong(each: Judgement, seen: set[tuple[str, ...]]) -> str:
    if each.criterion not in judged():
        return f"{each.criterion!r} is no judged criterion: choose from {', '.join(judged())}."
    if each.answer not in ANSWERS:
        return f"{each.answer!r} is no answer: choose from {', '.join(ANSWERS)}."
    if not (each.person and each.reason):
        return "give the person who judged, and their reason."
    if each[:3] in seen:
        return f"{each.person} has judged {each.criterion} of {each.service_line} already."
    return ""


def _kind(name: str) -> pa.DataType:
    if name == "highly_specialised":
        return pa.bool_()
    return pa.int64() if name in _WHOLE else pa.string()


def in_lists(table: pa.Table) -> list[tuple[str, pa.Table]]:
    """The rows as the Board's lists: (words, rows) of each recommendation, in their order."""
    return [
        (named.words, table.filter(pc.field("recommendation") == key))
        for key, named in recommendations().items()
    ]
