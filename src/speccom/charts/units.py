"""The values of an analysis in words, by the unit of their column, and the table beside a picture; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.charts.tables import Column, Table
from speccom.charts.words import short_name
from speccom.insight.result import Result, meaning

NOTHING = "–"
HEADINGS = {
    "icb": "Code",
    "icb_name": "Board",
    "host": "Code there",
    "host_name": "Cared for in",
    "home": "Code of home",
    "home_name": "People of",
    "area": "Code",
    "area_name": "Area",
    "pot_name": "Money",
    "step_name": "Step",
    "holder_name": "Held by",
    "host_icb": "Board there",
    "lines": "Lines of the ledger",
    "spend": "Spend",
    "spend_per_head": "Spend",
    "provider": "Provider’s code",
    "provider_name": "Provider",
    "at_home": "Spent in its area",
    "outflow": "Flows out",
    "inflow": "Flows in",
    "ratio_lower": "Lower limit",
    "ratio_upper": "Upper limit",
    "funnel": "Place in the funnel",
    "kilometres": "Distance",
    "service_line": "Service line",
    "service_line_name": "Its name",
    "month_name": "Month",
    "no_longer_if_q_below": "No longer if q is below",
    "smaller_if_q_from": "Smaller if q is from",
}
_IN_HEADING = {
    "£": "£",
    "£ per person": "£ a head",
    "£ per patient": "£ a patient",
    "patients per 100,000": "patients per 100,000",
    "km": "km",
    "£ a year": "£ a year",
    "people a year": "a year",
}
_TEXT = ("", "code", "codes", "yes or no")
_NAMES = ("icb_name", "host_name", "home_name", "area_name", "holder_name")


def heading(field: pa.Field[Any]) -> str:
    """What stands over a column: its name in words, and its unit where the name does not say it."""
    name = HEADINGS.get(field.name, field.name.replace("_", " ").capitalize())
    unit = _IN_HEADING.get(meaning(field).unit) if not is_text(field) else None
    return f"{name} ({unit})" if unit else name


def is_text(field: pa.Field[Any]) -> bool:
    """Whether a column holds words or codes, and no numbers."""
    return meaning(field).unit in _TEXT or pa.types.is_string(field.type)


def said(value: Any, unit: str, missing: str = NOTHING) -> str:
    """One value as a reader reads it: shares in percent, ratios to three places, pounds to the pound."""
    if value is None or value == "":
        return missing
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return _SAID.get(unit, _plain)(float(value)).replace("-", "−")


def short_pounds(value: float) -> str:
    """Pounds as a label says them, to three digits: £12.3m, £450k, £9."""
    size = abs(value)
    for scale, unit in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if size >= scale * 0.9995:
            return f"{'−' if value < 0 else ''}£{_three(size / scale)}{unit}"
    return f"{'−' if value < 0 and round(size) else ''}£{size:.0f}"


def percent(value: float) -> str:
    """A share in words: to a whole percent, and below ten to one place."""
    return f"{value:.0%}" if value >= 0.0995 or value == 0 else f"{value:.1%}"


def written(
    result: Result,
    names: Sequence[str],
    caption: str,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> Table:
    """Those of the columns that a result has as a table of words, all its rows or those given; a dash for none."""
    names = [name for name in names if name in result.table.column_names]
    fields = [result.table.schema.field(name) for name in names]
    units = [meaning(field).unit for field in fields]
    columns = tuple(Column(heading(field), "text" if is_text(field) else "count") for field in fields)
    held = result.table.select(names).to_pylist() if rows is None else rows
    return Table(
        caption,
        columns,
        tuple(
            tuple(_cell(name, row[name], unit) for name, unit in zip(names, units, strict=True))
            for row in held
        ),
    )


def _cell(name: str, value: Any, unit: str) -> str:
    return said(short_name(value) if name in _NAMES and value else value, unit)


def _three(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.3g}"


_SAID: dict[str, Callable[[float], str]] = {
    "people": lambda value: f"{value:,.0f}",
    "lines": lambda value: f"{value:,.0f}",
    "£": lambda value: f"{value:,.0f}",
    "£ per person": lambda value: f"{value:,.2f}",
    "£ per patient": lambda value: f"{value:,.0f}",
    "patients per 100,000": lambda value: f"{value:,.1f}",
    "ratio": lambda value: f"{value:.3f}",
    "share": lambda value: f"{value:.1%}",
    "km": lambda value: f"{value:,.0f}",
    "£ a year": lambda value: f"{value:,.0f}",
    "people a year": lambda value: f"{value:,.0f}",
    "£ or lines": lambda value: f"{value:,.0f}",
    "£ or lines a month": lambda value: f"{value:,.0f}",
    "chance": lambda value: f"{value:.1%}",
}


def pounds_of(value: Any) -> float:
    """Money as a length to draw; nothing counts as nothing."""
    return float(value) if isinstance(value, Decimal | int | float) else 0.0
