"""What somebody sees of a round as a file: one row a board, as CSV or as a workbook with the counts beside."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyarrow as pa
from django.http import HttpResponse

from speccom import spreadsheets
from speccom.readiness.course import ReadinessError
from speccom.readiness.tables import criteria, ratings, recommendations, sides, states
from speccom.site.core.library import today
from speccom.site.core.words import PRODUCT, long_date
from speccom.site.readiness.models import Round
from speccom.site.readiness.queries import NOT_BEGUN, Row

FORMS = {"csv": "CSV", "xlsx": "Excel workbook"}
OWN = "The labels of the tests, the ratings, the states and the days are Speccom's own: none were published."


def file(round_: Round, rows: Sequence[Row], form: str) -> HttpResponse:
    """The file. Raises `ReadinessError` for another form."""
    if form not in FORMS:
        raise ReadinessError(f"{form!r} is no kind of file: choose {' or '.join(FORMS.values())}.")
    name = f"{spreadsheets.slug(f'readiness {round_.title}')}.{form}"
    if form == "csv":
        body: str | bytes = "".join(spreadsheets.csv_parts(_boards(rows)))
        kind = "text/csv; charset=utf-8"
    else:
        body = _workbook(round_, rows)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Robots-Tag": "noindex"}
    return HttpResponse(body, content_type=kind, headers=headers)


def _boards(rows: Sequence[Row]) -> pa.Table:
    columns: list[tuple[str, pa.DataType]] = [
        ("board", pa.string()),
        ("board_name", pa.string()),
        ("region", pa.string()),
        ("assessment", pa.string()),
        ("state", pa.string()),
        ("late", pa.bool_()),
        *((f"{side}_{criterion}", pa.string()) for side in sides() for criterion in criteria()),
        ("recommendation", pa.string()),
    ]
    return pa.Table.from_pylist(
        [
            {
                "board": each.board,
                "board_name": each.name,
                "region": each.region,
                "assessment": each.assessment.reference if each.assessment else None,
                "state": state_name(each.state),
                "late": each.late,
                "recommendation": recommendations()[each.recommendation].name
                if each.recommendation
                else None,
            }
            | {
                f"{side}_{criterion}": ratings()[found].name
                for side in sides()
                for criterion in criteria()
                if (found := each.rating(criterion, side))
            }
            for each in rows
        ],
        pa.schema(columns),
    )


def counts(rows: Sequence[Row], side: str = "") -> list[tuple[str, dict[str, int]]]:
    """Label of each test → rating → boards, those not rated under the empty rating."""
    return [
        (
            each.label,
            {rating: sum(row.rating(key, side) == rating for row in rows) for rating in (*ratings(), "")},
        )
        for key, each in criteria().items()
    ]


def state_name(state: str) -> str:
    """The words of a state, and of not having begun."""
    return "Not begun" if state == NOT_BEGUN else states()[state].name


def _workbook(round_: Round, rows: Sequence[Row]) -> bytes:
    tables = [("Boards", _boards(rows))]
    for side, said in sides().items():
        counted = [
            {"test": label}
            | {(ratings()[key].name if key else "Not rated"): number for key, number in held.items()}
            for label, held in counts(rows, side)
        ]
        columns = [(name, pa.string() if name == "test" else pa.int64()) for name in counted[0]]
        tables.append((said.name, pa.Table.from_pylist(counted, pa.schema(columns))))
    about = [
        f"{round_.title}: boards of {long_date(round_.on)}",
        f"As seen on {long_date(today())}. Written by {PRODUCT}.",
        "An empty rating was not given, or is not shown to whoever took this file.",
        "A recommendation is no decision.",
        OWN,
    ]
    to = io.BytesIO()
    spreadsheets.write_workbook(to, tables, about, printed=("", round_.title))
    return to.getvalue()
