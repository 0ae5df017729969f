"""How an answer leaves the API: JSON or CSV, named by what was asked, cached until the register changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from importlib.metadata import version
from typing import Any, TypeAlias

import pyarrow as pa
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag

from speccom import spreadsheets
from speccom.site.core.library import register

JSON, CSV = "application/json", "text/csv"
FRESH = 300
"""Seconds for which an answer is used without asking again; facts added to a workspace show after that."""

_RELEASE = version("speccom")  # another release may say the same otherwise

Record: TypeAlias = dict[str, Any]
Answer: TypeAlias = Record | list[Record] | pa.Table
"""One record, or many; a table for those that come by the ten thousand."""


def reply(
    request: HttpRequest, name: str, asked: Mapping[str, object], answer: Callable[[], Answer]
) -> HttpResponseBase:
    """The response to a question that has an answer, or 304 to whoever holds it already.

    `asked` is the whole question, what was not said filled in. `answer` is called only when it is to be sent.
    """
    form = CSV if wants_csv(request) else JSON
    etag = tag(name, form, asked)
    response = get_conditional_response(request, etag=etag) or _written(form, answer())
    if response.status_code == 200 and form == CSV:
        response["Content-Disposition"] = f'attachment; filename="{_file_name(name, asked)}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={FRESH}"
    response["Speccom-Register"] = register().snapshot
    response["Link"] = f'<{reverse("api:openapi-json")}>; rel="service-desc"; type="{JSON}"'
    patch_vary_headers(response, ["Accept"])
    return response


def wants_csv(request: HttpRequest) -> bool:
    """Whether CSV was asked for, by the end of the path or by `Accept`; what says neither wants JSON."""
    return request.path.endswith(".csv") or request.get_preferred_type([JSON, CSV]) == CSV


def tag(name: str, form: str, asked: Mapping[str, object]) -> str:
    """The ETag of an answer: the same for the same question, form, register and release."""
    parts = [_RELEASE, register().snapshot, name, form, sorted((key, str(asked[key])) for key in asked)]
    return quote_etag(hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32])


def json_text(answer: Record | list[Record]) -> str:
    """One record as `speccom who --format json` prints it; many as a list, a line for each."""
    if isinstance(answer, dict):
        return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"
    return "".join(_listed(json.dumps(record, ensure_ascii=False) for record in answer))


def _written(form: str, answer: Answer) -> HttpResponseBase:
    content_type = f"{form}; charset=utf-8"
    if isinstance(answer, pa.Table):
        parts = spreadsheets.csv_parts(answer) if form == CSV else _listed(_encoded(answer))
        return StreamingHttpResponse(parts, content_type=content_type)
    if form == CSV:
        records = [answer] if isinstance(answer, dict) else answer
        return HttpResponse("".join(spreadsheets.csv_parts(_flat(records))), content_type=content_type)
    return HttpResponse(json_text(answer), content_type=content_type)


def _listed(records: Iterable[str]) -> Iterator[str]:
    """The text of a JSON list whose records (or runs of records) are given as text."""
    opening = "["
    for record in records:
        yield f"{opening}\n{record}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def _encoded(table: pa.Table) -> Iterator[str]:
    """The rows of a table of text and dates as JSON, some thousand at a time.

    A column's values repeat, so each is encoded once: four times faster than a row at a time.
    """
    names = (json.dumps(name).replace("%", "%%") for name in table.column_names)
    template = "{" + ", ".join(f"{name}: %s" for name in names) + "}"
    for batch in spreadsheets.rows(table):
        columns = []
        for column in zip(*batch, strict=True):
            encoded = {value: json.dumps(value, ensure_ascii=False) for value in set(column)}
            columns.append([encoded[value] for value in column])
        yield ",\n".join(template % row for row in zip(*columns, strict=True))


def _flat(records: list[Record]) -> pa.Table:
    """Records as a table: codes of a list apart by spaces, what has parts of its own as JSON."""
    names = list(records[0]) if records else []
    return pa.table({name: pa.array([_cell(record[name]) for record in records]) for name in names})


def _cell(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _file_name(name: str, asked: Mapping[str, object]) -> str:
    """`speccom-who-ncbps11b-qnc-2024-05-01-3f…`: what was asked, of which register."""
    said = [str(value) for value in asked.values() if isinstance(value, str | date) and value]
    return f"{spreadsheets.slug(' '.join(['speccom', name, *said, register().snapshot]))}.csv"
