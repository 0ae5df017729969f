"""A round's lists as the Board is given them: one CSV with the list of each line, or a workbook of a sheet a list."""

from __future__ import annotations

import io
from collections.abc import Iterable
from decimal import Decimal

import pyarrow as pa
from django.http import HttpResponse

from speccom import spreadsheets
from speccom.portfolio.criteria import READINESS, SUITABILITY, PortfolioError
from speccom.portfolio.recommendation import recommendations
from speccom.site.core.words import PRODUCT, long_date
from speccom.site.portfolio.models import ReviewRound
from speccom.site.portfolio.queries import Standing

FORMS = {"csv": "CSV", "xlsx": "Excel workbook"}
SYNTHETIC = "SYNTHETIC: measured from records that a program made up."
_COLUMNS: dict[str, pa.DataType] = {
    "list": pa.string(),
    "service_line": pa.string(),
    "service_line_name": pa.string(),
    "programme": pa.string(),
    "outturn": pa.decimal128(38, 8),
    "suitability": pa.string(),
    "readiness": pa.string(),
    "overridden": pa.bool_(),
    "because": pa.string(),
}
_SCHEMA = pa.schema(_COLUMNS)


def file(round_: ReviewRound, found: Iterable[Standing], form: str) -> HttpResponse:
    """The file. Raises `PortfolioError` for another form."""
    if form not in FORMS:
        raise PortfolioError(f"{form!r} is no kind of file: choose {' or '.join(FORMS.values())}.")
    tables = _lists(found)
    mark = "synthetic-" if round_.synthetic else ""
    name = f"{mark}{spreadsheets.slug(f'{round_.reference} {round_.title}')}.{form}"
    if form == "csv":
        body: str | bytes = "".join(spreadsheets.csv_parts(pa.concat_tables(table for _, table in tables)))
        kind = "text/csv; charset=utf-8"
    else:
        body, kind = (
            _workbook(round_, tables),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Robots-Tag": "noindex"}
    return HttpResponse(body, content_type=kind, headers=headers)


def _lists(found: Iterable[Standing]) -> list[tuple[str, pa.Table]]:
    rows: dict[str, list[dict[str, object]]] = {key: [] for key in recommendations()}
    for each in found:
        outturn = each.review.measured["outturn"]
        rows[each.recommendation].append(
            {
                "list": recommendations()[each.recommendation].words,
                "service_line": each.review.line,
                "service_line_name": each.review.name,
                "programme": each.review.programme or None,
                "outturn": None if outturn is None else Decimal(outturn),
                "suitability": each.by_rule.test(SUITABILITY).result,
                "readiness": each.by_rule.test(READINESS).result,
                "overridden": bool(each.review.override),
                "because": each.because,
            }
        )
    return [(recommendations()[key].words, pa.Table.from_pylist(held, _SCHEMA)) for key, held in rows.items()]


def _workbook(round_: ReviewRound, tables: list[tuple[str, pa.Table]]) -> bytes:
    about = [
        f"{round_.title}: portfolio of {long_date(round_.on)}",
        *([SYNTHETIC] if round_.synthetic else []),
        f"{round_.reference}, {round_.course.name.lower()}. Written by {PRODUCT}.",
        "A recommendation is no decision. The bars and the rule are Speccom's own: none were published.",
        *round_.about,
    ]
    printed = (SYNTHETIC if round_.synthetic else "", round_.title)
    to = io.BytesIO()
    spreadsheets.write_workbook(to, tables, about, emphasised=(SYNTHETIC,), printed=printed)
    return to.getvalue()
