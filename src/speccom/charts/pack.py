"""The month-end pack as pages to read, print or send: headline, position, pictures, variances, challenges, risks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from speccom.charts import position as pictures
from speccom.charts.report import Block, Citations, Section, page, stylesheet
from speccom.charts.tables import Column, Table, write_out
from speccom.charts.units import percent
from speccom.charts.words import count, pounds, pounds_short, short_name
from speccom.errors import SpeccomError
from speccom.finance.position.month_end import MonthEnd, challenged_ways
from speccom.insight.result import Result

TOP = 10
"""Rows of each table of top variances, of what is due and of challenges; the workbook has them all."""
MOST_RISKS = 12
_EVERYTHING = 1_000_000  # nothing is folded away on paper
_MARK = "SYNTHETIC DATA: made up by Speccom’s generator, and about nobody."
_SOURCES = (
    (
        "Seasonal run-rate and interval: Royall, R.M. (1970), On finite population sampling theory under certain "
        "linear regression models, Biometrika 57, 377–387 (recalled)",
        "",
    ),
    (
        "Lines that changed: NHS England, Making Data Count (XmR charts)",
        "https://www.england.nhs.uk/publication/making-data-count/",
    ),
)


class PaperError(SpeccomError):
    """A page that cannot be made into a PDF on this machine; the message says what to install."""

    code = "no_pdf"


def title(of: MonthEnd) -> str:
    """What the pack is called."""
    return f"{short_name(of.name)}: month-end position, {of.month.start:%B %Y}"


def html(of: MonthEnd, *, on_paper: bool = False) -> str:
    """The pack as one self-contained HTML page; `on_paper` is the same with nothing folded away."""
    manifest = of.of.held.manifest
    return page(
        synthetic=of.synthetic,
        title=title(of),
        standfirst=" ".join(headline(of)),
        made=f"Ledger built {manifest.built:%-d %B %Y at %H:%M} UTC from register {manifest.snapshot}",
        keys=_keys(of),
        sections=_sections(of),
        css=stylesheet("pack") + (_paper_mark() if of.synthetic else ""),
        **({"fold_after": _EVERYTHING} if on_paper else {}),
    )


def pdf(of: MonthEnd) -> bytes:
    """The pack as a PDF. Raises `PaperError`, naming what to install, where WeasyPrint or Pango is not there."""
    try:
        from weasyprint import HTML
    except ImportError as error:
        raise PaperError(
            "A PDF needs WeasyPrint, which is not installed: install Speccom with its extra, `pip install "
            "'speccom[pdf]'`, or leave pdf out of --format."
        ) from error
    except OSError as error:  # it is there, and finds no library of the operating system
        raise PaperError(
            "A PDF needs Pango, which the operating system has and this one lacks: install it (on Debian and Ubuntu "
            "`apt install libpango-1.0-0 libpangoft2-1.0-0`, on macOS `brew install pango`), or leave pdf out of "
            "--format."
        ) from error
    written: bytes = HTML(string=html(of, on_paper=True), base_url=None).write_pdf()
    return written


def headline(of: MonthEnd) -> list[str]:
    """The month in a few sentences."""
    row, month = of.total, of.month
    goal = _goal(of)
    said = [
        f"{of.name} had spent {_short(row['actual'])} by the end of {month.start:%B %Y}"
        f"{_against(row['actual'], row[goal], goal)}."
    ]
    if row["forecast"] is not None:
        ends = ""
        if _in_doubt(row):
            between = f"{_short(row['forecast_lower'])} and {_short(row['forecast_upper'])}"
            ends = f" ({of.of.level:.0%} interval between {between})"
        year = row[f"year_{row['forecast_against']}"] if row["forecast_against"] else None
        rate = "At the present rate the year ends at"
        if month.number == 12:
            rate = (
                "Once its last months are complete the year comes to"
                if _in_doubt(row)
                else "The year came to"
            )
        said.append(
            f"{rate} {_short(row['forecast'])}{ends}{_against(row['forecast'], year, row['forecast_against'])}."
        )
    out, in_ = challenged_ways(of)
    if out or in_:
        said.append(
            f"{_short(out)} billed to it belongs to others by the decision table, and {_short(in_)} billed to others "
            "belongs to it."
        )
    return said


def _in_doubt(row: Mapping[str, Any]) -> bool:
    """Whether the full year has an interval that is more than one number."""
    return row["forecast_lower"] is not None and row["forecast_lower"] < row["forecast_upper"]


# --- sections


def _sections(of: MonthEnd) -> list[Section]:
    goal = _goal(of)
    sections = [
        ("position", "The position", _position(of)),
        ("forecast", "The full year", _forecast(of, goal)),
        ("lines", "Variances by service line", _variances(of.lines, "service_line")),
        ("providers", "Variances by provider", _variances(of.providers, "provider")),
        ("forms", "What is due by contract form", _forms(of)),
        ("challenges", "Pounds at challenge", _challenges(of)),
        ("risks", "Risks", _risks(of)),
        ("notes", "What these numbers rest on", _notes(of)),
    ]
    return [Section(key, heading, blocks) for key, heading, blocks in sections]


def _keys(of: MonthEnd) -> list[tuple[str, str]]:
    row, goal = of.total, _goal(of)
    keys = [(_short(row["actual"]), "actual, year to date")]
    if row[goal] is not None:
        keys.append(
            (_plus(row[f"{goal}_variance"]), f"against {goal}{_of_share(row[f'{goal}_variance_share'])}")
        )
    if row["forecast"] is not None:
        keys.append((_short(row["forecast"]), "forecast, full year"))
    if row["forecast_variance"] is not None:
        words = f"forecast against {row['forecast_against']}{_of_share(row['forecast_variance_share'])}"
        keys.append((_plus(row["forecast_variance"]), words))
    return keys


def _position(of: MonthEnd) -> list[Block]:
    row = of.total
    rows: list[list[Any]] = [
        ["Actual, and forecast of the full year", row["actual"], "", row["forecast"], ""]
    ]
    if _in_doubt(row):
        ends = f"{pounds(row['forecast_lower'])} to {pounds(row['forecast_upper'])}"
        rows.append([f"{of.of.level:.0%} interval of the forecast", "", "", ends, ""])
    for goal in ("budget", "plan"):
        to_date, year = row[goal], row[f"year_{goal}"]
        if to_date is None and year is None:
            continue
        more = row[f"{goal}_variance"]
        after = row["forecast"] - year if year is not None and row["forecast"] is not None else None
        rows.append([goal.capitalize(), to_date, "", year, ""])
        rows.append([f"Less {goal}", _signed(more), _part(more, to_date), _signed(after), _part(after, year)])
    rows.append(["Due under the contract forms", row["due"], "", row["due_year"], ""])
    if row["people"]:
        a_head = (
            "" if row[name] is None else f"£{row[name]:,.2f}"
            for name in ("actual_per_head", "forecast_per_head")
        )
        to_date, year = a_head
        rows.append([f"For each of {row['people']:,.0f} people", to_date, "", year, ""])
    if row["target"]:
        rows.append(["Target, and the forecast as a share of it", "", "", row["target"], row["target_share"]])
    if of.of.held.completion.shares:
        rows.append(["Actual as it is expected to end up", row["completed"], "", "", ""])
    table = write_out(
        f"{of.name}: year to date and full year, in pounds",
        [
            Column("What"),
            Column("Year to date", "pounds"),
            Column("%", "percent"),
            Column("Full year", "pounds"),
            Column("%", "percent"),
        ],
        [[each if each != "" else " " for each in cells] for cells in rows],
    )
    said = [row["note"][0].upper() + row["note"][1:] + "."] if row["note"] else []
    by_programme = of.programmes.table.to_pylist()
    programmes = _rows_table(
        of.programmes,
        "programme",
        "By programme of care, year to date and full year, in pounds",
        pictures.against(by_programme),
        sorted(by_programme, key=lambda each: -each["actual"]),
    )
    return [table, *said, programmes]


def _forecast(of: MonthEnd, goal: str) -> list[Block]:
    drawn = pictures.course(of.course, goal)
    held = of.of.held
    said = [held.seasons.said()]
    if not held.completion.shares:
        said.append(f"The months that are in are taken as complete: {held.completion.why}.")
    return [*([drawn] if drawn else ["There is nothing to draw."]), *said]


def _variances(result: Result, dimension: str) -> list[Block]:
    rows = result.table.to_pylist()
    goal = pictures.against(rows)

    def table(caption: str, rows: Sequence[Mapping[str, Any]]) -> Table:
        return _rows_table(result, dimension, f"{caption}, and the full year", goal, rows)

    drawn = pictures.variances(result, dimension, table)
    blocks: list[Block] = [drawn or "No variance can be given: there is neither plan nor budget by this."]
    unplanned = [row for row in rows if row[goal] is None and row["actual"]]
    if drawn and unplanned:
        spent = sum((row["actual"] for row in unplanned), Decimal(0))
        blocks.append(
            f"{count(len(unplanned))} rows with {_short(spent)} of spend have no {goal} and no variance."
        )
    return blocks


def _rows_table(
    result: Result, dimension: str, caption: str, goal: str, rows: Sequence[Mapping[str, Any]]
) -> Table:
    first = [Column(dimension.replace("_", " ").capitalize())]
    if dimension != "programme":
        first.append(Column("Code", "code"))
    return write_out(
        caption,
        [
            *first,
            Column("Actual", "pounds"),
            Column(goal.capitalize(), "pounds"),
            Column("Variance", "pounds"),
            Column("%", "percent"),
            Column("Forecast", "pounds"),
            Column(f"Less {goal}", "pounds"),
        ],
        [
            [
                short_name(row[f"{dimension}_name"]),
                *([row[dimension]] if dimension != "programme" else []),
                _whole(row["actual"]),
                _whole(row[goal]),
                _whole(row[f"{goal}_variance"]),
                _share(row[f"{goal}_variance_share"]),
                _whole(row["forecast"]),
                _whole(row["forecast_variance"] if row["forecast_against"] == goal else None),
            ]
            for row in rows
        ],
    )


def _forms(of: MonthEnd) -> list[Block]:
    rows = of.forms.table.to_pylist()
    if not of.of.contracts:
        return [
            "No contracts were imported, so everything counts as activity at price and what is due is the actual. "
            "Import them with speccom reference import contracts FILE."
        ]
    stated = [row for row in rows if row["form"] != "activity"]
    rest = [row for row in rows if row["form"] == "activity"]
    table = write_out(
        "Due by contract form, year to date, in pounds",
        [
            Column("Provider"),
            Column("Form"),
            Column("Months"),
            Column("Activity at price", "pounds"),
            Column("Fixed", "pounds"),
            Column("Variable", "pounds"),
            Column("Due", "pounds"),
            Column("Due less activity", "pounds"),
        ],
        [
            [
                short_name(row["provider_name"]),
                row["form_name"],
                row["months"],
                *(_whole(row[name]) for name in ("actual", "fixed", "variable", "due", "due_less_actual")),
            ]
            for row in stated[: 2 * TOP]
        ],
    )
    spent = sum((row["actual"] for row in rest), Decimal(0))
    said = (
        f"{count(len(rest))} providers without a contract in the list are taken at activity and price, {_short(spent)}."
        if rest
        else "Every provider has a contract in the list."
    )
    more = len(stated) - 2 * TOP
    return [table, said + (f" {count(more)} more contracts are in the workbook." if more > 0 else "")]


def _challenges(of: MonthEnd) -> list[Block]:
    rows = of.challenges.table.to_pylist()
    if not rows:
        return ["No line names another payer or category than the decision table assigns."]
    table = write_out(
        f"The {min(len(rows), TOP)} greatest of {len(rows):,} groups of challenges, in pounds",
        [
            Column("Provider"),
            Column("Which way"),
            Column("The other body"),
            Column("Lines", "count"),
            Column("Cost", "pounds"),
            Column("Reasons", "code"),
        ],
        [
            [
                short_name(row["provider_name"]),
                row["direction"],
                short_name(row["other_name"]),
                row["lines"],
                _whole(row["cost"]),
                row["reasons"],
            ]
            for row in rows[:TOP]
        ],
    )
    return [*of.challenges.notes, table]


def _risks(of: MonthEnd) -> list[Block]:
    rows = of.risks.table.to_pylist()
    if not rows:
        return ["No risk could be put in pounds; what is not said stands below.", *_gaps(of.risks)]
    table = write_out(
        f"Risks over the full year, the greatest first: {min(len(rows), MOST_RISKS)} of {len(rows)}",
        [
            Column("Risk"),
            Column("Of what"),
            Column("Pounds", "pounds"),
            Column("Which way"),
            Column("Working"),
        ],
        [
            [row["kind"], row["subject"], _whole(row["pounds"]), row["direction"], row["working"]]
            for row in rows[:MOST_RISKS]
        ],
    )
    return [of.risks.notes[0], table, *_gaps(of.risks)]


def _notes(of: MonthEnd) -> list[Block]:
    said = dict.fromkeys((*of.whole.said(), *_gaps(of.lines)))
    return [*said, Citations(_SOURCES)]


def _gaps(result: Result) -> Iterable[str]:
    return result.said()[len(result.notes) :]


# --- words


def _goal(of: MonthEnd) -> str:
    """What everything is held against: the budget where there is one, else the plan."""
    return "budget" if of.total["budget"] is not None else "plan"


def _against(value: Decimal, goal: Decimal | None, name: str) -> str:
    if goal is None:
        return ""
    more = value - goal
    if not more:
        return f", exactly its {name}"
    share = f" ({percent(abs(float(more / goal)))})" if goal else ""
    return f", {_short(abs(more))}{share} {'more' if more > 0 else 'less'} than its {name}"


def _of_share(share: float | None) -> str:
    return "" if share is None else f" ({_share(share)})"


def _part(part: Decimal | None, whole: Decimal | None) -> str:
    return _share(float(part / whole)) if part is not None and whole else "–"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:+.1%}".replace("-", "−")


def _short(value: Decimal) -> str:
    return pounds_short(value)


def _plus(value: Decimal) -> str:
    return f"{'+' if value > 0 else ''}{pounds_short(value)}"


def _signed(value: Decimal | None) -> str:
    return "–" if value is None else f"{'+' if value > 0 else ''}{pounds(value)}"


def _whole(value: Decimal | None) -> str:
    """Pounds to the pound: paper is narrow, and the workbook has the pence."""
    return "–" if value is None else f"{value:,.0f}".replace("-", "−")


def _paper_mark() -> str:
    look = 'font: bold 8.5pt "Liberation Sans", Arial, sans-serif; color: #7a3d00; vertical-align: middle;'
    return f'\n@page {{ @top-center {{ content: "{_MARK}"; {look} }} }}\n'
