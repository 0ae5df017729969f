"""What the checks look up, as small tables: the code lists, the imported lists, and the register month by month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from speccom.contracts import reference, schemas
from speccom.contracts.book import CoveredMonth
from speccom.engine.duckdb import DuckDBEngine
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace

_TEXT, _FLAG, _DAY, _NUMBER = pa.string(), pa.bool_(), pa.date32(), pa.int32()


def register_lists(engine: DuckDBEngine, register: Register, workspace: Workspace) -> None:
    """Make readable what does not change with the month: category, delivery, treatment, known_provider,
    and, where they were imported, healthcare_group and postcode_lsoa."""
    deliveries = schemas.points_of_delivery().values()
    providers = {*register.providers, *reference.codes(workspace, "providers")}
    _register(engine, "category", {"code": _TEXT}, ((code,) for code in schemas.service_categories()))
    _register(engine, "treatment", {"code": _TEXT}, ((code,) for code in schemas.treatment_functions()))
    _register(engine, "known_provider", {"code": _TEXT}, ((code,) for code in providers))
    _register(
        engine,
        "delivery",
        {"code": _TEXT, "non_activity": _FLAG, "tariff_needed": _FLAG},
        ((each.code, each.non_activity, each.tariff_code_required) for each in deliveries),
    )
    for kind, name in (("hrg", "healthcare_group"), ("postcodes", "postcode_lsoa")):
        if reference.path_of(workspace, kind).exists():
            engine.parquet(name, [reference.path_of(workspace, kind)])


def register_months(engine: DuckDBEngine, register: Register, covered: Iterable[CoveredMonth]) -> None:
    """Make readable what the register says on the first day of each month: month_on, line_on, area_on, host_on."""
    months = sorted({Month(FinancialYear.parse(year), month) for year, month in covered})
    _register(
        engine,
        "month_on",
        {"financial_year": _TEXT, "month": _NUMBER, "month_start": _DAY, "month_end": _DAY},
        ((month.year.code, month.number, month.start, month.end) for month in months),
    )
    _register(
        engine,
        "line_on",
        {"month_start": _DAY, "code": _TEXT, "is_green": _FLAG},
        (row for month in months for row in _lines(register, month)),
    )
    _register(
        engine,
        "area_on",
        {"month_start": _DAY, "code": _TEXT, "delegated": _FLAG},
        (
            (month.start, area.code, register.arrangement(area.region, month.start) == "delegated")
            for month in months
            for area in register.areas(month.start).values()
        ),
    )
    _register(
        engine,
        "host_on",
        {"month_start": _DAY, "code": _TEXT, "delegated": _FLAG},
        (row for month in months for row in _hosts(register, month)),
    )


def _lines(register: Register, month: Month) -> Iterator[tuple[object, ...]]:
    """Lines in use: a specialised code that is not applicable on the day is not."""
    for code in register.lines:
        status = register.line_status(code, month.start)
        if not (code.startswith("NCBPS") and status == "NOT APPLICABLE"):
            yield month.start, code, status == "GREEN"


def _hosts(register: Register, month: Month) -> Iterator[tuple[object, ...]]:
    areas = register.areas(month.start)
    for provider in register.providers:
        host = areas.get(register.host_icb(provider, month.start) or "")
        if host is not None:
            yield month.start, provider, register.arrangement(host.region, month.start) == "delegated"


def _register(
    engine: DuckDBEngine, name: str, kinds: dict[str, pa.DataType], rows: Iterable[tuple[object, ...]]
) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    arrays = (pa.array(list(column), kind) for column, kind in zip(columns, kinds.values(), strict=True))
    engine.register(name, pa.table(dict(zip(kinds, arrays, strict=True))))
