"""Words, tables and pictures of what changed, how steady it is and at which size to plan it; decides no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from speccom.charts.control import control_chart, small_charts
from speccom.charts.drawing import MADE_UP
from speccom.charts.tiers import (
    RUNGS,
    bar_in_words,
    chance_in_words,
    fails_in_words,
    ladder,
    sensitivity,
    tiers_overview,
)
from speccom.charts.units import NOTHING, heading, said
from speccom.charts.volatility import volatility_picture
from speccom.insight.areas import ENGLAND
from speccom.insight.result import Result
from speccom.insight.tiers import CHANCE, LADDER, PROVIDERS, SMALLEST, Settings
from speccom.insight.tiers import OUT_OF_AREA as TOO_FAR
from speccom.insight.volatility import Tiers
from speccom.ledger.manifest import Manifest
from speccom.site.core.library import register
from speccom.site.core.pages import Cell, Link, Number, Page, Table, table
from speccom.site.insight.forms import question
from speccom.site.insight.planning_forms import (
    EACH,
    OUT_OF_AREA,
    Changes,
    Planning,
)
from speccom.site.insight.presenters import (
    WITHHELD,
    Picture,
    asked_name,
    cell_of,
    choices,
    explained_of,
    picture_of,
)

Row = Mapping[str, Any]
DRAWN = 6
"""Small charts that a page shows."""
MOST = 100
"""Rows of a table that a page shows; files of one line, service or programme have all of them."""
MEASURES = {"spend": "Spend, £ a month", "lines": "Activity, lines a month"}
_CHANGED = ("icb_name", "direction", "since", "months", "change_share", "size", "signal", "note")
_POINTS = ("month_name", "value", "mean", "lower", "upper", "signal", "direction")
_VARIES = (
    "observed_variation",
    "chance_variation",
    "volume_variation",
    "provider_income_variation",
    "pooling_gain",
    "concentration",
    "out_of_area_share",
    "patients",
    "spend",
)
_OF_ENGLAND = ("provider_income_variation",)
"""What is known of England alone, and no column for smaller areas."""
_TIER_COLUMNS = (
    "recommended",
    "decided_by",
    "chance",
    "footprint_below",
    "chance_below",
    "providers",
    "settings_that_agree",
    "spend",
)
_RUNG_COLUMNS = (
    "Size of area",
    "Areas",
    "Chance of missing",
    "Variation by chance",
    "Providers",
    "Out of area",
    "Fails",
)


@dataclass(frozen=True, slots=True)
class Select:
    """One choice of a form: options as (value, words), and what stands first where nothing was chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    first: str = ""


@dataclass(frozen=True, kw_only=True)
class PlanPage(Page):
    """One answer: what can be asked otherwise, what it says in short, pictures, how to read them, what is missing."""

    action: str
    lines: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    chosen_lines: str
    selects: tuple[Select, ...]
    synthetic: bool
    summary: tuple[str, ...]
    pictures: tuple[Picture, ...]
    reading: tuple[str, ...]
    notes: tuple[str, ...]
    not_said: tuple[str, ...]
    explained: tuple[tuple[str, str], ...]
    others: tuple[Link, ...]


# --- what changed


def changes_page(held: Manifest, asked: Changes, result: Result) -> PlanPage:
    """What changed by a month: what is new first, then what has lasted, each a click from its chart."""
    rows = result.table.to_pylist()
    new, lasting = [row for row in rows if row["new"]], [row for row in rows if not row["new"]]
    month = _month_words(held, asked)
    drawn = [
        picture_of(small_charts(result, [*new, *lasting][:DRAWN]), "The biggest, new ones first"),
    ]
    tables = [
        _changed_table(result, asked, "new", f"New in {month}", new),
        _changed_table(result, asked, "lasting", f"Changed before, and still so in {month}", lasting),
    ]
    return _page(
        held,
        result,
        title=f"What changed by {month}: {asked_name(result)}",
        lead=f"Of which services {_what(asked.measure)} is no longer what it was: more than months differ by chance.",
        action="insight-changes",
        lines=asked.lines,
        selects=_change_selects(held, asked, boards_each=True),
        summary=_changes_said(rows, new, month),
        pictures=drawn,
        reading=_READ_CHANGES,
        tables=[each for each in tables if each.rows],
        explained=explained_of(result, _CHANGED),
        others=(Link("All of these together, month by month", _control(asked, asked.lines, asked.icb)),),
    )


_READ_CHANGES = (
    "A chart takes the mean of its first twelve months, and how far one month usually lies from the next. The band is "
    "where a month then lies by chance; 100 is the mean.",
    "A change is a month outside the band, seven in a row on one side of the mean, seven rising or falling, or two of "
    "three near an edge of the band. Triangles mark the months of the change that goes on.",
    "New means that the chart up to the month before did not show it.",
    "A season looks like a change where its months are not among the first twelve. What a hospital has not sent yet "
    "looks like a fall. Of many charts, a few signal by chance.",
)


def _changes_said(rows: Sequence[Row], new: Sequence[Row], month: str) -> tuple[str, ...]:
    if not rows:
        return (f"Nothing that may be shown had changed by {month}.",)
    up = sum(row["direction"] == "up" for row in rows)
    return (
        f"{len(new):,} {'is' if len(new) == 1 else 'are'} new in {month}, and {len(rows) - len(new):,} "
        f"{'goes' if len(rows) - len(new) == 1 else 'go'} on from before: {up:,} up, {len(rows) - up:,} down.",
    )


def _changed_table(result: Result, asked: Changes, key: str, caption: str, rows: Sequence[Row]) -> Table:
    fields = [result.table.schema.field(name) for name in _CHANGED]
    return table(
        key,
        caption,
        ("Service line", *(heading(field) for field in fields)),
        (
            (
                Link(row["service_line_name"], _control(asked, row["service_line"], row["icb"])),
                *(cell_of(row, field) for field in fields),
            )
            for row in rows
        ),
    )


def _control(asked: Changes, lines: str, icb: str) -> str:
    query = {
        "lines": lines,
        "icb": "" if icb in (ENGLAND, EACH) else icb,
        "measure": "" if asked.measure == "spend" else asked.measure,
        "until": asked.until.short if asked.until else "",
    }
    return reverse("control", query={key: value for key, value in query.items() if value})


def control_page(held: Manifest, asked: Changes, result: Result) -> PlanPage:
    """One control chart, large, and what it says in plain words."""
    figure = control_chart(result)
    fields = [result.table.schema.field(name) for name in _POINTS]
    rows = result.table.to_pylist()
    months = table(
        "months",
        result.title,
        [heading(field) for field in fields],
        ([cell_of({**row, "withheld": row["value"] is None}, field) for field in fields] for row in rows),
    )
    back = {"lines": asked.lines, "icb": "" if asked.icb == ENGLAND else asked.icb, "measure": asked.measure}
    return _page(
        held,
        result,
        title=result.title,
        lead="Each month against the mean and the limits within which months differ by chance.",
        action="control",
        lines=asked.lines,
        selects=_change_selects(held, asked, boards_each=False),
        summary=(figure.description.removesuffix(f" {MADE_UP}"),)
        if figure
        else ("There is no chart of this: why stands below.",),
        pictures=[picture_of(figure, "Month by month")],
        reading=_READ_CONTROL if figure else (),
        tables=[months],
        explained=explained_of(result, _POINTS),
        others=(
            Link("What else changed", reverse("insight-changes", query={k: v for k, v in back.items() if v})),
            Link("How steady it is from year to year", reverse("volatility", query={"lines": asked.lines})),
            Link("Access and intensity of each board", reverse("variation", query={"lines": asked.lines})),
        ),
    )


def _why_no_chart(result: Result) -> tuple[str, ...]:
    return tuple(
        f"There is no chart of {gap.subject}: {gap.reason}." for gap in result.gaps if gap.missing == "chart"
    )


_READ_CONTROL = (
    "The line in the middle is the mean of the first twelve months. The limits lie 2.66 times the usual step from one "
    "month to the next above and below it: almost all months lie between them when nothing has changed.",
    "A month within the limits needs no explanation of its own. A marked month does: what happened then, to the "
    "patients, the prices, or the records?",
    "◆ outside the limits; ▲ seven in a row rising (or ▼ falling); ■ two of three near a limit; ● seven in a row on "
    "one side of the mean.",
    "A gap in the line is a month that the ledger does not hold. It is not a nought.",
)


# --- how steady


def volatility_page(held: Manifest, asked: Planning, result: Result) -> PlanPage:
    """Observed variation against what chance alone would make, for one size of area, or of one line for all."""
    every = result.table.to_pylist()
    one = len({row["service_line"] for row in every}) == 1
    rows = every if one else [row for row in every if row["footprint"] == asked.footprint]
    rows = sorted(rows, key=lambda row: (LADDER.index(row["footprint"]), -(row["observed_variation"] or -1)))
    england = one or asked.footprint == LADDER[-1]
    names = [name for name in _VARIES if england or name not in _OF_ENGLAND]
    fields = [result.table.schema.field(name) for name in names]
    first = "Size of area" if one else "Service line"
    numbers = table(
        "volatility",
        f"How steady at {'each size of area' if one else _IN_TEXT[asked.footprint]}: {asked_name(result)}",
        (first, *(heading(field) for field in fields)),
        (
            (
                RUNGS[row["footprint"]]
                if one
                else Link(
                    row["service_line_name"], reverse("volatility", query={"lines": row["service_line"]})
                ),
                *(cell_of(row, field) for field in fields),
            )
            for row in rows
        ),
    )
    shape = (
        None
        if one
        else Select(
            "footprint", "Size of area", tuple((rung, RUNGS[rung]) for rung in LADDER), asked.footprint
        )
    )
    return _page(
        held,
        result,
        title=f"How steady: {asked_name(result)}",
        lead="How much a year’s cost has varied, and how much it would by chance alone.",
        action="volatility",
        lines=asked.lines,
        selects=(shape,) if shape else (),
        summary=(),
        pictures=[picture_of(volatility_picture(result, asked.footprint), "Observed against chance")],
        reading=_READ_VOLATILITY,
        tables=[numbers] if rows else [],
        explained=explained_of(result, _VARIES),
        others=(
            Link("At which size to plan these", reverse("tiers", query={"lines": asked.lines})),
            Link("What changed month by month", reverse("insight-changes", query={"lines": asked.lines})),
        ),
    )


_READ_VOLATILITY = (
    "Variation is the coefficient of variation: how far a year usually lies from the expected one, as a share of it. "
    "At 0.10 two years in three lie within 10%.",
    "Chance alone is what few patients of unlike cost make, with nothing else changing. A line well above the diagonal "
    "has varied more than that: prices, policy, coding, or numbers that truly went up and down.",
    "A line below the diagonal has varied less: chance here takes each year’s patients to be new, and of many services "
    "the same people come back.",
    "Few years tell little: of four, the true variation may be half or six times what was observed, and of three far "
    "more. Do not rank services by it.",
    "Pooling gain is the part of one board’s variation that is gone when areas are planned together. Concentration is "
    "near 1 where one provider has almost all, near 0 where many share.",
)


# --- at which size


def tiers_page(held: Manifest, asked: Planning, found: Tiers) -> PlanPage:
    """All lines by recommended size, or one line’s ladder with what decided."""
    rows = found.lines.table.to_pylist()
    one = rows[0]["service_line"] if len(rows) == 1 else None
    if one:
        drawn = [
            picture_of(ladder(found, one), "The ladder"),
            picture_of(sensitivity(found, one), "At other bars"),
        ]
        tables = [_rung_table(found, one), _setting_table(found, one)]
        summary: tuple[str, ...] = (_recommended_said(rows[0], found),)
    else:
        drawn = [picture_of(tiers_overview(found), "Lines and pounds by size of area")]
        tables = [_tier_table(found, asked, rows)]
        summary = ()
    return _page(
        held,
        found.lines,
        title=f"At which size to plan: {asked_name(found.lines)}",
        lead="The smallest area at which a year’s cost can be foreseen. Arithmetic on the ledger, not policy or law.",
        action="tiers",
        lines=asked.lines,
        selects=_bar_selects(asked),
        summary=summary,
        pictures=drawn,
        reading=_READ_TIERS,
        tables=[each for each in tables if each.rows],
        explained=explained_of(found.lines, _TIER_COLUMNS),
        others=(
            Link("How steady these are", reverse("volatility", query={"lines": asked.lines})),
            *((Link("Who commissions it", reverse("line", args=[one])),) if one else ()),
        ),
    )


_READ_TIERS = (
    "A service that few people need costs a small area much in one year and little in the next, by chance alone. "
    "A larger area has steadier years.",
    "The ladder goes from one board over several (the area of their joint committee) and a region to England. "
    "Recommended is the smallest whose year’s cost lies further than q from the expected one with a chance of at most "
    "alpha, with providers enough and not too much spent outside.",
    "The bars are Speccom’s own, and can be changed above. Settings that agree is the share of other bars at which the "
    "answer is the same: the nearer to 100%, the firmer.",
    "Who may commission a service is for the law and its decisions to say: this page does not.",
)


_TOO = {
    CHANCE: "the chance is too high",
    PROVIDERS: "there are too few providers",
    TOO_FAR: "too much is spent outside",
}
_IN_TEXT = {"icb": "one board", "multi_icb": "several boards", "region": "a region", "england": "England"}


def _recommended_said(row: Row, found: Tiers) -> str:
    if row["recommended"] is None:
        return f"No size is recommended: {row['withheld'] or row['note']}."
    bars = found.thresholds
    size = RUNGS[row["recommended"]]
    fails = " and ".join(_TOO[each] for each in row["decided_by"].split(", ") if each in _TOO)
    if not row["met"]:
        return f"Not even England meets the bars: {fails}."
    below = row["footprint_below"]
    why = (
        "it is the smallest size there is"
        if row["decided_by"] == SMALLEST or not below
        else f"at the next smaller size ({_IN_TEXT[below]}) {fails}"
    )
    chance = "withheld" if row["chance"] is None else chance_in_words(row["chance"])
    return (
        f"{size}: {why}. The chance that a year’s cost strays by more than {bar_in_words(bars.q)} is {chance} "
        f"there, where at most {bar_in_words(bars.alpha)} is asked."
    )


def _tier_table(found: Tiers, asked: Planning, rows: Sequence[Row]) -> Table:
    fields = [found.lines.table.schema.field(name) for name in _TIER_COLUMNS]
    order = {rung: place for place, rung in enumerate(LADDER)}
    ordered = sorted(
        rows,
        key=lambda row: (
            row["recommended"] is None,
            not row["met"],
            order.get(row["recommended"], 0),
            -(row["spend"] or 0),
            row["service_line_name"],
        ),
    )
    return table(
        "tiers",
        f"Recommended size of area: {asked_name(found.lines)}",
        ("Service line", *(heading(field) for field in fields)),
        (
            (
                Link(row["service_line_name"], _tier_address(asked, row["service_line"])),
                *(_tier_cell(row, field) for field in fields),
            )
            for row in ordered
        ),
    )


def _tier_cell(row: Row, field: Any) -> Cell:
    value = row[field.name]
    if field.name == "recommended":
        if value is None:
            return WITHHELD if row["withheld"] else NOTHING
        return RUNGS[value] if row["met"] else "Not even England"
    if field.name == "footprint_below":
        return RUNGS[value] if value else NOTHING
    if field.name == "decided_by":
        return fails_in_words(value) or NOTHING
    if field.name in ("chance", "chance_below", "patients", "spend") and value is None and row["recommended"]:
        return Number(WITHHELD, None)
    return cell_of(row, field)


def _rung_table(found: Tiers, code: str) -> Table:
    rows = [row for row in found.rungs.to_pylist() if row["service_line"] == code]
    return table(
        "rungs",
        f"{found.lines.table['service_line_name'][0]}, at each size of area",
        _RUNG_COLUMNS,
        (
            (
                RUNGS[row["footprint"]],
                _number(row["units"], "units"),
                _told(row, "chance", "chance"),
                _told(row, "variation", "ratio"),
                _told(row, "providers", "providers"),
                row["out_of_area_share"] or (WITHHELD if row["withheld"] else NOTHING),
                row["gap"] or fails_in_words(row["fails"]) or "nothing",
            )
            for row in rows
        ),
    )


def _told(row: Row, name: str, unit: str) -> Number:
    value = row[name]
    return Number(WITHHELD, None) if value is None and row["withheld"] else _number(value, unit)


def _number(value: float | None, unit: str) -> Number:
    return Number(said(value, unit), value)


def _setting_table(found: Tiers, code: str) -> Table:
    rows = [row for row in found.sensitivity.to_pylist() if row["service_line"] == code]
    return table(
        "settings",
        "What would be recommended at other bars",
        ("Within (q)", "With a chance of at most (alpha)", "Providers at least", "Recommended"),
        (
            (
                _number(row["q"], "share"),
                _number(row["alpha"], "share"),
                int(row["fewest_providers"]),
                RUNGS[row["recommended"]] if row["met"] else "Not even England",
            )
            for row in rows
        ),
    )


def _tier_address(asked: Planning, code: str) -> str:
    bars = asked.bars
    query = {
        "lines": code,
        "q": f"{bars.q:g}",
        "alpha": f"{bars.alpha:g}",
        "providers": f"{bars.fewest_providers}",
        "out_of_area": f"{bars.most_out_of_area:g}",
    }
    return reverse("tiers", query=query)


# --- what can be asked


def _bar_selects(asked: Planning) -> tuple[Select, ...]:
    tried, bars = Settings(), asked.bars
    return (
        Select("q", "May stray by (q)", _shares(tried.q), f"{bars.q:g}"),
        Select("alpha", "With a chance of at most (alpha)", _shares(tried.alpha), f"{bars.alpha:g}"),
        Select(
            "providers",
            "Providers at least",
            tuple((f"{each:g}", f"{each:g}") for each in tried.fewest_providers),
            f"{bars.fewest_providers}",
        ),
        Select("out_of_area", "Spent outside at most", _shares(OUT_OF_AREA), f"{bars.most_out_of_area:g}"),
    )


def _shares(values: Sequence[float]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{each:g}", bar_in_words(each)) for each in values)


def _change_selects(held: Manifest, asked: Changes, *, boards_each: bool) -> tuple[Select, ...]:
    offered = choices(register(), held, question({"lines": asked.lines}, ""), ())
    each = ((EACH, "Every board by itself"),) if boards_each else ()
    months = [month.period for month in held.months if month.files]
    return (
        Select("icb", "Board", (*each, *offered.boards), asked.icb, "All boards together"),
        Select("measure", "What", tuple(MEASURES.items()), asked.measure),
        Select(
            "until",
            "By the end of",
            tuple((month.short, f"{month.start:%B %Y}") for month in reversed(months)),
            (asked.until or months[-1]).short,
        ),
    )


def _month_words(held: Manifest, asked: Changes) -> str:
    last = max(each.period.start for each in held.months if each.files)
    return f"{min(asked.until.start, last) if asked.until else last:%B %Y}"


def _what(measure: str) -> str:
    return "spend" if measure == "spend" else "activity"


def _page(
    held: Manifest,
    result: Result,
    *,
    title: str,
    lead: str,
    action: str,
    lines: str,
    selects: tuple[Select, ...],
    summary: tuple[str, ...],
    pictures: Sequence[Picture | None],
    reading: tuple[str, ...],
    tables: Sequence[Table],
    explained: tuple[tuple[str, str], ...],
    others: tuple[Link, ...],
) -> PlanPage:
    gaps = result.said()[len(result.notes) :]
    offered = choices(register(), held, question({"lines": lines}, ""), ())
    return PlanPage(
        title=f"{title} (synthetic data)" if result.synthetic else title,
        lead=lead,
        trail=(Link("Insight", reverse("insight")),),
        tables=tuple(tables),
        sources=(
            *((MADE_UP,) if result.synthetic else ()),
            f"Ledger built on {held.built:%-d %B %Y}",
            *result.notes,
            *gaps,
        ),
        action=reverse(action),
        lines=offered.lines,
        chosen_lines=lines,
        selects=selects,
        synthetic=result.synthetic,
        summary=summary,
        pictures=tuple(each for each in pictures if each is not None),
        reading=reading,
        notes=result.notes,
        not_said=gaps,
        explained=explained,
        others=others,
    )
