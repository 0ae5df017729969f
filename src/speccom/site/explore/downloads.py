"""Every table of a page as a file: what is shown, with what was asked, the day, the sources and the register.

A table's file is its page's address with `download=KEY.csv`, `.xlsx` or `.json`, so one piece of code makes a
page and its files. A workbook says where it comes from on a sheet of its own, and JSON beside its rows. A CSV
keeps its headings in the first row and nothing below its rows, as programs expect: there the page, the day,
the sources and the register are the last four columns, so that no row can lose them.
"""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from speccom import spreadsheets
from speccom.site.core.library import register, today
from speccom.site.core.pages import Cell, Link, Number, Page, Table, Tag
from speccom.site.core.refusals import NotFound
from speccom.site.core.words import PRODUCT, long_date
from speccom.site.explore.api.addresses import of_page
from speccom.site.explore.presenters.shared import source_link
from speccom.site.explore.presenters.who import WhoPage
from speccom.site.explore.queries import services as services_asked
from speccom.site.explore.queries.sources import behind

_NOTHING = {"", "–", "Today and on"}  # what a page says where there is no value
_SUBJECT = re.compile(r"/(lines|organisations|services)/([^/?]+)/")
_LONGEST = 120  # characters of a file's name before its register

_Page = TypeVar("_Page", bound=Page)


@dataclass(frozen=True, slots=True)
class About:
    """Where a file comes from."""

    title: str
    page: str
    made_on: date
    sources: tuple[str, ...]
    register: str


def offered(request: HttpRequest, page: _Page) -> _Page:
    """A page with links to the files of each table, wherever it holds one, and its address in the API."""
    linked: _Page = _with_files(request, page)
    return replace(linked, api=page.api or of_page(request, linked))


def file(request: HttpRequest, page: Page, wanted: str) -> HttpResponse:
    """The table and form that `wanted` names, such as `lines.csv`. Raises `NotFound` for any other word."""
    key, _, form = wanted.rpartition(".")
    table = next((each for each in page.tables if each.key == key), None)
    if table is None or form not in _FORMS:
        near = tuple(
            Link(f"{each.caption} ({link.text})", link.address) for each in page.tables for link in each.files
        )
        raise NotFound(f"{wanted!r} is not a file of this page: choose one that it has.", near)
    about = _about(request, page, table)
    content_type, write = _FORMS[form]
    name = spreadsheets.slug(f"{PRODUCT} {page.title} {table.key}")[:_LONGEST]
    name = f"{name}-{about.made_on.isoformat()}-{about.register}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Link": f'<{about.page}>; rel="describedby"; type="text/html"',
        "Speccom-Register": about.register,
        "X-Robots-Tag": "noindex",
    }
    return HttpResponse(write(table, about), content_type=content_type, headers=headers)


# --- where it comes from


def _with_files(request: HttpRequest, part: Any) -> Any:
    """A page or any part of one, each table in it with links to its files."""
    if isinstance(part, Table):
        return replace(part, files=_files(request, part.key))
    if type(part) is tuple:
        return tuple(_with_files(request, each) for each in part)
    if isinstance(part, type | Link | Tag | Number) or not is_dataclass(part):
        return part
    within: dict[str, Any] = {
        each.name: _with_files(request, getattr(part, each.name)) for each in fields(part)
    }
    return replace(part, **within)  # type: ignore[type-var]


def _files(request: HttpRequest, key: str) -> tuple[Link, ...]:
    return tuple(
        Link(form.upper(), f"{request.path}?{urlencode(_asked(request) | {'download': f'{key}.{form}'})}")
        for form in _FORMS
    )


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.GET.items() if name != "download" and value}


def _about(request: HttpRequest, page: Page, table: Table) -> About:
    query = urlencode(_asked(request))
    address = request.build_absolute_uri(f"{request.path}?{query}" if query else request.path)
    return About(
        f"{page.title}: {table.caption}",
        page.cite.text if isinstance(page, WhoPage) else address,
        today(),
        tuple(dict.fromkeys(_sources(request, page, table))),
        register().snapshot,
    )


def _sources(request: HttpRequest, page: Page, table: Table) -> Iterator[str]:
    """Those that the page says it has, or that the table names, else the answer's, else of the facts on what
    it names, else those of the page's other tables."""
    found = list(page.sources or _named(table))
    if not found and isinstance(page, WhoPage):
        found = [reason.source.text for reason in page.reasons]
    if not found:
        found = [source_link(source).text for source in behind(register(), _subjects(request, table))]
    if not found:
        found = [source for other in page.tables for source in _named(other)]
    yield from found or [f"Every source of the register: {request.build_absolute_uri(reverse('data'))}"]


def _named(table: Table) -> Iterator[str]:
    """The sources that a table names, each as the register has it."""
    whole: dict[str | None, list[str]] = defaultdict(list)
    for source in register().sources.values():
        whole[source.url].append(source_link(source).text)
    for row in table.rows:
        for cell in row:
            if isinstance(cell, Link) and _is_source(cell):
                yield from whole.get(cell.address, [cell.text])


def _is_source(link: Link) -> bool:
    """Whether a link leads out of the site: only sources do."""
    return link.address is not None and not link.address.startswith("/")


def _subjects(request: HttpRequest, table: Table) -> Iterator[str]:
    """What the register calls that which the table, and its page's address, name."""
    addresses = [
        cell.address for row in table.rows for cell in row if isinstance(cell, Link) and cell.address
    ]
    for kind, code in _SUBJECT.findall(" ".join([*addresses, request.path])):
        yield f"service {code}" if kind == "services" else code
        if kind == "services":
            yield from (line.code for line in services_asked.lines_of(register(), code))


# --- what it holds


def _arrow(table: Table) -> pa.Table:
    """The table in the kinds that its columns have: whole numbers, days or text; empty where it says nothing.

    A column whose links lead out of the site is followed by one of their addresses.
    """
    arrays, names = [], []
    for name, cells in zip(table.columns, zip(*table.rows, strict=True), strict=False):
        if any(isinstance(cell, Number) for cell in cells):
            arrays.append(_numbers(cells))
            names.append(name)
            continue
        plain = [cell.text if isinstance(cell, Link | Tag) else cell for cell in cells]
        arrays.append(_array([None if cell in _NOTHING else cell for cell in plain]))
        names.append(name or "Value")
        links = [cell.address if isinstance(cell, Link) and _is_source(cell) else None for cell in cells]
        if any(links):
            arrays.append(pa.array(links, pa.string()))
            names.append(f"{names[-1]} address")
    return pa.Table.from_arrays(arrays, names=names)


def _numbers(cells: Sequence[Cell]) -> pa.Array[Any]:
    """A column of numbers as they are, empty where one is withheld or not known."""
    values = [cell.value if isinstance(cell, Number) else None for cell in cells]
    if any(isinstance(value, Decimal) for value in values):
        return pa.array(values, pa.decimal128(38, 8))
    return pa.array(
        values, pa.int64() if all(isinstance(each, int | None) for each in values) else pa.float64()
    )


def _array(values: Sequence[str | int | None]) -> pa.Array[Any]:
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, int) for value in given):
        return pa.array(values, pa.int64())
    days = {value: _day(str(value)) for value in given}
    if given and all(days.values()):
        return pa.array([None if value is None else days[value] for value in values], pa.date32())
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _day(text: str) -> date | None:
    """A day as pages write it: `1 April 2024`."""
    try:
        return datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007  # a day has no time zone
    except ValueError:
        return None


def _csv(table: Table, about: About) -> str:
    held = _arrow(table)
    for name, value in (
        ("Page", about.page),
        ("Made on", about.made_on.isoformat()),
        ("Sources", "; ".join(about.sources)),
        ("Register", about.register),
    ):
        held = held.append_column(name, pa.repeat(value, held.num_rows))
    return "".join(spreadsheets.csv_parts(held))


def _workbook(table: Table, about: About) -> bytes:
    lines = [
        about.title,
        f"Page: {about.page}",
        f"Made on {long_date(about.made_on)} by {PRODUCT}",
        f"Register: {about.register}",
        "Sources",
        *about.sources,
    ]
    to = io.BytesIO()
    spreadsheets.write_workbook(to, [(table.caption, _arrow(table))], lines, emphasised=("Sources",))
    return to.getvalue()


def _json(table: Table, about: About) -> str:
    held = _arrow(table)
    told = {
        "title": about.title,
        "page": about.page,
        "made_on": about.made_on.isoformat(),
        "sources": about.sources,
        "register": about.register,
        "rows": [
            dict(zip(held.column_names, row, strict=True))
            for batch in spreadsheets.rows(held)
            for row in batch
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


_FORMS: dict[str, tuple[str, Callable[[Table, About], str | bytes]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _workbook),
    "json": ("application/json; charset=utf-8", _json),
}
