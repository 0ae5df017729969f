"""Words, tables and pictures of a position; every group in them was held to the fewest patients before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from speccom.charts import position as pictures
from speccom.charts.drawing import MADE_UP
from speccom.charts.units import percent
from speccom.charts.words import pounds_short, short_name
from speccom.finance.position.shown import OTHERS
from speccom.insight.result import Result
from speccom.period import Month
from speccom.site.core.pages import Cell, Link, Number, Page, Table, table
from speccom.site.finance.forms.position import Question, written
from speccom.site.finance.presenters.shared import opens, picture
from speccom.site.finance.queries.position import Found
from speccom.site.insight.presenters import Picture

PROTECTED = (
    "Lines and providers with 1 to 7 patients in any month of the year are one row together, so that no month’s cost "
    "can be a person’s."
)


@dataclass(frozen=True, kw_only=True)
class PositionPage(Page):
    """A position, or the choice of whose; `months` and `bodies` are what can be chosen, each (value, words)."""

    action: str
    months: tuple[tuple[str, str], ...]
    bodies: tuple[tuple[str, str], ...]
    asked: Question
    answer: str = ""
    pictures: tuple[Picture, ...] = ()
    opening: str = ""
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    synthetic: bool = False


def choose_page(
    asked: Question, found: Result, months: Sequence[Month], bodies: tuple[tuple[str, str], ...]
) -> PositionPage:
    """Every commissioner at a month, each leading on to its own position."""
    drawn = pictures.variances(found, "commissioner")
    synthetic = found.synthetic
    return PositionPage(
        title=f"Position: plan, budget and the full year{' (synthetic data)' if synthetic else ''}",
        lead="What each board or hub has spent against its plan and budget, and what the year will come to.",
        trail=(Link("Finance", reverse("finance")),),
        tables=(_everybody(asked, found),),
        sources=(*((MADE_UP,) if synthetic else ()), *found.said()),
        action=reverse("position"),
        months=_months(months),
        bodies=bodies,
        asked=asked,
        answer=_answer_of_all(found, asked.month),
        pictures=(picture(drawn, "Variances by commissioner"),) if drawn else (),
        opening="Each commissioner leads to its own position, and each number to its working.",
        notes=found.notes,
        gaps=found.said()[len(found.notes) :],
        synthetic=synthetic,
    )


def _answer_of_all(found: Result, month: Month) -> str:
    rows = found.table.to_pylist()
    goal = pictures.against(rows)
    held = [row for row in rows if row[f"{goal}_variance"] is not None]
    over = sum(row[f"{goal}_variance"] > 0 for row in held)
    said = (
        f"{len(rows):,} commissioner{'s' * (len(rows) != 1)} can be shown to the end of {month.start:%B %Y}"
    )
    if not held:
        return f"{said}; none has a plan or budget to be held against."
    return f"{said}; {over:,} of {len(held):,} had spent more than the {goal}."


def _everybody(asked: Question, found: Result) -> Table:
    rows = found.table.to_pylist()
    goal = pictures.against(rows)
    numbers = {
        "actual": "Actual (£)",
        goal: f"{goal.capitalize()} (£)",
        f"{goal}_variance": "Variance (£)",
        f"{goal}_variance_share": "Variance (%)",
        "forecast": "Forecast (£)",
        "forecast_lower": "Lower end (£)",
        "forecast_upper": "Upper end (£)",
        "forecast_variance": "Less plan or budget (£)",
        "forecast_per_head": "Forecast a head (£)",
        **({"target_share": "Forecast, % of target"} if any(row["target"] for row in rows) else {}),
    }
    return table(
        "commissioner",
        f"Every commissioner: April to {asked.month.start:%B %Y}, and forecast of the full year",
        ("Commissioner", "Code", *numbers.values()),
        (
            (
                Link(
                    short_name(row["commissioner_name"]),
                    reverse("position", query=asked.query | {"commissioner": row["commissioner"]}),
                ),
                row["commissioner"],
                *(
                    _said(row[name], name, _opened(Question(row["commissioner"], asked.month), "", "", name))
                    for name in numbers
                ),
            )
            for row in sorted(rows, key=lambda row: (-row["actual"], row["commissioner"]))
        ),
    )


def _said(value: Decimal | float | None, name: str, address: str | None = None) -> Number:
    """A number of a position as a table has it: whole pounds, pounds and pence a head, or a share."""
    if isinstance(value, float):
        return opens(Decimal(repr(value)), "share", address, 1)
    if value is not None and name.endswith("_per_head"):
        return Number(f"{value:,.2f}".replace("-", "−"), value, True, address)
    return opens(value, "£", address)


def position_page(
    asked: Question, found: Found, months: Sequence[Month], bodies: tuple[tuple[str, str], ...]
) -> PositionPage:
    """One commissioner's position at a month."""
    row = found.whole.table.to_pylist()[0]
    goal = "budget" if row["budget"] is not None else "plan"
    whole = found.course.table[f"{goal}_to_date"].to_pylist()[-1] is not None
    drawn = [
        ("The full year", pictures.course(found.course, goal if whole else "plan")),
        ("Variances by service line", pictures.variances(found.lines, "service_line")),
        ("Variances by provider", pictures.variances(found.providers, "provider")),
    ]
    told = (*found.providers.notes[-1:], *found.challenges.notes, *found.risks.notes)
    notes = tuple(dict.fromkeys((PROTECTED, *found.lines.notes, *told)))
    gaps = dict.fromkeys(
        said
        for result in (found.whole, found.lines, found.providers, found.challenges, found.risks)
        for said in result.said()[len(result.notes) :]
    )
    name = short_name(row["commissioner_name"])
    synthetic = found.whole.synthetic
    return PositionPage(
        title=f"Position: {name}, {asked.month.start:%B %Y}{' (synthetic data)' if synthetic else ''}",
        lead="Year to date against plan and budget, and the full year at the run-rate of its months.",
        trail=(Link("Finance", reverse("finance")), Link("Positions", reverse("position"))),
        tables=(
            _whole(asked, row),
            _by(asked, found.lines, "service_line", "By service line"),
            _by(asked, found.providers, "provider", "By provider"),
            _course(asked, found.course),
            *(each for each in (_challenges(asked, found.challenges), _risks(found.risks)) if each.rows),
        ),
        sources=(*((MADE_UP,) if synthetic else ()), *notes, *gaps),
        action=reverse("position"),
        months=_months(months),
        bodies=bodies,
        asked=asked,
        answer=_answer(row, asked.month, goal),
        pictures=tuple(picture(figure, heading) for heading, figure in drawn if figure),
        opening="Each number opens to its working; a risk has its working beside it.",
        notes=notes,
        gaps=tuple(gaps),
        synthetic=synthetic,
    )


def _answer(row: Mapping[str, Any], month: Month, goal: str) -> str:
    said = (
        f"{row['commissioner_name']} had spent {pounds_short(row['actual'])} by the end of {month.start:%B %Y}"
        f"{_than(row['actual'], row[goal], goal)}."
    )
    doubtful = row["forecast_lower"] is not None and row["forecast_lower"] < row["forecast_upper"]
    if row["forecast"] is None or (month.number == 12 and not doubtful):
        return said
    between = ""
    if doubtful:
        between = f", between {pounds_short(row['forecast_lower'])} and {pounds_short(row['forecast_upper'])}"
    against = row["forecast_against"]
    than = _than(row["forecast"], row[f"year_{against}"], against) if against else ""
    rate = "At this rate the year ends" if month.number < 12 else "Once its last months are complete it ends"
    return f"{said} {rate} at {pounds_short(row['forecast'])}{between} (80% interval){than}."


def _than(value: Decimal, goal: Decimal | None, name: str) -> str:
    if not goal:
        return ""
    more = value - goal
    share = percent(abs(float(more / goal)))
    return f", {pounds_short(abs(more))} ({share}) {'more' if more > 0 else 'less'} than its {name}"


# --- tables


def _whole(asked: Question, row: Mapping[str, Any]) -> Table:
    def cell(name: str) -> Number:
        address = None if row[name] is None else _opened(asked, "", "", name)
        return _said(row[name], name, address)

    return table(
        "position",
        f"{row['commissioner_name']}: year to date and full year",
        ("What", "Year to date (£)", "Full year (£)"),
        (
            ("Actual, and forecast", cell("actual"), cell("forecast")),
            ("Lower end of the forecast", "", cell("forecast_lower")),
            ("Upper end of the forecast", "", cell("forecast_upper")),
            ("Plan", cell("plan"), cell("year_plan")),
            ("Actual less plan", cell("plan_variance"), _after(row, "plan", asked)),
            ("Budget", cell("budget"), cell("year_budget")),
            ("Actual less budget", cell("budget_variance"), _after(row, "budget", asked)),
            ("A head of its people (£)", cell("actual_per_head"), cell("forecast_per_head")),
            ("Target", "", cell("target")),
            ("Forecast as a share of the target", "", cell("target_share")),
        ),
    )


def _after(row: Mapping[str, Any], goal: str, asked: Question) -> Number:
    """Forecast less plan or budget of the year."""
    if row["forecast"] is None or row[f"year_{goal}"] is None:
        return opens(None, "£", None)
    address = _opened(asked, "", "", f"forecast_less_{goal}")
    return opens(row["forecast"] - row[f"year_{goal}"], "£", address)


def _by(asked: Question, result: Result, dimension: str, caption: str) -> Table:
    goal = pictures.against(result.table.to_pylist())
    rows = sorted(
        result.table.to_pylist(), key=lambda row: (row[dimension] == OTHERS, -row["actual"], row[dimension])
    )
    names: tuple[str, ...] = (
        "actual",
        goal,
        f"{goal}_variance",
        "forecast",
        "forecast_variance",
        "forecast_per_head",
        "target_share",
    )
    targeted = any(row["target"] for row in rows)
    names = names if targeted else names[:-1]
    headings = (
        "Actual (£)",
        f"{goal.capitalize()} (£)",
        "Variance (£)",
        "Forecast (£)",
        "Less plan or budget (£)",
        "Forecast a head (£)",
        *(("Forecast, % of target",) if targeted else ()),
    )
    return table(
        dimension,
        f"{caption}: year to date, and forecast of the full year",
        (dimension.replace("_", " ").capitalize(), "Code", *headings),
        (
            (
                short_name(row[f"{dimension}_name"]),
                "" if row[dimension] == OTHERS else row[dimension],
                *(_number(asked, row, dimension, name) for name in names),
            )
            for row in rows
        ),
    )


def _number(asked: Question, row: Mapping[str, Any], dimension: str, name: str) -> Cell:
    address = None if row[name] is None else _opened(asked, dimension, row[dimension], name)
    return _said(row[name], name, address)


def _course(asked: Question, result: Result) -> Table:
    def cell(row: Mapping[str, Any], name: str) -> Number:
        month = row["month"].rpartition(" ")[2]
        return opens(row[name], "£", None if row[name] is None else _opened(asked, "month", month, name))

    names = ("recorded", "plan", "budget", "expected", "expected_to_date", "lower", "upper")
    headings = (
        "Recorded",
        "Plan",
        "Budget",
        "Expected in the end",
        "Added up from April",
        "Lower end",
        "Upper end",
    )
    return table(
        "months",
        "Month by month, in pounds",
        ("Month", *headings),
        ((row["month_name"], *(cell(row, name) for name in names)) for row in result.table.to_pylist()),
    )


def _challenges(asked: Question, result: Result) -> Table:
    def opened(place: int, name: str) -> str:
        return _opened(asked, "challenge", str(place), name)

    return table(
        "challenges",
        "Pounds at challenge, year to date, to the first figure",
        ("Direction", "Provider", "The other body", "Lines", "Cost (£)", "Effect on spend (£)"),
        (
            (
                row["direction"][0].upper() + row["direction"][1:],
                short_name(row["provider_name"]),
                short_name(row["other_name"]),
                Number(f"{row['lines']:,}", row["lines"], True, opened(place, "lines")),
                _said(row["cost"], "cost", opened(place, "cost")),
                _said(row["effect"], "effect", opened(place, "effect")),
            )
            for place, row in enumerate(result.table.to_pylist(), start=1)
        ),
    )


def _risks(result: Result) -> Table:
    return table(
        "risks",
        "Risks in the year, the most pounds first; they overlap and are not added up",
        ("Risk", "Of", "Pounds (£)", "Direction", "Working"),
        (
            (row["kind"], row["subject"], _said(row["pounds"], "pounds"), row["direction"], row["working"])
            for row in result.table.to_pylist()
        ),
    )


def _opened(asked: Question, by: str, code: str, number: str) -> str:
    said = asked.query | {"by": by, "code": code, "number": number}
    return reverse("explain-position", query={name: value for name, value in said.items() if value})


def _months(months: Sequence[Month]) -> tuple[tuple[str, str], ...]:
    return tuple((written(month), f"{month.start:%B %Y}") for month in reversed(months))
