"""What changed: a chart of each line of each board over time, and the signals in it, the biggest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.engine import run_steps
from speccom.insight.areas import name_of
from speccom.insight.opened import Opened, opened
from speccom.insight.result import Column, Gap, InsightError, Result, described
from speccom.insight.statistics.control_chart import ControlChart, Rule, xmr
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace

MEASURES = {"spend": Column("£ a month", "pounds"), "lines": Column("lines a month", "patient-level lines")}
BASELINE = 12
"""Months from which the middle and limits are taken and held, so that what came later stands out."""
WINDOW = 24
"""Months that are charted where nobody says from when: a baseline of a year, and the year after it."""
FEWEST = 8
"""Months that a series must have for a chart to be drawn of it."""
WORDS = {
    Rule.OUTSIDE: "outside the limits",
    Rule.TREND: "seven or more in a row in one direction",
    Rule.TWO_IN_THREE: "two of three close to a limit",
    Rule.SHIFT: "seven or more in a row on one side of the mean",
}

COLUMNS = {
    "rank": Column("", "1 is the biggest change"),
    "service_line": Column("code", "service line"),
    "service_line_name": Column("", "its name"),
    "icb": Column("code", "the patients' board, or where people are of no board"),
    "icb_name": Column("", "its name"),
    "measure": Column("", "spend (£ a month) or lines (a month)"),
    "mean": Column("£ or lines a month", "mean of the baseline months"),
    "lower": Column("£ or lines a month", "lower process limit, mean − 2.66 × mean moving range"),
    "upper": Column("£ or lines a month", "upper process limit"),
    "latest": Column("£ or lines a month", "the last month"),
    "signal": Column("", "the rule that the last month breaks, or that the last signal broke"),
    "direction": Column("", "up or down"),
    "since": Column("month", "the month in which the signal began"),
    "months": Column("months", "how long it has lasted"),
    "level": Column("£ or lines a month", "mean since it began"),
    "change": Column("£ or lines a month", "level less mean"),
    "change_share": Column("share", "change ÷ mean"),
    "baseline_months": Column("months", "months that mean and limits are taken from"),
    "note": Column("", "what weakens the row"),
}
POINTS = {
    "month": Column("month", "financial year and month, 1 is April"),
    "month_name": Column("", "the month in words"),
    "value": Column("£ or lines", "what was recorded; empty for a month that the ledger does not hold"),
    "mean": Column("£ or lines", "mean of the baseline"),
    "lower": Column("£ or lines", "lower process limit"),
    "upper": Column("£ or lines", "upper process limit"),
    "signal": Column("", "the rule that the point breaks; empty for common variation"),
    "direction": Column("", "up or down"),
}


@dataclass(frozen=True, slots=True)
class _Grid:
    """Series × months: values, NaN for months not held; the last axis is every month from first to last."""

    keys: list[tuple[str, str]]
    months: list[Month]
    held: npt.NDArray[np.bool_]
    values: npt.NDArray[np.float64]


def trends(
    workspace: Workspace,
    lines: str = "all",
    *,
    measure: str = "spend",
    boundaries: date | None = None,
    start: Month | None = None,
    until: Month | None = None,
    icb: str | None = None,
    register: Register | None = None,
) -> Result:
    """Every line × board whose last month is part of a signal, the biggest change a month first.

    Columns are those of `COLUMNS`. Charts run from `start` (`WINDOW` months before the last, or the first held)
    to `until` (the last held). Mean and limits are of their first `BASELINE` months (all, where there are no
    more). A month that the ledger does not hold breaks nothing and is no nought. `icb` keeps one board.
    Source: NHS England, Making Data Count (XmR). Limits of use: a season looks like a change where its months
    are not in the baseline; what a provider has not sent looks like a fall.
    """
    _check(measure)
    with _years_of(workspace, lines, boundaries, register) as asked:
        grid = _grid(asked, measure, start, until, by_line=True)
        gaps = [*asked.gaps, *_months_missing(grid)]
        chosen, short = _long_enough(grid, icb)
        if short:
            gaps.append(
                Gap(f"{short:,} lines of boards", "chart", f"fewer than {FEWEST} of their months are held")
            )
        rows = _changed(asked, grid, chosen, measure)
        if not rows:
            gaps.append(Gap(asked.lines.name, "signal", "every series' last month is common variation"))
        return Result(
            title=f"What changed in {measure}: {asked.lines.name}",
            table=_table(rows),
            notes=(
                *asked.scope(),
                f"Charts of {len(chosen):,} lines of boards from {_name(grid.months[0])} to "
                f"{_name(grid.months[-1])}; mean and limits of the first {min(BASELINE, len(grid.months))} months.",
            ),
            gaps=tuple(gaps),
            synthetic=asked.synthetic,
        )


def chart_of(
    workspace: Workspace,
    lines: str,
    icb: str | None = None,
    *,
    measure: str = "spend",
    boundaries: date | None = None,
    start: Month | None = None,
    until: Month | None = None,
    register: Register | None = None,
) -> Result:
    """The chart of some lines together, of one board or of all: a row for each month; see `POINTS`.

    From `start` to `until`, as `trends` takes them. Raises `InsightError` for a board that the ledger has nothing of.
    """
    _check(measure)
    with _years_of(workspace, lines, boundaries, register) as asked:
        grid = _grid(asked, measure, start, until, by_line=False)
        rows = [place for place, (_, area) in enumerate(grid.keys) if icb in (None, area)]
        if not rows:
            named = ", ".join(sorted({area for _, area in grid.keys})) or "none"
            raise InsightError(
                f"The ledger has nothing of {asked.lines.name} for {icb}: choose from {named}."
            )
        values = np.where(grid.held, np.nansum(grid.values[rows], axis=0), np.nan)[None]
        chart = _chart(values)
        of = name_of(asked.register, icb) if icb else "all boards and beyond"
        gaps = [*asked.gaps, *_months_missing(grid)]
        if np.isnan(chart.lower).all():
            gaps.append(Gap(of, "limits", "fewer than two of its months are held"))
        return Result(
            title=f"{measure.capitalize()} by month: {asked.lines.name}, {of}",
            table=_points(grid.months, values[0], chart),
            notes=(*asked.scope(), "Mean ± 2.66 × mean moving range of the first 12 months (XmR)."),
            gaps=tuple(gaps),
            synthetic=asked.synthetic,
        )


def _check(measure: str) -> None:
    if measure not in MEASURES:
        raise InsightError(f"{measure!r} cannot be charted: choose {' or '.join(MEASURES)}.")


def _years_of(workspace: Workspace, lines: str, boundaries: date | None, register: Register | None) -> Any:
    from speccom.ledger.manifest import require_manifest
    from speccom.ledger.summaries import years_held

    return opened(workspace, lines, years_held(require_manifest(workspace)), boundaries, register)


def _grid(asked: Opened, measure: str, start: Month | None, until: Month | None, *, by_line: bool) -> _Grid:
    """Every series over every month of the window, by line and board or by board alone."""
    run_steps(asked.engine, __package__, ["series"])
    found = asked.engine.fetch("select * from series")
    held_months = sorted(asked.months, key=lambda month: month.start)
    months = _window(held_months, start, until)
    place_of = {(month.year.code, month.number): place for place, month in enumerate(months)}
    held = np.array([month in held_months for month in months])
    column = found["actual" if measure == "spend" else "lines"]
    amounts = np.asarray(column.cast(pa.float64()).to_numpy())
    codes = found["service_line"].to_pylist() if by_line else [""] * found.num_rows
    of_rows = [(str(code), str(area)) for code, area in zip(codes, found["area"].to_pylist(), strict=True)]
    keys = sorted(set(of_rows))
    row_of = {key: row for row, key in enumerate(keys)}
    values = np.where(held, 0.0, np.nan) * np.ones((len(keys), 1))
    places = [
        place_of.get((str(year), int(month or 0)), -1)
        for year, month in zip(found["financial_year"].to_pylist(), found["month"].to_pylist(), strict=True)
    ]
    rows = [row_of[key] for key in of_rows]
    inside = np.array(places, dtype=int) >= 0
    np.add.at(
        values, (np.array(rows, dtype=int)[inside], np.array(places, dtype=int)[inside]), amounts[inside]
    )
    return _Grid(keys, months, held, values)


def _window(held: Sequence[Month], start: Month | None, until: Month | None) -> list[Month]:
    """The months to chart. Raises `InsightError` where the ledger holds none of them, naming what it holds."""
    last = min(until or held[-1], held[-1], key=lambda month: month.start)
    months = _between(held[0], last)
    months = [month for month in months if start is None or month.start >= start.start]
    if not months:
        raise InsightError(
            f"The ledger holds no month from {_name(start or held[0])} to {_name(until or last)}: it runs from "
            f"{_name(held[0])} to {_name(held[-1])}."
        )
    return months if start else months[-WINDOW:]


def _between(first: Month, last: Month) -> list[Month]:
    months = []
    for year in range(first.year.start_year, last.year.start_year + 1):
        months += [
            month for month in FinancialYear(year).months() if first.start <= month.start <= last.start
        ]
    return months


def _chart(values: npt.NDArray[np.float64]) -> ControlChart:
    return xmr(values, fix_after_n_points=BASELINE)


def _long_enough(grid: _Grid, icb: str | None) -> tuple[list[int], int]:
    """The series to chart: those with any activity, and months enough; and how many had too few months."""
    wanted = [row for row, (_, area) in enumerate(grid.keys) if icb in (None, area)]
    if int(grid.held.sum()) < FEWEST:
        return [], len(wanted)
    return [row for row in wanted if np.nansum(np.abs(grid.values[row])) > 0], 0


def _changed(asked: Opened, grid: _Grid, chosen: Sequence[int], measure: str) -> list[dict[str, Any]]:
    if not chosen:
        return []
    values = grid.values[chosen]
    chart = _chart(values)
    last = int(np.flatnonzero(grid.held)[-1])
    direction, rule = chart.direction, chart.rule
    rows: list[dict[str, Any]] = []
    for series in np.flatnonzero(direction[:, last]).tolist():
        since = _since(direction[series], grid.held, last)
        run = values[series, since : last + 1]
        mean, level = float(chart.mean[series, last]), float(np.nanmean(run))
        code, area = grid.keys[chosen[series]]
        line = asked.register.lines.get(code)
        rows.append(
            {
                "service_line": code,
                "service_line_name": line.name if line else code,
                "icb": area,
                "icb_name": name_of(asked.register, area),
                "measure": measure,
                "mean": mean,
                "lower": float(chart.lower[series, last]),
                "upper": float(chart.upper[series, last]),
                "latest": float(values[series, last]),
                "signal": WORDS[Rule(int(rule[series, last]))],
                "direction": "up" if direction[series, last] > 0 else "down",
                "since": _name(grid.months[since]),
                "months": int(grid.held[since : last + 1].sum()),
                "level": level,
                "change": level - mean,
                "change_share": (level - mean) / mean if mean > 0 else None,
                "baseline_months": int(chart.points[series, last]),
                "note": _note(int(chart.points[series, last]), mean),
            }
        )
    rows.sort(key=lambda row: (-abs(row["change"]), row["service_line"], row["icb"]))
    return [{"rank": rank, **row} for rank, row in enumerate(rows, start=1)]


def _since(direction: npt.NDArray[np.int8], held: npt.NDArray[np.bool_], last: int) -> int:
    """The first month of the unbroken signal that the last month is part of; months not held do not break it."""
    since = last
    for place in range(last, -1, -1):
        if held[place]:
            if direction[place] != direction[last]:
                break
            since = place
    return since


def _note(points: int, mean: float) -> str:
    said = []
    if points < BASELINE:
        said.append(f"provisional: limits from {points} months")
    if mean <= 0:
        said.append("nothing in the baseline, so no share")
    return "; ".join(said)


def _months_missing(grid: _Grid) -> list[Gap]:
    return [
        Gap(_name(month), "value", "the ledger does not hold that month")
        for month, held in zip(grid.months, grid.held, strict=True)
        if not held
    ]


def _table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    held = list(rows)
    kinds: dict[str, pa.DataType] = dict.fromkeys(("rank", "months", "baseline_months"), pa.int64())
    kinds |= dict.fromkeys(
        ("mean", "lower", "upper", "latest", "level", "change", "change_share"), pa.float64()
    )
    return described(
        {
            name: (column, [row[name] for row in held], kinds.get(name, pa.string()))
            for name, column in COLUMNS.items()
        }
    )


def _points(months: Sequence[Month], values: npt.NDArray[np.float64], chart: ControlChart) -> pa.Table:
    columns: dict[str, tuple[list[Any], pa.DataType]] = {
        "month": ([str(month) for month in months], pa.string()),
        "month_name": ([_name(month) for month in months], pa.string()),
        "value": (_plain(values), pa.float64()),
        "mean": (_plain(chart.mean[0]), pa.float64()),
        "lower": (_plain(chart.lower[0]), pa.float64()),
        "upper": (_plain(chart.upper[0]), pa.float64()),
        "signal": ([WORDS.get(Rule(int(rule)), "") for rule in chart.rule[0]], pa.string()),
        "direction": ([{1: "up", -1: "down"}.get(int(each), "") for each in chart.direction[0]], pa.string()),
    }
    return described({name: (column, *columns[name]) for name, column in POINTS.items()})


def _plain(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(each) else float(each) for each in values]


def _name(month: Month) -> str:
    return f"{month.start:%B %Y}"
