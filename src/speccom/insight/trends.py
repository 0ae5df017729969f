"""What changed: a chart of each line of each board over time, and the signals in it, the biggest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.engine import run_steps
from speccom.insight.areas import ENGLAND, NOT_A_BOARD, name_of
from speccom.insight.coarse import ROUNDING, SMALL, amount_band, to_nearest
from speccom.insight.kept import kept_result
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
BOARDS_BEGAN = date(2022, 7, 1)
"""Before it, nobody was of a board: months until then are not held of any."""
TOGETHER = "All boards and beyond"
FEWEST_LISTED = 15
"""Patients that each month of a series has at least, for everybody to see that it changed."""
INDEX_STEP = 5
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
    "new": Column("yes or no", "whether the chart up to the month before showed no such signal"),
    "note": Column("", "what weakens the row"),
}
INDEX = "100 is the baseline's mean"
PUBLIC = {
    **{
        name: COLUMNS[name]
        for name in (
            "rank",
            "service_line",
            "service_line_name",
            "icb",
            "icb_name",
            "measure",
            "signal",
            "direction",
            "since",
            "months",
        )
    },
    "size": Column("", "band of the change: £ or lines a month"),
    "change_share": Column("share", "change ÷ mean of the baseline, to a whole percent"),
    "new": COLUMNS["new"],
    "note": COLUMNS["note"],
    "index": Column(INDEX, "each month of the chart, to the nearest 5"),
    "index_lower": Column(INDEX, "lower process limit, to the nearest 5"),
    "index_upper": Column(INDEX, "upper process limit, to the nearest 5"),
}
"""The columns that everybody may see of what changed: no pounds, no counts."""
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
    public: bool = False,
    register: Register | None = None,
) -> Result:
    """Every line × board whose last month is part of a signal, the biggest change a month first.

    Columns are those of `COLUMNS`. Charts run from `start` (`WINDOW` months before the last, or the first held)
    to `until` (the last held). Mean and limits are of their first `BASELINE` months (all, where there are no
    more). A month that the ledger does not hold breaks nothing and is no nought. `icb` keeps one board; `ENG` is
    all boards together, and beyond. With `public`, columns are those of `PUBLIC`, and a series is listed only where
    each of its months has `FEWEST_LISTED` patients or none, in all the months that the ledger holds.
    Source: NHS England, Making Data Count (XmR). Limits of use: a season looks like a change where its months
    are not in the baseline; what a provider has not sent looks like a fall.
    """
    _check(measure)
    known = register or Register.load(workspace)

    def make() -> Result:
        return _trends(workspace, lines, measure, boundaries, start, until, icb, public, known)

    if not public:
        return make()
    asked_for = {"measure": measure, "boundaries": boundaries, "start": start, "until": until, "icb": icb}
    return kept_result(workspace, known, "trends", lines, asked_for, make)


def _trends(
    workspace: Workspace,
    lines: str,
    measure: str,
    boundaries: date | None,
    start: Month | None,
    until: Month | None,
    icb: str | None,
    public: bool,
    register: Register,
) -> Result:
    with _years_of(workspace, lines, boundaries, register) as asked:
        grid = _grid(asked, measure, start, until, by_line=True, together=icb == ENGLAND)
        gaps = [*asked.gaps, *_months_missing(grid)]
        chosen, short = _long_enough(grid, icb)
        if short:
            gaps.append(
                Gap(f"{short:,} lines of boards", "chart", f"fewer than {FEWEST} of their months are held")
            )
        notes = []
        if public:
            told = _listed(asked, grid, chosen)
            notes = [_listed_said(len(chosen) - len(told), len(chosen))]
            chosen = told
        rows = _changed(asked, grid, chosen, measure)
        if not rows:
            gaps.append(Gap(asked.lines.name, "signal", "every series' last month is common variation"))
        return Result(
            title=f"What changed in {measure}: {asked.lines.name}",
            table=_public_table(rows) if public else _table(rows),
            notes=(
                *asked.scope(),
                f"Charts of {len(chosen):,} lines of boards from {_name(grid.months[0])} to "
                f"{_name(grid.months[-1])}; mean and limits of the first {min(BASELINE, len(grid.months))} months.",
                *notes,
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
    hidden: Mapping[str, str] | None = None,
    register: Register | None = None,
) -> Result:
    """The chart of some lines together, of one board or of all (`ENG` or none): a row for each month; see `POINTS`.

    From `start` to `until`, as `trends` takes them. `hidden` are the areas of which everybody may not see the chart,
    and why (`public_charts.hidden_charts`): of such a one the months have no value, and counts of others are rounded.
    Raises `InsightError` for a board that the ledger has nothing of.
    """
    _check(measure)
    board = None if icb == ENGLAND else icb
    with _years_of(workspace, lines, boundaries, register) as asked:
        grid = _grid(asked, measure, start, until, by_line=False, together=board is None)
        rows = [place for place, (_, area) in enumerate(grid.keys) if board in (None, area)]
        if not rows and board is not None:
            named = ", ".join(sorted({area for _, area in grid.keys})) or "none"
            raise InsightError(
                f"The ledger has nothing of {asked.lines.name} for {board}: choose from {named}."
            )
        values = grid.values[rows[0]] if rows else np.full(len(grid.months), np.nan)
        of = name_of(asked.register, board) if board else TOGETHER.lower()
        gaps = [*asked.gaps, *_months_missing(grid)]
        if not rows:
            gaps.append(Gap(asked.lines.name, "chart", "the ledger has nothing of it"))
        notes = ["Mean ± 2.66 × mean moving range of the first 12 months (XmR)."]
        if hidden is not None:
            values = _rounded(values) if measure == "lines" else values
            notes.append(CHART_SAID)
            if why := hidden.get(board or ENGLAND):
                values = np.full(values.shape, np.nan)
                gaps.append(Gap(of, "chart", why))
        chart = _chart(values[None])
        if rows and np.isnan(chart.lower).all() and not (hidden and hidden.get(board or ENGLAND)):
            gaps.append(Gap(of, "limits", "fewer than two of its months are held"))
        return Result(
            title=f"{measure.capitalize()} by month: {asked.lines.name}, {of}",
            table=_points(grid.months, values, chart),
            notes=(*asked.scope(), *notes),
            gaps=tuple(gaps),
            synthetic=asked.synthetic,
        )


CHART_SAID = (
    f"A chart is withheld whole where any month that the ledger holds has 1 to {SMALL} patients, where the pages on "
    "spend a head withhold the board in any year, or where it would tell of another that is. Lines are rounded to the "
    f"nearest {ROUNDING}; means and limits are of what is shown."
)


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.floor(values / ROUNDING + 0.5) * ROUNDING)


def all_months(
    asked: Opened,
) -> tuple[list[str], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """The areas of a question, `ENG` for all together, with patients of every month held, and where anything is.

    Of several lines, patients are those of the line that has most: all of them together have as many at least.
    """
    first = min(asked.months, key=lambda month: month.start)
    apart = _grid(asked, "lines", first, None, by_line=False)
    pounds = _grid(asked, "spend", first, None, by_line=False)
    keys = [*apart.keys, ("", ENGLAND)]
    patients = patients_by_month(asked, keys, apart.months, by_line=False)
    active = (np.nan_to_num(apart.values) != 0) | (np.nan_to_num(pounds.values) != 0)
    return [area for _, area in keys], patients, np.vstack([active, active.any(axis=0)])


def _check(measure: str) -> None:
    if measure not in MEASURES:
        raise InsightError(f"{measure!r} cannot be charted: choose {' or '.join(MEASURES)}.")


def _years_of(workspace: Workspace, lines: str, boundaries: date | None, register: Register | None) -> Any:
    from speccom.ledger.manifest import require_manifest
    from speccom.ledger.summaries import years_held

    return opened(workspace, lines, years_held(require_manifest(workspace)), boundaries, register)


def _grid(
    asked: Opened,
    measure: str,
    start: Month | None,
    until: Month | None,
    *,
    by_line: bool,
    together: bool = False,
) -> _Grid:
    """Every series over every month of the window, by line and board, by board alone, or with boards together."""
    run_steps(asked.engine, __package__, ["series"])
    held_months = sorted(asked.months, key=lambda month: month.start)
    months = _window(held_months, start, until)
    held = np.array([month in held_months for month in months])
    found = asked.engine.fetch("select * from series")
    if not by_line:
        found = found.set_column(0, "service_line", pa.repeat("", found.num_rows))
    if together:
        found = found.set_column(1, "area", pa.repeat(ENGLAND, found.num_rows))
    keys, rows = _keyed(found)
    places = _month_places(found, months)
    inside = places >= 0
    amounts = np.asarray(found["actual" if measure == "spend" else "lines"].cast(pa.float64()).to_numpy())
    values = np.where(held, 0.0, np.nan) * np.ones((len(keys), 1))
    np.add.at(values, (rows[inside], places[inside]), amounts[inside])
    before = np.array([month.start < BOARDS_BEGAN for month in months])
    of_board = np.array([area not in {ENGLAND, *NOT_A_BOARD} for _, area in keys], dtype=bool)
    values[np.ix_(of_board, before)] = np.nan
    return _Grid(keys, months, held, values)


def _keyed(found: pa.Table) -> tuple[list[tuple[str, str]], npt.NDArray[np.int64]]:
    """The lines and areas of a table, each pair once in order, and each row's place among them."""
    lines, areas = (found[name].combine_chunks().dictionary_encode() for name in ("service_line", "area"))
    line_codes, area_codes = (
        np.asarray(each.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
        for each in (lines, areas)
    )
    size = max(len(areas.dictionary), 1)
    pairs, of_row = np.unique(line_codes * size + area_codes, return_inverse=True)
    named = [
        (str(lines.dictionary[int(pair) // size]), str(areas.dictionary[int(pair) % size])) for pair in pairs
    ]
    order = sorted(range(len(named)), key=named.__getitem__)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return [named[each] for each in order], place[of_row.ravel()]


def _month_places(found: pa.Table, months: Sequence[Month]) -> npt.NDArray[np.int64]:
    """Each row's place among some months; -1 outside them."""
    numbers = {month.year.start_year * 12 + month.number: place for place, month in enumerate(months)}
    first, last = min(numbers), max(numbers)
    place_of = np.full(last - first + 1, -1, np.int64)
    for number, place in numbers.items():
        place_of[number - first] = place
    years = found["financial_year"].combine_chunks().dictionary_encode()
    starts = np.array(
        [FinancialYear.parse(str(code)).start_year for code in years.dictionary.to_pylist()], np.int64
    )
    of_year = (
        starts[np.asarray(years.indices.to_numpy(zero_copy_only=False), np.int64)] if len(starts) else starts
    )
    at = of_year * 12 + found["month"].cast(pa.int64()).to_numpy() - first
    inside = (at >= 0) & (at < len(place_of))
    return np.where(inside, place_of[np.clip(at, 0, len(place_of) - 1)], -1)


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


def _listed(asked: Opened, grid: _Grid, chosen: Sequence[int]) -> list[int]:
    """The series of which each month that the ledger holds has patients enough, or has nothing at all.

    Whatever months are charted: else the same series would be listed in one window and not in another.
    """
    if asked.boundaries is not None:
        raise InsightError("Everybody may see boards as they were only: their patients are counted so.")
    whole = _grid(
        asked,
        "lines",
        min(asked.months, key=lambda month: month.start),
        None,
        by_line=True,
        together=_is_together(grid),
    )
    keys = {key: place for place, key in enumerate(whole.keys)}
    patients = patients_by_month(asked, whole.keys, whole.months, by_line=True)
    enough = (patients >= FEWEST_LISTED) | (np.nan_to_num(whole.values) == 0)
    return [row for row in chosen if enough[keys[grid.keys[row]]].all()]


def _is_together(grid: _Grid) -> bool:
    return any(area == ENGLAND for _, area in grid.keys)


def _listed_said(left_out: int, everything: int) -> str:
    return (
        f"Not listed: {left_out:,} of {everything:,} series, of which a month has fewer than {FEWEST_LISTED} "
        "patients. Sizes are bands, and the small charts say parts of the baseline’s mean, to the nearest 5 in 100: "
        "from them no pounds or patients of anybody follow."
    )


def patients_by_month(
    asked: Opened, keys: Sequence[tuple[str, str]], months: Sequence[Month], *, by_line: bool
) -> npt.NDArray[np.float64]:
    """Distinct patients of each series in each month; of several lines together, as many at least."""
    step = "seen_by_line" if by_line else "seen_asked"
    run_steps(asked.engine, __package__, [step])
    found = asked.engine.fetch(f"select * from {step}")
    held = found if by_line else found.append_column("service_line", pa.repeat("", found.num_rows))
    place_of = {key: place for place, key in enumerate(keys)}
    named, of_row = _keyed(held)
    rows = np.array([place_of.get(key, -1) for key in named], np.int64)[of_row] if named else of_row
    places = _month_places(held, months)
    known = (rows >= 0) & (places >= 0)
    patients = np.zeros((len(keys), len(months)))
    counts = np.asarray(found["patients"].cast(pa.float64()).to_numpy())
    np.maximum.at(patients, (rows[known], places[known]), counts[known])
    return patients


def _changed(asked: Opened, grid: _Grid, chosen: Sequence[int], measure: str) -> list[dict[str, Any]]:
    if not chosen:
        return []
    values = grid.values[chosen]
    chart = _chart(values)
    last = int(np.flatnonzero(grid.held)[-1])
    direction, rule = chart.direction, chart.rule
    before = _direction_before(values, grid.held, last)
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
                "icb_name": TOGETHER if area == ENGLAND else name_of(asked.register, area),
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
                "new": bool(before[series] != direction[series, last]),
                "note": _note(int(chart.points[series, last]), mean),
                "values": values[series],
            }
        )
    rows.sort(key=lambda row: (-abs(row["change"]), row["service_line"], row["icb"]))
    return [{"rank": rank, **row} for rank, row in enumerate(rows, start=1)]


def _direction_before(
    values: npt.NDArray[np.float64], held: npt.NDArray[np.bool_], last: int
) -> npt.NDArray[np.int8]:
    """The direction of each series' signal in the chart that ended a held month earlier; 0 for none."""
    earlier = np.flatnonzero(held[:last])
    if not len(earlier):
        return np.zeros(len(values), np.int8)
    chart = _chart(values[:, : int(earlier[-1]) + 1])
    return np.asarray(chart.direction[:, -1])


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
    kinds["new"] = pa.bool_()
    kinds |= dict.fromkeys(
        ("mean", "lower", "upper", "latest", "level", "change", "change_share"), pa.float64()
    )
    return described(
        {
            name: (column, [row[name] for row in held], kinds.get(name, pa.string()))
            for name, column in COLUMNS.items()
        }
    )


def _public_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """The rows as everybody may see them; each month as a part of the baseline's mean, and the change as a band."""
    told = []
    for row in rows:
        mean = row["mean"]
        if not mean > 0:  # without a baseline no part of it can be told
            continue
        unit = "£" if row["measure"] == "spend" else ""
        told.append(
            {
                **row,
                "size": amount_band(row["change"], unit),
                "change_share": round(row["change_share"], 2),
                "index": [None if np.isnan(each) else _index(each, mean) for each in row["values"]],
                "index_lower": _index(row["lower"], mean),
                "index_upper": _index(row["upper"], mean),
            }
        )
    kinds: dict[str, pa.DataType] = {
        **dict.fromkeys(("rank", "months"), pa.int64()),
        **dict.fromkeys(("change_share", "index_lower", "index_upper"), pa.float64()),
        "new": pa.bool_(),
        "index": pa.list_(pa.float64()),
    }
    return described(
        {
            name: (column, [row[name] for row in told], kinds.get(name, pa.string()))
            for name, column in PUBLIC.items()
        }
    )


def _index(value: float, mean: float) -> float:
    return to_nearest(100 * value / mean, INDEX_STEP)


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
